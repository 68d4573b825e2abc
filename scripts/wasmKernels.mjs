// Lets TypeScript import './x.wasm' where only the AssemblyScript source x.as.ts exists: compiled on the fly, embedded as bytes.
// What a package ships as .wasm is embedded as it is.
// The compiler takes most of a second, so its results are kept under out/, by the hash of source, flags and compiler.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './dependencies.mjs';

const flags = ['-O3', '--enable', 'simd', '--importMemory', '--runtime', 'stub', '--noAssert'];
const cacheFolder = path.join(root, 'out', 'kernels');

async function compile(source) {
  const { default: asc } = await import('assemblyscript/asc');
  const key = createHash('sha256')
    .update([asc.version, ...flags, source].join('\n'))
    .digest('hex')
    .slice(0, 32);
  const cached = path.join(cacheFolder, `${key}.wasm`);
  if (existsSync(cached)) return { binary: readFileSync(cached) };

  let binary;
  const { error, stderr } = await asc.main(['kernel.as.ts', '--outFile', 'kernel.wasm', ...flags], {
    readFile: (name) => (name === 'kernel.as.ts' ? source : null),
    writeFile: (name, contents) => {
      if (name.endsWith('.wasm')) binary = contents;
    },
    listFiles: () => [],
  });
  if (error) return { problem: `${error.message}\n${stderr.toString()}` };

  mkdirSync(cacheFolder, { recursive: true });
  const unfinished = `${cached}.${process.pid}`; // Two builds at once must not read half a file.
  writeFileSync(unfinished, binary);
  renameSync(unfinished, cached);
  return { binary };
}

export const wasmKernels = {
  name: 'wasm-kernels',
  setup(build) {
    build.onLoad({ filter: /\.wasm$/ }, (args) => ({ contents: readFileSync(args.path), loader: 'binary' }));
    build.onResolve({ filter: /^\..*\.wasm$/ }, (args) => ({
      path: path.resolve(args.resolveDir, args.path.replace(/\.wasm$/, '.as.ts')),
      namespace: 'wasm-kernel',
    }));
    build.onLoad({ filter: /.*/, namespace: 'wasm-kernel' }, async (args) => {
      const { binary, problem } = await compile(readFileSync(args.path, 'utf8'));
      if (problem) return { errors: [{ text: `${args.path}: ${problem}` }] };
      return { contents: binary, loader: 'binary', watchFiles: [args.path] };
    });
  },
};
