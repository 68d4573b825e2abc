// What the editor calls the views, the custom editor and the tool of likelihoods. What it keeps of views over a reload comes back under these names.
export const likelihoodViewType = 'chainrule.likelihood';
export const workspaceViewType = 'chainrule.workspaceLikelihood';
export const changeViewType = 'chainrule.bitsOfChange';
export const imageViewType = 'chainrule.imageLikelihood';
export const agentToolName = 'chainrule_likelihood';
