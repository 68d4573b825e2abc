// Lets a script import a TypeScript module: it is bundled into out/, with packages left where they are, and imported from there.
// (Node 20 does not strip types.)
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import esbuild from 'esbuild';
import { common, moduleBanner } from './build.mjs';
import { root } from './dependencies.mjs';

export async function load(source) {
  const folder = path.join(root, 'out', `load-${process.pid}`);
  const outfile = path.join(folder, `${path.basename(source, '.ts')}.mjs`);
  mkdirSync(folder, { recursive: true });
  try {
    await esbuild.build({
      ...common,
      entryPoints: [path.join(root, source)],
      outfile,
      packages: 'external',
      format: 'esm',
      banner: moduleBanner,
      sourcemap: 'inline',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs a TypeScript source as what is shipped runs: a CommonJS bundle in a process of its own. Only there is the native runtime opened before
 * anything takes a thread of Node's pool, which is what modules are read with (openNativeRuntime says why that matters). Returns its
 * exit status.
 */
export async function runAlone(source, args) {
  const outfile = path.join(root, 'out', `alone-${process.pid}`, `${path.basename(source, '.ts')}.js`);
  try {
    await esbuild.build({ ...common, entryPoints: [path.join(root, source)], outfile, packages: 'external' });
    return spawnSync(process.execPath, [outfile, ...args], { stdio: 'inherit' }).status ?? 1;
  } finally {
    rmSync(path.dirname(outfile), { recursive: true, force: true });
  }
}
