// Bundles test files and runs them with node:test. `node scripts/test.mjs [path...]`: all that need no editor, or those at or below the paths.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import esbuild from 'esbuild';
import { common, moduleBanner } from './build.mjs';
import { root } from './dependencies.mjs';

const editorSuites = path.join('test', 'e2e') + path.sep;
const leftOutside = ['@huggingface/tokenizers', '@vscode/test-electron', 'fast-check', 'mocha', 'playwright-core'];

/** Test files at or below the paths, which are relative to the root. */
export function testFiles(paths) {
  const unknown = paths.find((wanted) => !existsSync(path.join(root, wanted)));
  if (unknown) throw new Error(`test: ${unknown} does not exist; repair: name a file or a folder below test/`);
  const below = (folder) =>
    readdirSync(path.join(root, folder), { recursive: true })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => path.join(folder, name));
  const files = paths.flatMap((wanted) => (statSync(path.join(root, wanted)).isFile() ? [wanted] : below(wanted)));
  return [...new Set(files.map((file) => path.normalize(file)))].sort();
}

/** Runs test files, `atOnce` of them at a time; returns the exit status. */
export async function runTests(files, { atOnce = 2, timeoutMs = 120_000, env = {} } = {}) {
  if (files.length === 0) throw new Error('test: no *.test.ts there; repair: name a file or a folder below test/');
  const outdir = path.join('out', `test-${process.pid}`);
  // Ctrl+C reaches the tests as well: they end, and what was made here is then removed.
  const untilTheyEnd = () => undefined;
  process.on('SIGINT', untilTheyEnd);
  try {
    await esbuild.build({
      ...common,
      external: [...common.external, ...leftOutside],
      entryPoints: files,
      outdir,
      outbase: '.',
      sourcemap: 'inline',
      format: 'esm',
      splitting: true,
      outExtension: { '.js': '.mjs' },
      banner: moduleBanner,
    });
    const built = files.map((file) => path.join(outdir, file.replace(/\.ts$/, '.mjs')));
    const options = ['--test-reporter=spec', `--test-concurrency=${atOnce}`, `--test-timeout=${timeoutMs}`];
    const { status } = spawnSync(process.execPath, ['--enable-source-maps', '--test', ...options, ...built], {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, ...env },
    });
    return status ?? 1;
  } finally {
    process.off('SIGINT', untilTheyEnd);
    rmSync(path.join(root, outdir), { recursive: true, force: true });
  }
}

if (import.meta.filename === process.argv[1]) {
  const paths = process.argv.slice(2);
  const files = testFiles(paths.length > 0 ? paths : ['test']);
  process.exitCode = await runTests(paths.length > 0 ? files : files.filter((file) => !file.startsWith(editorSuites)));
}
