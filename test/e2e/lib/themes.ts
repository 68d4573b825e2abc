// The editor's themes, one of each kind, chosen as a person does: what is written to the settings file meanwhile may not reach an open window.
import type { Locator } from 'playwright-core';
import { eventually } from './eventually.ts';
import type { Workbench } from './workbench.ts';

/** As the list of themes calls them, the class that the window then has, and what the editor tells its pages. */
const looks = {
  light: ['Light Modern', 'vs', 'vscode-light'],
  dark: ['Dark Modern', 'vs-dark', 'vscode-dark'],
  contrastDark: ['Dark High Contrast', 'hc-black', 'vscode-high-contrast'],
  contrastLight: ['Light High Contrast', 'hc-light', 'vscode-high-contrast-light'],
} as const;

export type Theme = keyof typeof looks;
export const themes = Object.keys(looks) as readonly Theme[];

/** `page`, of a view, is waited for too. */
export async function useTheme(workbench: Workbench, theme: Theme, page?: Locator): Promise<void> {
  const [label, kind, pageKind] = looks[theme];
  await workbench.command('Preferences: Color Theme');
  await workbench.page.locator('.quick-input-widget input.input').fill(label);
  await workbench.pick(label);
  await workbench.page.locator(`.monaco-workbench.${kind}`).waitFor();
  if (page === undefined) return;
  const told = () => page.evaluate(({ ownerDocument }) => ownerDocument.body.dataset['vscodeThemeKind']);
  await eventually(`the page is in ${label}`, async () => (await told()) === pageKind);
}
