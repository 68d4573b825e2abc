// A headless Chromium that reaches this machine only, and remembers every other host that a page asked for.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { ensureBrowser } from './installation.ts';
import type { Sandbox } from './sandbox.ts';

const offline = '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost';
const switches = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-dev-shm-usage',
  '--disable-domain-reliability',
  '--disable-gpu',
  '--disable-sync',
  '--no-default-browser-check',
  '--no-first-run',
  offline,
];
const ownHosts = new Set(['127.0.0.1', 'localhost', '']);
/** What a webview loads has such an address, and a service worker of the editor's page answers it; no such host is resolved here. */
const webviewHosts = /\.vscode-resource\.vscode-cdn\.net$/;

export interface TestBrowser {
  /** A page of its own session, that is, a window of the editor that shares nothing with the others. */
  newPage(): Promise<Page>;
  /** Hosts other than this machine that any page asked for. */
  outsideRequests(): string[];
  /** The last lines that the pages wrote to their consoles. */
  console(): string;
  close(): Promise<void>;
}

export interface BrowserOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
  /** Device pixels per pixel: 2 for pictures. */
  readonly scale?: number;
}

export async function launchBrowser(sandbox: Sandbox, options: BrowserOptions = {}): Promise<TestBrowser> {
  const { width = 1280, height = 800, colorScheme = 'dark', scale = 1 } = options;
  const browserHome = path.join(sandbox.folder, 'browser');
  mkdirSync(browserHome, { recursive: true });
  const asRoot = process.getuid?.() === 0; // Chromium's own sandbox refuses root.
  const browser: Browser = await chromium.launch({
    executablePath: ensureBrowser(),
    args: asRoot ? [...switches, '--no-sandbox'] : switches,
    env: { ...definedEnvironment(), HOME: browserHome },
  });
  const outside = new Set<string>();
  const written: string[] = [];
  return {
    async newPage() {
      const viewport = { width, height };
      const context = await browser.newContext({ viewport, colorScheme, deviceScaleFactor: scale });
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      const page = await context.newPage();
      page.on('request', (request) => {
        const url = new URL(request.url());
        if (!ownHosts.has(url.hostname) && !webviewHosts.test(url.hostname))
          outside.add(`${url.protocol}//${url.hostname}`);
      });
      page.on('console', (message) => written.push(`[${message.type()}] ${message.text()}`));
      page.on('pageerror', (error) => written.push(`[page error] ${error}`));
      return page;
    },
    outsideRequests: () => [...outside],
    console: () => written.slice(-200).join('\n'),
    close: () => browser.close(),
  };
}

function definedEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
