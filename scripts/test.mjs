// Bundles test files and runs them with node:test. `node scripts/test.mjs [path...]`: all but the editor suites, or those below the paths.
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import esbuild from 'esbuild';
import { common } from './build.mjs';

const roots = process.argv.slice(2);
const files = (roots.length ? roots : ['test']).flatMap((root) =>
  statSync(root).isFile()
    ? [root]
    : readdirSync(root, { recursive: true })
        .filter((name) => name.endsWith('.test.ts'))
        .map((name) => path.join(root, name)),
);
const selected = files.filter((file) => roots.length > 0 || !file.startsWith(path.join('test', 'e2e'))).sort();
const outdir = `out/test-${process.pid}`;
try {
  await esbuild.build({
    ...common,
    external: [...common.external, '@huggingface/tokenizers', 'fast-check'],
    entryPoints: selected,
    outdir,
    outbase: '.',
    sourcemap: 'inline',
    format: 'esm',
    splitting: true,
    outExtension: { '.js': '.mjs' },
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
  const built = selected.map((file) => path.join(outdir, file.replace(/\.ts$/, '.mjs')));
  const { status } = spawnSync(process.execPath, ['--enable-source-maps', '--test', '--test-concurrency=2', ...built], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(outdir, { recursive: true, force: true });
}
