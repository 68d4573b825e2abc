// `npm run bench:compress`: bundles bench/compress/main.ts and runs it, as what is shipped runs.
import { ensureDependencies } from '../scripts/dependencies.mjs';

ensureDependencies();
const { runAlone } = await import('../scripts/load.mjs');
process.exitCode = await runAlone('bench/compress/main.ts', process.argv.slice(2));
