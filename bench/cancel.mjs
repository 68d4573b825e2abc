// `npm run bench:cancel`: builds dist/, bundles bench/soak/cancel.ts and runs it.
import { ensureDependencies } from '../scripts/dependencies.mjs';

ensureDependencies();
const { build } = await import('../scripts/build.mjs');
await build();
const { load } = await import('../scripts/load.mjs');
const { main } = await load('bench/soak/cancel.ts');
process.exitCode = await main(process.argv.slice(2));
