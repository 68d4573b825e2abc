// `npm run bench:peers`: bundles bench/peers/main.ts and runs it. See bench/README.md.
import path from 'node:path';
import esbuild from 'esbuild';
import { common, moduleBanner } from '../scripts/build.mjs';
import { ensureDependencies, root } from '../scripts/dependencies.mjs';

ensureDependencies();
process.chdir(root);
const { load } = await import('../scripts/load.mjs');

/**
 * A program for a process of its own; packages stay where they are, those of the peers in their own folder. 'shipped': in the form that
 * we ship (`runAlone` says why that matters).
 */
async function bundle(source, form) {
  const shipped = form === 'shipped';
  const name = `${path.basename(source, '.ts')}${shipped ? '.cjs' : '.mjs'}`;
  const outfile = path.join(root, 'out', 'bench', 'programs', name);
  const format = shipped ? {} : { format: 'esm', banner: moduleBanner };
  await esbuild.build({ ...common, entryPoints: [path.join(root, source)], outfile, packages: 'external', ...format });
  return outfile;
}

const { main } = await load('bench/peers/main.ts');
process.exitCode = await main(process.argv.slice(2), bundle);
