// The editor's themes, one of each kind, chosen as a person does: what is written to the settings file meanwhile may not reach an open window.
import type { Workbench } from './workbench.ts';

/** As the list of themes calls them, and the class that the window then has. */
const looks = {
  light: ['Light Modern', 'vs'],
  dark: ['Dark Modern', 'vs-dark'],
  contrastDark: ['Dark High Contrast', 'hc-black'],
  contrastLight: ['Light High Contrast', 'hc-light'],
} as const;

export type Theme = keyof typeof looks;
export const themes = Object.keys(looks) as readonly Theme[];

export async function useTheme(workbench: Workbench, theme: Theme): Promise<void> {
  const [label, kind] = looks[theme];
  await workbench.command('Preferences: Color Theme');
  await workbench.page.locator('.quick-input-widget input.input').fill(label);
  await workbench.pick(label);
  await workbench.page.locator(`.monaco-workbench.${kind}`).waitFor();
}
