// A page of a webview alone in the browser, as it is built, with the HTML and the policy that the extension gives it: the test is
// its shell. No editor is needed for that.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { webviewPage } from '../../../src/shell/webviewPage.ts';
import { eventually } from './eventually.ts';

const origin = 'http://127.0.0.1:9'; // Nothing listens there; every request is answered below.
const colors = {
  dark: { background: '#1f1f1f', foreground: '#cccccc', button: '#0078d4' },
  light: { background: '#ffffff', foreground: '#3b3b3b', button: '#005fb8' },
} as const;

export interface ViewPage {
  readonly page: Page;
  /** What the page asked of its shell. */
  sent(): Promise<unknown[]>;
  tell(...messages: object[]): Promise<void>;
  /** Refused by the policy, thrown, or complained about. */
  readonly problems: string[];
}

/** `folder`: where the pages lie; left out, in the extension as it is installed for the suites. */
export async function openViewPage(
  page: Page,
  name: string,
  theme: 'light' | 'dark',
  folder?: string,
): Promise<ViewPage> {
  const problems: string[] = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(String(error)));
  const files = folder ?? (await installedPages());
  const html = webviewPage({
    title: 'View',
    script: `${origin}/${name}.js`,
    style: `${origin}/view.css`,
    source: origin,
  });
  await page.route('**/*', (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/') return route.fulfill({ contentType: 'text/html', body: html });
    const contentType = pathname.endsWith('.css') ? 'text/css' : 'text/javascript';
    const body = readFileSync(path.join(files, path.basename(pathname)), 'utf8');
    return route.fulfill({ contentType, body: pathname.endsWith('.css') ? `${themeRules(theme)}${body}` : body });
  });
  await page.addInitScript(() => {
    const sent: unknown[] = [];
    const postMessage = (message: unknown) => sent.push(message);
    let state: unknown;
    const getState = () => state;
    const setState = (next: unknown) => {
      state = next;
    };
    Object.assign(globalThis, { sent, acquireVsCodeApi: () => ({ postMessage, getState, setState }) });
  });
  await page.goto(`${origin}/`);
  const sent = () => page.evaluate<unknown[]>('globalThis.sent');
  await eventually('the page is ready', async () => JSON.stringify(await sent()).includes('ready'));
  return {
    page,
    problems,
    sent,
    async tell(...messages) {
      for (const message of messages) await page.evaluate(`window.postMessage(${JSON.stringify(message)}, '*')`);
    },
  };
}

/** Only the suites have an installed extension. */
async function installedPages(): Promise<string> {
  const { installedExtension } = await import('./fixture.ts');
  return path.join(installedExtension(), 'dist', 'webview');
}

function themeRules(theme: 'light' | 'dark'): string {
  const { background, foreground, button } = colors[theme];
  return `:root { color-scheme: ${theme}; --vscode-editor-background: ${background}; --vscode-foreground: ${foreground};
    --vscode-button-background: ${button}; --vscode-button-foreground: #fff; --vscode-descriptionForeground: ${foreground};
    --vscode-charts-blue: #3794ff; --vscode-charts-foreground: ${foreground}; --vscode-charts-orange: #d18616;
    --vscode-font-size: 13px; }\n`;
}
