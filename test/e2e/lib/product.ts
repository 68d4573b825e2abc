// The product's names as they are seen from outside; the suites know no other.
export const extensionId = 'chainrule.chainrule';
export const statusItemId = 'chainrule.status';

/** Titles in the palette. */
export const commands = {
  completeHere: 'Chainrule: Complete Here',
  toggle: 'Chainrule: Enable or Disable Completions',
  toggleLanguage: 'Chainrule: Enable or Disable Completions for This Language',
  restartEngine: 'Chainrule: Restart Engine',
  showLog: 'Chainrule: Show Log',
  chooseModel: 'Chainrule: Choose Model...',
  trainCharRnn: 'Chainrule: Train CharRNN on Workspace',
  trainPixelCnn: 'Chainrule: Train PixelCNN on Workspace Images',
  showTraining: 'Chainrule: Show Training',
  sampleModel: 'Chainrule: Sample from Model...',
  openImageLikelihood: 'Chainrule: Open Image Likelihood...',
  explainSuggestion: 'Chainrule: Explain the Present Suggestion',
  manageModels: 'Chainrule: Manage Models...',
  likelihoodOfWorkspace: 'Chainrule: Likelihood of Workspace',
  bitsOfChange: 'Chainrule: Bits of This Change',
  showLikelihood: 'Chainrule: Show or Hide Likelihood',
  chooseLikelihoodModel: 'Chainrule: Choose Model for Likelihood...',
  openLikelihoodView: 'Chainrule: Open Likelihood View',
} as const;
