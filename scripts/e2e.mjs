// Prepares and runs the suites that need a real editor: `npm run test:e2e [-- file...] [-- --vsix file] [-- --prepare]`.
// The extension is installed from its VSIX, as a person would; the model is a tiny one, trained here in seconds.
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureDependencies, root } from './dependencies.mjs';

const outFolder = path.join(root, 'out', 'e2e');
const suiteTimeoutMs = 240_000;

/** The programs that run beside the suites: the mocha suite inside the extension host, and a stand-in for `code`. */
async function bundleHelpers() {
  const { default: esbuild } = await import('esbuild');
  const { common } = await import('./build.mjs');
  const shared = { ...common, packages: 'external', sourcemap: 'inline' };
  await esbuild.build({
    ...shared,
    entryPoints: ['test/e2e/suite/index.ts'],
    outfile: path.join(outFolder, 'suite', 'index.cjs'),
  });
  await esbuild.build({
    ...shared,
    entryPoints: ['test/e2e/lib/codeShim.ts'],
    outfile: path.join(outFolder, 'codeShim.mjs'),
    format: 'esm',
    banner: { js: '#!/usr/bin/env node' },
  });
  chmodSync(path.join(outFolder, 'codeShim.mjs'), 0o755);
}

/** Editor, browser, installed extension, model and helpers; returns what the suites are told through their environment. */
export async function prepare({ vsix } = {}) {
  ensureDependencies();
  process.chdir(root);
  const { ensureEditorAndBrowser } = await import('./editor.mjs');
  const { load } = await import('./load.mjs');
  await ensureEditorAndBrowser();
  mkdirSync(outFolder, { recursive: true });

  const { makePackage } = await import('./package.mjs');
  const packed = vsix ? path.resolve(vsix) : await makePackage({ out: path.join(outFolder, 'chainrule.vsix') });
  const extensions = path.join(outFolder, 'extensions');
  rmSync(extensions, { recursive: true, force: true });
  const { createSandbox } = await load('test/e2e/lib/sandbox.ts');
  const { installExtension } = await load('test/e2e/lib/server.ts');
  const sandbox = createSandbox({ extensions });
  try {
    installExtension(sandbox, packed);
  } finally {
    sandbox.remove();
  }
  const { trainTestModel } = await load('test/e2e/lib/testModel.ts');
  const model = await trainTestModel(path.join(outFolder, 'model'));
  await bundleHelpers();
  return { CHAINRULE_E2E_VSIX: packed, CHAINRULE_E2E_MODEL: model };
}

if (import.meta.filename === process.argv[1]) {
  try {
    const { values, positionals } = parseArgs({
      options: { vsix: { type: 'string' }, prepare: { type: 'boolean' } },
      allowPositionals: true,
    });
    const env = await prepare(values);
    if (!values.prepare) {
      const { runTests, testFiles } = await import('./test.mjs');
      const files = testFiles(positionals.length > 0 ? positionals : ['test/e2e']);
      process.exitCode = await runTests(files, { atOnce: 1, timeoutMs: suiteTimeoutMs, env });
    }
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
