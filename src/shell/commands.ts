// Every command, by id. The rows are held equal to the manifest by a test; what they do is the wiring's business.

export interface CommandActions {
  completeHere(): unknown;
  toggle(): unknown;
  toggleLanguage(): unknown;
  chooseModel(): unknown;
  trainCharRnn(): unknown;
  trainPixelCnn(): unknown;
  trainModel(): unknown;
  showTraining(): unknown;
  pauseTraining(): unknown;
  resumeTraining(): unknown;
  stopTraining(): unknown;
  discardTraining(): unknown;
  sampleModel(): unknown;
  manageModels(): unknown;
  showLikelihood(): unknown;
  chooseLikelihoodModel(): unknown;
  openLikelihoodView(): unknown;
  likelihoodOfWorkspace(): unknown;
  bitsOfChange(): unknown;
  /** `target`: the file that a menu is of. */
  openImageLikelihood(target?: unknown): unknown;
  explainSuggestion(): unknown;
  restartEngine(): unknown;
  showLog(): unknown;
  openSettings(): unknown;
  showMenu(): unknown;
}

export const commandRows = {
  'chainrule.completeHere': 'completeHere',
  'chainrule.toggle': 'toggle',
  'chainrule.toggleLanguage': 'toggleLanguage',
  'chainrule.chooseModel': 'chooseModel',
  'chainrule.trainCharRnn': 'trainCharRnn',
  'chainrule.trainPixelCnn': 'trainPixelCnn',
  'chainrule.trainModel': 'trainModel',
  'chainrule.showTraining': 'showTraining',
  'chainrule.pauseTraining': 'pauseTraining',
  'chainrule.resumeTraining': 'resumeTraining',
  'chainrule.stopTraining': 'stopTraining',
  'chainrule.discardTraining': 'discardTraining',
  'chainrule.sampleModel': 'sampleModel',
  'chainrule.manageModels': 'manageModels',
  'chainrule.showLikelihood': 'showLikelihood',
  'chainrule.chooseLikelihoodModel': 'chooseLikelihoodModel',
  'chainrule.openLikelihoodView': 'openLikelihoodView',
  'chainrule.likelihoodOfWorkspace': 'likelihoodOfWorkspace',
  'chainrule.bitsOfChange': 'bitsOfChange',
  'chainrule.openImageLikelihood': 'openImageLikelihood',
  'chainrule.openImageLikelihoodHere': 'openImageLikelihood',
  'chainrule.explainSuggestion': 'explainSuggestion',
  'chainrule.restartEngine': 'restartEngine',
  'chainrule.showLog': 'showLog',
  'chainrule.openSettings': 'openSettings',
  'chainrule.showMenu': 'showMenu',
} as const satisfies Record<string, keyof CommandActions>;

export type CommandId = keyof typeof commandRows;
