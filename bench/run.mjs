// `npm run bench`: bundles bench/main.ts and runs it. See bench/README.md.
import { ensureDependencies, root } from '../scripts/dependencies.mjs';

async function run() {
  ensureDependencies();
  process.chdir(root);
  const { load } = await import('../scripts/load.mjs');
  const { main } = await load('bench/main.ts');
  return main(process.argv.slice(2), {
    makePackage: async (options) => (await import('../scripts/package.mjs')).makePackage(options),
    ensureEditorAndBrowser: async () => (await import('../scripts/editor.mjs')).ensureEditorAndBrowser(),
  });
}

try {
  process.exitCode = await run();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
