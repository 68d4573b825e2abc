// Builds dist/: one CommonJS bundle per entry, and dist/webview/ for the pages. `--watch` is not offered: a build takes under a second.
import { existsSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import esbuild from 'esbuild';
import { root } from './dependencies.mjs';
import { wasmKernels } from './wasmKernels.mjs';

export const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['vscode', 'onnxruntime-node', 'koffi'],
  plugins: [wasmKernels],
  logLevel: 'warning',
};

/** For a bundle of modules: the sources are written for CommonJS, and require what is found at run time only. */
export const moduleBanner = {
  js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
};

/**
 * By the name in dist/. The extension loads `learning` when a model is first trained, drawn from or chosen, and `likelihood` when one is first
 * shown; `selfTest` runs by itself.
 */
export const entries = {
  extension: 'src/extension.ts',
  learning: 'src/shell/learning.ts',
  likelihood: 'src/shell/likelihood.ts',
  host: 'src/host.ts',
  cli: 'src/cli.ts',
  selfTest: 'src/runtime/selfTestProcess.ts',
};

/** The pages of the webviews; each is one script without imports, beside one style sheet. */
const pages = [
  'src/webview/trainingPage.ts',
  'src/webview/sheetPage.ts',
  'src/webview/imagePage.ts',
  'src/webview/likelihoodPage.ts',
  'src/webview/explainPage.ts',
  'src/webview/workspacePage.ts',
  'src/webview/changePage.ts',
  'src/webview/view.css',
];

/** Builds the pages alone, into `outdir`. */
export async function buildPages({ sourcemap = true, minify = false, outdir = 'dist/webview' } = {}) {
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    bundle: true,
    platform: 'browser',
    format: 'iife',
    target: 'chrome120', // VS Code's oldest that is supported is newer.
    logLevel: 'warning',
    entryPoints: pages,
    outdir,
    sourcemap: sourcemap && 'inline', // A page may load nothing but what its policy names.
    minify,
    metafile: true,
  });
  return metafile;
}

/** Builds every entry afresh and returns what went into them (the notices of a package are made from it). */
export async function build({ sourcemap = true, minify = false } = {}) {
  rmSync(path.join(root, 'dist'), { recursive: true, force: true });
  const missing = Object.values(entries).find((entry) => !existsSync(path.join(root, entry)));
  if (missing) throw new Error(`build: ${missing} does not exist, so dist/ would lack an entry`);
  const pageFiles = await buildPages({ sourcemap, minify });
  const { metafile } = await esbuild.build({
    ...common,
    entryPoints: entries,
    outdir: 'dist',
    sourcemap,
    minifySyntax: true,
    minifyWhitespace: minify, // Names are kept: a stack trace in a bug report must be readable.
    metafile: true,
  });
  return {
    inputs: { ...metafile.inputs, ...pageFiles.inputs },
    outputs: { ...metafile.outputs, ...pageFiles.outputs },
  };
}

if (import.meta.filename === process.argv[1]) {
  const started = performance.now();
  try {
    const metafile = await build();
    for (const file of Object.keys(metafile.outputs).filter((name) => name.endsWith('.js'))) {
      console.log(`${file.padEnd(28)} ${(statSync(path.join(root, file)).size / 1024).toFixed(0).padStart(6)} KB`);
    }
    console.log(`built in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  } catch (error) {
    console.error(error.message); // esbuild has shown the places.
    process.exitCode = 1;
  }
}
