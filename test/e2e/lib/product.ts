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
} as const;
