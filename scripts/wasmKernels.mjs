// Lets TypeScript import './x.wasm' where only the AssemblyScript source x.as.ts exists: compiled on the fly, embedded as bytes.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import asc from 'assemblyscript/asc';

export const wasmKernels = {
  name: 'wasm-kernels',
  setup(build) {
    build.onResolve({ filter: /\.wasm$/ }, (args) => ({
      path: path.resolve(args.resolveDir, args.path.replace(/\.wasm$/, '.as.ts')),
      namespace: 'wasm-kernel',
    }));
    build.onLoad({ filter: /.*/, namespace: 'wasm-kernel' }, async (args) => {
      let binary;
      const { error, stderr } = await asc.main(
        [
          'kernel.as.ts',
          '--outFile',
          'kernel.wasm',
          '-O3',
          '--enable',
          'simd',
          '--importMemory',
          '--runtime',
          'stub',
          '--noAssert',
        ],
        {
          readFile: (name) => (name === 'kernel.as.ts' ? readFileSync(args.path, 'utf8') : null),
          writeFile: (name, contents) => {
            if (name.endsWith('.wasm')) binary = contents;
          },
          listFiles: () => [],
        },
      );
      if (error) return { errors: [{ text: `${args.path}: ${error.message}\n${stderr.toString()}` }] };
      return { contents: binary, loader: 'binary', watchFiles: [args.path] };
    });
  },
};
