// Lets a script import a TypeScript module: it is bundled into out/, with packages left where they are, and imported from there.
// (Node 20 does not strip types.)
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
