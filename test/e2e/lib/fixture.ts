// One editor for the tests of one file: server, browser and window, with the extension installed from its VSIX. At the end it
// is proven that nothing asked for another host and that nothing is left running.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { askProbe, type ProbeAnswer } from '../../../bench/probe/client.ts';
import { launchBrowser, type TestBrowser } from './browser.ts';
import { eventually } from './eventually.ts';
import { root } from './installation.ts';
import { enginesAtHome, killAllAtHome, outsideConnections } from './processes.ts';
import { extensionId } from './product.ts';
import { createSandbox, literalTyping, type Sandbox, type Settings } from './sandbox.ts';
import { type EditorServer, type ServerOptions, startServer } from './server.ts';
import { Workbench } from './workbench.ts';

const endSignals = ['SIGINT', 'SIGTERM'] as const;
const interrupted = 130;

/** What scripts/e2e.mjs prepares before it runs the suites. */
function preparedAt(variable: string): string {
  return process.env[variable] ?? assert.fail(`${variable} is not set; repair: npm run test:e2e -- <this file>`);
}

export const prepared = {
  vsix: preparedAt('CHAINRULE_E2E_VSIX'),
  /** With the VSIX installed. */
  extensions: preparedAt('CHAINRULE_E2E_EXTENSIONS'),
  model: preparedAt('CHAINRULE_E2E_MODEL'),
  /** Stands in for the `code` executable. */
  shim: path.join(root, 'out', 'e2e', 'codeShim.mjs'),
  /** Runs inside the extension host. */
  suite: path.join(root, 'out', 'e2e', 'suite', 'index.cjs'),
};

/** The folder that the VSIX became. */
export function installedExtension(): string {
  const found = readdirSync(prepared.extensions).find((name) => name.startsWith(`${extensionId}-`));
  assert.ok(found, `${extensionId} is not in ${prepared.extensions}`);
  return path.join(prepared.extensions, found);
}

export const suiteSettings: Settings = {
  ...literalTyping,
  'chainrule.model.path': prepared.model,
  'chainrule.engine.threads': 1,
  'chainrule.engine.runtime': process.env['CHAINRULE_E2E_RUNTIME'] ?? 'auto',
};

export interface EditorOptions extends ServerOptions {
  /** Beside the quiet ones and literal typing. */
  readonly settings?: Settings;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** The file to open; default: the first of `files`. */
  readonly open?: string;
  /** Also runs the benchmark's probe inside the extension host. */
  readonly probed?: boolean;
}

export interface Editor {
  readonly sandbox: Sandbox;
  /** All settings it was opened with. */
  readonly settings: Settings;
  readonly server: EditorServer;
  readonly browser: TestBrowser;
  readonly workbench: Workbench;
  /** A second window on the same folder. */
  anotherWindow(file: string): Promise<Workbench>;
  /** Waits until the status bar of a window says that the model is loaded. */
  ready(window?: Workbench): Promise<void>;
  /** The engine processes that run now. */
  engines(): number[];
  /** The one engine process. */
  engine(): Promise<number>;
  /** What happened in the extension host since this was asked before; `probed` only. */
  extensionHost(): Promise<ProbeAnswer>;
  /** Runs one test; when it fails, a picture, the consoles and the server's log are kept under out/e2e. */
  test(name: string, body: () => Promise<void>): Promise<void>;
}

/** The editor lives as long as the test `t`, and must end with it, leaving nothing behind. */
export async function openEditor(t: TestContext, options: EditorOptions = {}): Promise<Editor> {
  const { files = {}, probed = false } = options;
  const settings = { ...suiteSettings, ...options.settings };
  const sandbox = createSandbox({ settings, ...(probed ? {} : { extensions: prepared.extensions }) });
  const probeSocket = path.join(sandbox.folder, 'probe.sock');
  if (probed) {
    symlinkSync(installedExtension(), path.join(sandbox.extensions, path.basename(installedExtension())));
    symlinkSync(path.join(root, 'bench', 'probe'), path.join(sandbox.extensions, 'chainrule.bench-probe-0.0.0'));
  }
  for (const [name, contents] of Object.entries(files)) sandbox.write(name, contents);
  const environment = { ...options.environment, ...(probed && { CHAINRULE_BENCH_SOCKET: probeSocket }) };
  const server = await startServer(sandbox, { ...options, environment });
  const browser = await launchBrowser(sandbox);
  const open = options.open ?? Object.keys(files)[0];
  const windows: Workbench[] = [];

  const openWindow = async (file: string | undefined) => {
    const window = new Workbench(await browser.newPage());
    windows.push(window);
    await window.page.goto(server.windowAddress(sandbox.workspace, file));
    await window.isUp({ withEditor: file !== undefined });
    if (file !== undefined) await window.focusEnd();
    return window;
  };
  const keepEvidence = async (name: string) => {
    const folder = path.join(root, 'out', 'e2e');
    mkdirSync(folder, { recursive: true });
    for (const [index, window] of windows.entries()) await window.screenshot(`${name}-${index}`).catch(() => '');
    writeFileSync(
      path.join(folder, `${name.replace(/[^\w-]+/g, '-')}.log`),
      `${server.log()}\n--- pages\n${browser.console()}\n`,
    );
  };
  // Interrupted, or out of time: nothing may be left running then either.
  const endAtOnce = () => {
    killAllAtHome(sandbox.home);
    sandbox.remove();
    process.exit(interrupted);
  };
  for (const signal of endSignals) process.once(signal, endAtOnce);
  t.after(async () => {
    for (const signal of endSignals) process.off(signal, endAtOnce);
    const connections = outsideConnections(sandbox.home);
    const requests = browser.outsideRequests();
    await browser.close();
    const killed = await server.stop();
    sandbox.remove();
    assert.deepEqual(requests, [], 'the pages asked this machine only');
    assert.deepEqual(connections, [], 'the processes talked to this machine only');
    assert.deepEqual(killed, [], 'everything ended when the editor did');
  });
  const workbench = await openWindow(open);
  const engines = () => enginesAtHome(sandbox.home).map(({ pid }) => pid);
  return {
    sandbox,
    settings,
    server,
    browser,
    workbench,
    anotherWindow: openWindow,
    async ready(window = workbench) {
      await eventually('the model is loaded', async () => /: ready: ./.test(await window.status()));
    },
    engines,
    engine: () => eventually('one engine runs', () => (engines().length === 1 ? engines()[0] : false)),
    extensionHost: () => askProbe(probeSocket),
    async test(name, body) {
      await t.test(name, async () => {
        try {
          await body();
        } catch (error) {
          await keepEvidence(name);
          // A dialog or list that was left open must not fail the tests that follow.
          for (const window of windows) await window.press('Escape').catch(() => undefined);
          throw error;
        }
      });
    },
  };
}
