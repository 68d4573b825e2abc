// Prepares and runs the suites that need a real editor: `npm run test:e2e [-- file...] [-- --vsix file]`.
// The extension is installed from its VSIX, as a person would; the model is a tiny one, trained here in seconds.
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureDependencies, root } from './dependencies.mjs';

const outFolder = path.join(root, 'out', 'e2e');
const suiteTimeoutMs = 600_000;

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

/** Installs the VSIX into a folder outside of the checkout, whose node_modules must not help out. */
async function installVsix(vsix) {
  const { load } = await import('./load.mjs');
  const { createSandbox } = await load('test/e2e/lib/sandbox.ts');
  const { installExtension } = await load('test/e2e/lib/server.ts');
  const extensions = mkdtempSync(path.join(tmpdir(), 'chainrule-extensions-'));
  const sandbox = createSandbox({ extensions });
  try {
    installExtension(sandbox, vsix);
  } finally {
    sandbox.remove();
  }
  return extensions;
}

async function main() {
  const { values, positionals } = parseArgs({ options: { vsix: { type: 'string' } }, allowPositionals: true });
  ensureDependencies();
  process.chdir(root);
  mkdirSync(outFolder, { recursive: true });
  const { ensureEditorAndBrowser } = await import('./editor.mjs');
  await ensureEditorAndBrowser();
  const { makePackage } = await import('./package.mjs');
  const vsix = values.vsix
    ? path.resolve(values.vsix)
    : await makePackage({ out: path.join(outFolder, 'chainrule.vsix') });
  const { load } = await import('./load.mjs');
  const { trainTestModel } = await load('test/e2e/lib/testModel.ts');
  const model = await trainTestModel(path.join(outFolder, 'model'));
  await bundleHelpers();

  const extensions = await installVsix(vsix);
  try {
    const { runTests, testFiles } = await import('./test.mjs');
    const files = testFiles(positionals.length > 0 ? positionals : ['test/e2e']);
    const env = { CHAINRULE_E2E_VSIX: vsix, CHAINRULE_E2E_MODEL: model, CHAINRULE_E2E_EXTENSIONS: extensions };
    return await runTests(files, { atOnce: 1, timeoutMs: suiteTimeoutMs, env });
  } finally {
    rmSync(extensions, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
