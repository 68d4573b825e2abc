// `npm run bench:learn`: bundles bench/learn/main.ts and runs it.
import { ensureDependencies } from '../scripts/dependencies.mjs';

ensureDependencies();
const { load } = await import('../scripts/load.mjs');
const { main } = await load('bench/learn/main.ts');
process.exitCode = await main(process.argv.slice(2));
