// `npm run bench:model`: bundles bench/model/process.ts and runs it. See bench/README.md.
import { ensureDependencies, root } from '../scripts/dependencies.mjs';

try {
  ensureDependencies();
  process.chdir(root);
  const { runAlone } = await import('../scripts/load.mjs');
  process.exitCode = await runAlone('bench/model/process.ts', process.argv.slice(2));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
