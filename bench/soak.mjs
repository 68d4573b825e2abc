// `npm run bench:soak`: builds dist/, bundles bench/soak/soak.ts and runs it.
import { ensureDependencies } from '../scripts/dependencies.mjs';

ensureDependencies();
const { build } = await import('../scripts/build.mjs');
await build();
const { load } = await import('../scripts/load.mjs');
const { main } = await load('bench/soak/soak.ts');
process.exitCode = await main(process.argv.slice(2));
