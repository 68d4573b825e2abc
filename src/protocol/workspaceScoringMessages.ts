// The scorer's rows for folders and changes: bits per byte of files, hunk by hunk of a change.

export const workspaceScoring = {
  toScorer: {},
  fromScorer: {},
};
