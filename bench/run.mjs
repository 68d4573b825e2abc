// `npm run bench`: bundles bench/main.ts and runs it. See bench/README.md.
import { spawnSync } from 'node:child_process';
import { ensureDependencies, root } from '../scripts/dependencies.mjs';

/** In a process of its own, since npm writes to stdout, which is for the figures. */
function ensureEditorAndBrowser() {
  const { status } = spawnSync(process.execPath, ['scripts/editor.mjs'], { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('bench: no editor or no browser; repair: see above, then node scripts/editor.mjs');
}

async function run() {
  ensureDependencies();
  process.chdir(root);
  const { load } = await import('../scripts/load.mjs');
  const { main } = await load('bench/main.ts');
  return main(process.argv.slice(2), {
    makePackage: async (options) => (await import('../scripts/package.mjs')).makePackage(options),
    ensureEditorAndBrowser,
  });
}

try {
  process.exitCode = await run();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
