// The views of a workspace's likelihood and of a change's bits, as the editor knows them: what it keeps of them over a reload comes back
// under these names.
export const workspaceViewType = 'chainrule.workspaceLikelihood';
export const changeViewType = 'chainrule.bitsOfChange';
