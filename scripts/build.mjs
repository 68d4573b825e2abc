// Builds dist/: one CommonJS bundle per entry. `--watch` is not offered: a build takes under a second.
import { rmSync } from 'node:fs';
import esbuild from 'esbuild';
import { wasmKernels } from './wasmKernels.mjs';

export const common = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['vscode', 'onnxruntime-node'],
  plugins: [wasmKernels],
  logLevel: 'warning',
};

if (import.meta.filename === process.argv[1]) {
  rmSync('dist', { recursive: true, force: true });
  await esbuild.build({
    ...common,
    entryPoints: ['src/extension.ts', 'src/host.ts', 'src/cli.ts'],
    outdir: 'dist',
    sourcemap: true,
    minifySyntax: true,
  });
}
