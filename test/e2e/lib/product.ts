// The product's names as they are seen from outside; the suites know no other.
export const extensionId = 'chainrule.chainrule';
export const statusItem = 'chainrule.status';
