// `npm run bench:export`: bundles bench/export/main.ts and runs it. See bench/README.md.
import path from 'node:path';
import esbuild from 'esbuild';
import { common, moduleBanner } from '../scripts/build.mjs';
import { ensureDependencies, root } from '../scripts/dependencies.mjs';

ensureDependencies();
process.chdir(root);
const { load } = await import('../scripts/load.mjs');

/** The peer's program runs in a process of its own and imports its packages by itself. */
async function bundle(source) {
  const outfile = path.join(root, 'out', 'bench', 'programs', `${path.basename(source, '.ts')}.mjs`);
  const entryPoints = [path.join(root, source)];
  await esbuild.build({ ...common, entryPoints, outfile, packages: 'external', format: 'esm', banner: moduleBanner });
  return outfile;
}

const { main } = await load('bench/export/main.ts');
process.exitCode = await main(process.argv.slice(2), bundle);
