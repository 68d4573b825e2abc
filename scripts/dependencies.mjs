// Keeps node_modules equal to package-lock.json, with nothing but Node: every other script may then import what it needs.
// No install script ever runs: the packages here ship what they need, and scripts of strangers do not run on this machine.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** `engines` of package.json says the same. Before 20.11 `import.meta.filename`, which the other scripts use, is undefined. */
const oldestNode = [20, 11];
// So this file itself does without, and gets to say which Node it wants.
const thisFile = fileURLToPath(import.meta.url);

export const root = path.dirname(path.dirname(thisFile));

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** The first package of the lock file in `folder` that node_modules lacks or has in another version; undefined when all are there. */
export function firstMissing(folder) {
  const installed = path.join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return 'node_modules';
  const present = readJson(installed).packages;
  const wanted = Object.entries(readJson(path.join(folder, 'package-lock.json')).packages);
  const missing = wanted.find(
    ([name, entry]) => name !== '' && !entry.optional && !entry.link && present[name]?.version !== entry.version,
  );
  return missing?.[0];
}

/** Runs npm in `folder`, whichever way npm is spelled on this platform. */
export function npm(folder, ...args) {
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--engine-strict=false'];
  const viaNode = process.env.npm_execpath?.endsWith('npm-cli.js') ? process.env.npm_execpath : undefined;
  const options = { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'], env: withoutNpmState() };
  const { status, error } = viaNode
    ? spawnSync(process.execPath, [viaNode, ...args, ...quiet], options)
    : spawnSync('npm', [...args, ...quiet], { ...options, shell: process.platform === 'win32' });
  if (status !== 0) {
    const cause = error?.message ?? `exit code ${status}`;
    throw new Error(`npm ${args.join(' ')} in ${folder}: ${cause}; repair: the same command by hand shows why`);
  }
}

/** A nested npm must not believe that it runs for the outer package. */
function withoutNpmState() {
  const outer = /^npm_(package_|lifecycle_|config_(local_prefix|prefix)$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !outer.test(name)));
}

/** Installs what is missing; silent and immediate when nothing is. */
export function ensureDependencies() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = oldestNode;
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    throw new Error(
      `Node ${process.versions.node}: expected ${oldestNode.join('.')} or newer; repair: install it from nodejs.org`,
    );
  }
  const missing = firstMissing(root);
  if (missing === undefined) return;
  console.log(`Installing packages (${missing} is not as package-lock.json says) ...`);
  npm(root, 'ci');
}

if (thisFile === process.argv[1]) ensureDependencies();
