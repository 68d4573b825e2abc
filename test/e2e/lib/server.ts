// Runs the editor's server: a real VS Code whose window is a page. It listens on this machine only, at a port that the system
// chooses, with a private home, and asks no gallery, update service or telemetry.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import path from 'node:path';
import { eventually } from './eventually.ts';
import { editorInstallation } from './installation.ts';
import { killAllAtHome, processesAtHome } from './processes.ts';
import type { Sandbox } from './sandbox.ts';

const startWithinMs = 60_000;
const noGallery = JSON.stringify({ serviceUrl: '', itemUrl: '', resourceUrlTemplate: '' });

export interface ServerOptions {
  /** An extension to run from its folder, without installing it. */
  readonly developed?: string;
  /** A mocha entry to run inside the extension host. */
  readonly suite?: string;
  /** Further variables for the server, its extension hosts and their children. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly port?: number;
}

export interface EditorServer {
  /** Such as http://127.0.0.1:40123 */
  readonly address: string;
  readonly pid: number;
  /** Settled when the server's process has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** What it wrote to its standard streams. */
  log(): string;
  /** The address of a window on a folder. */
  windowAddress(folder: string, file?: string): string;
  /** Asks it to end, waits until no process of it is left, and returns those that had to be killed. */
  stop(): Promise<string[]>;
}

/** Without what an outer editor or a test runner would hand down. */
export function editorEnvironment(sandbox: Sandbox, more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const inherited = /^(VSCODE_|CODE_SERVER|ELECTRON_|NODE_OPTIONS$|NODE_TEST_CONTEXT$|NODE_V8_COVERAGE$|npm_)/;
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !inherited.test(name)));
  return { ...clean, HOME: sandbox.home, EXTENSIONS_GALLERY: noGallery, DO_NOT_TRACK: '1', ...more };
}

function commandLine(sandbox: Sandbox): string[] {
  return [
    editorInstallation().entry,
    ...['--config', sandbox.serverConfig],
    ...['--user-data-dir', sandbox.profile],
    ...['--extensions-dir', sandbox.extensions],
  ];
}

/** Installs a VSIX into the sandbox's extensions. */
export function installExtension(sandbox: Sandbox, vsix: string): void {
  const { node } = editorInstallation();
  const environment = editorEnvironment(sandbox);
  execFileSync(node, [...commandLine(sandbox), '--install-extension', vsix], { env: environment, stdio: 'pipe' });
}

export async function startServer(sandbox: Sandbox, options: ServerOptions = {}): Promise<EditorServer> {
  const { node } = editorInstallation();
  const switches = ['telemetry', 'update-check', 'workspace-trust', 'getting-started-override', 'proxy'];
  const child = spawn(
    node,
    [
      ...commandLine(sandbox),
      ...['--bind-addr', `127.0.0.1:${options.port ?? 0}`, '--auth', 'none'],
      ...switches.map((name) => `--disable-${name}`),
      // Without the test driver the editor ignores a suite in the window's address.
      ...(options.suite === undefined ? [] : ['--vscode-option', 'enable-smoke-test-driver']),
    ],
    // A process group of its own: Ctrl+C in a terminal reaches it through `stop` only.
    { env: editorEnvironment(sandbox, options.environment), stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  const address = await listening(child, () => log);
  return {
    address,
    pid: child.pid ?? 0,
    ended,
    log: () => log,
    windowAddress: (folder, file) => windowAddress(address, options, folder, file),
    stop: () => stop(child, sandbox),
  };
}

async function listening(child: ChildProcess, log: () => string): Promise<string> {
  return eventually(
    'the editor server listens',
    () => {
      const address = /HTTP server listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(log())?.[1];
      if (address === undefined && child.exitCode !== null)
        throw new Error(`it ended with ${child.exitCode}: ${log()}`);
      return address;
    },
    { timeoutMs: startWithinMs },
  );
}

function windowAddress(address: string, { developed, suite }: ServerOptions, folder: string, file?: string): string {
  const remote = (local: string) => `vscode-remote://${new URL(address).host}${path.resolve(local)}`;
  const payload = [
    ...(developed === undefined ? [] : [['extensionDevelopmentPath', remote(developed)]]),
    ...(suite === undefined ? [] : [['extensionTestsPath', remote(suite)]]),
    ...(file === undefined ? [] : [['openFile', remote(path.join(folder, file))]]),
  ];
  const query = new URLSearchParams({ folder: path.resolve(folder) });
  if (payload.length > 0) query.set('payload', JSON.stringify(payload));
  return `${address}/?${query}`;
}

async function stop(child: ChildProcess, sandbox: Sandbox): Promise<string[]> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  try {
    await eventually('the editor ends', () => processesAtHome(sandbox.home).length === 0, { timeoutMs: 10_000 });
    return [];
  } catch {
    return killAllAtHome(sandbox.home).map(({ pid, command }) => `${pid} ${command}`);
  }
}
