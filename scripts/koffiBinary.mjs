// The one file of koffi that a platform needs. npm installs the package of this machine's platform; those of others are fetched when a
// package is made for them, and held against package-lock.json.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { npm, root } from './dependencies.mjs';

/** Where the file lies below node_modules, for `target`. */
export function koffiPath(target) {
  return path.join('@koromix', `koffi-${target}`, target.replace('-', '_'), 'koffi.node');
}

/** The file for `target`; fetched if it must be. */
export function koffiFile(target) {
  const installed = path.join(root, 'node_modules', koffiPath(target));
  return existsSync(installed) ? installed : fetched(target);
}

function fetched(target) {
  const name = `@koromix/koffi-${target}`;
  const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
  const { version, integrity } = packages[`node_modules/${name}`] ?? {};
  if (!version) throw new Error(`package: package-lock.json has no ${name}; repair: npm install koffi --save-exact`);
  const folder = path.join(root, 'out', 'koffi', `${target}-${version}`);
  const archive = path.join(folder, `koromix-koffi-${target}-${version}.tgz`);
  const file = path.join(folder, 'package', target.replace('-', '_'), 'koffi.node');
  mkdirSync(folder, { recursive: true });
  if (!existsSync(archive)) npm(folder, 'pack', `${name}@${version}`);
  checkIntegrity(archive, integrity);
  const { status } = spawnSync('tar', ['-xzf', path.basename(archive)], { cwd: folder, stdio: 'inherit' });
  if (status !== 0 || !existsSync(file)) throw new Error(`package: ${archive} holds no ${path.relative(folder, file)}`);
  return file;
}

/** @throws Error unless the file is the one that the lock file names. */
export function checkIntegrity(file, integrity) {
  const found = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
  if (found === integrity) return;
  throw new Error(`package: ${file}: expected ${integrity}, got ${found}; repair: delete it, and package again`);
}
