// Where the editor and the browser are, and how they get there. The npm package code-server is a real VS Code; the Node it
// needs is an npm package too. So a machine that reaches a package registry has an editor, whatever else it may not download.
//
//   .vscode-host/package-lock.json     a copy of test/e2e/vscode-host: what is pinned
//   .vscode-host/node_modules/         code-server, its editor under lib/vscode, and Node
//   .vscode-host/ready                 the hash of what is pinned; written last
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const root = process.cwd();
export const hostFolder = path.join(root, '.vscode-host');
const pinned = path.join(root, 'test', 'e2e', 'vscode-host');
const readyFile = path.join(hostFolder, 'ready');

export interface EditorInstallation {
  /** The Node that runs the editor's server and its extension host. */
  readonly node: string;
  /** The server's entry, a script for that Node. */
  readonly entry: string;
}

/** The installed editor. @throws Error with the command that installs it. */
export function editorInstallation(): EditorInstallation {
  if (!isReady()) throw new Error(`no editor in ${hostFolder}; repair: node scripts/editor.mjs`);
  return located();
}

function located(): EditorInstallation {
  const modules = path.join(hostFolder, 'node_modules');
  const ownNode = path.join(modules, `node-${process.platform}-${process.arch}`, 'bin', 'node');
  return { node: ownNode, entry: path.join(modules, 'code-server', 'out', 'node', 'entry.js') };
}

function isReady(): boolean {
  return existsSync(readyFile) && readFileSync(readyFile, 'utf8') === wantedInstallation();
}

function wantedInstallation(): string {
  const sources = ['package-lock.json', 'fileLogger.cjs'].map((name) => readFileSync(path.join(pinned, name)));
  return createHash('sha256').update(Buffer.concat(sources)).digest('hex');
}

export type Npm = (folder: string, ...args: string[]) => void;

/** Installs the pinned editor unless it is there. No install script runs, so no compiler is needed. */
export function ensureEditor(npm: Npm): EditorInstallation {
  if (!isReady()) install(npm);
  return located();
}

function install(npm: Npm): void {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
    throw new Error(
      `the editor from npm runs on Linux, not on ${process.platform}-${process.arch}; repair: for npm start install VS Code with its 'code' command, for the suites use Linux (npm run test:fast needs no editor)`,
    );
  }
  console.log(`Installing VS Code from npm into ${hostFolder} (once, about half a minute) ...`);
  rmSync(hostFolder, { recursive: true, force: true });
  mkdirSync(hostFolder, { recursive: true });
  for (const name of ['package.json', 'package-lock.json'])
    copyFileSync(path.join(pinned, name), path.join(hostFolder, name));

  const editor = path.join(hostFolder, 'node_modules', 'code-server', 'lib', 'vscode');
  npm(hostFolder, 'ci');
  // Its own lock files: the first lacks two peer dependencies, which plain `npm ci` refuses.
  npm(editor, 'ci', '--omit=dev', '--legacy-peer-deps');
  npm(path.join(editor, 'extensions'), 'ci', '--omit=dev');
  // Native and not compiled: a stand-in, or there would be no logs.
  const logWriter = path.join(editor, 'node_modules', '@vscode', 'spdlog', 'index.js');
  copyFileSync(path.join(pinned, 'fileLogger.cjs'), logWriter);
  for (const unused of ['@github', 'node-pty/prebuilds/win32-x64', 'node-pty/prebuilds/win32-arm64']) {
    rmSync(path.join(editor, 'node_modules', unused), { recursive: true, force: true });
  }

  const { node, entry } = located();
  const version = execFileSync(node, [entry, '--version'], {
    encoding: 'utf8',
    env: { ...process.env, HOME: hostFolder },
  });
  console.log(`VS Code is ready: ${version.trim().split('\n').at(-1)}`);
  writeFileSync(readyFile, wantedInstallation());
}

const browserNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];

/** A Chromium on this machine: CHROMIUM if set, else the first known name on the PATH. */
export function findBrowser(): string | undefined {
  const given = process.env['CHROMIUM'];
  if (given !== undefined && given !== '') {
    if (!existsSync(given)) throw new Error(`CHROMIUM=${given} does not exist; repair: unset it or name a Chromium`);
    return given;
  }
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter(Boolean);
  return browserNames
    .flatMap((name) => folders.map((folder) => path.join(folder, name)))
    .find((file) => existsSync(file));
}

/** Finds a Chromium, or installs Debian's where that is permitted. @throws Error that says what to install. */
export function ensureBrowser(): string {
  const found = findBrowser();
  if (found !== undefined) return found;
  const install = 'apt-get update && apt-get install -y --no-install-recommends chromium';
  const repair = `no Chromium found; repair: ${install} (as root), or set CHROMIUM to the path of a Chromium or Chrome`;
  const permitted = process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0;
  if (!permitted) throw new Error(repair);
  console.log('Installing Chromium (once) ...');
  const { status } = spawnSync('sh', ['-c', `(${install}) >&2`], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const installed = findBrowser();
  if (status !== 0 || installed === undefined) throw new Error(repair);
  return installed;
}
