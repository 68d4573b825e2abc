// Every command, by id. The rows are held equal to the manifest by a test; what they do is the wiring's business.

export interface CommandActions {
  completeHere(): unknown;
  toggle(): unknown;
  toggleLanguage(): unknown;
  chooseModel(): unknown;
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
  'chainrule.restartEngine': 'restartEngine',
  'chainrule.showLog': 'showLog',
  'chainrule.openSettings': 'openSettings',
  'chainrule.showMenu': 'showMenu',
} as const satisfies Record<string, keyof CommandActions>;

export type CommandId = keyof typeof commandRows;
