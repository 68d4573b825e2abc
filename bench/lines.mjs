// `npm run bench:lines`: bundles bench/lines/main.ts and runs it.
import { ensureDependencies } from '../scripts/dependencies.mjs';

ensureDependencies();
const { load } = await import('../scripts/load.mjs');
const { main } = await load('bench/lines/main.ts');
process.exitCode = await main(process.argv.slice(2));
