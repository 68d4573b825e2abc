// Stages the native runtime for one platform under dist/node_modules, where Node finds it before any other: the extension is then
// a folder that needs nothing else. The npm package carries every platform (330 MB); a VSIX gets one, and of koffi one file.
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { root } from './dependencies.mjs';
import { koffiFile, koffiPath } from './koffiBinary.mjs';

export const targets = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64', 'win32-arm64'];

/** What only graphics providers open, and only when asked to: onnxruntime.dll loads DirectML late, the shader compilers serve WebGPU. */
const graphicsOnly = new Set(['DirectML.dll', 'dxcompiler.dll', 'dxil.dll']);
/** The binding asks for libonnxruntime.1.dylib; the file with the full version is the same bytes again. */
const duplicate = /^libonnxruntime\.\d+\.\d+\.\d+\.dylib$/;
const neverNeeded = /\.(map|d\.ts|ts|md)$/;

/** The target of the machine that this runs on. */
export function hostTarget() {
  return `${process.platform}-${process.arch}`;
}

export function checkTarget(target) {
  if (targets.includes(target)) return target;
  throw new Error(
    `package: target ${target} is not one that the runtime exists for; repair: --target ${targets.join(' | ')}`,
  );
}

const staged = path.join(root, 'dist', 'node_modules');

/** Takes it away again: in a checkout the runtime of node_modules serves, which has this machine's platform. */
export function unstageRuntime() {
  rmSync(staged, { recursive: true, force: true });
}

/** Copies the runtime for `target` into dist/node_modules and returns the names of the packages staged. */
export function stageRuntime(target) {
  const [platform, arch] = checkTarget(target).split('-');
  unstageRuntime();
  const binaries = path.join('onnxruntime-node', 'bin', 'napi-v6', platform, arch);
  if (!existsSync(path.join(root, 'node_modules', binaries))) {
    throw new Error(`package: node_modules/${binaries} is missing; repair: npm ci --ignore-scripts`);
  }
  const wanted = [
    path.join('onnxruntime-common', 'package.json'),
    path.join('onnxruntime-common', 'dist', 'cjs'),
    path.join('onnxruntime-node', 'package.json'),
    path.join('onnxruntime-node', 'dist'),
    binaries,
  ];
  for (const name of wanted) {
    for (const file of filesOf(path.join(root, 'node_modules', name))) {
      const base = path.basename(file);
      if (neverNeeded.test(base) || graphicsOnly.has(base) || duplicate.test(base)) continue;
      const destination = path.join(staged, path.relative(path.join(root, 'node_modules'), file));
      mkdirSync(path.dirname(destination), { recursive: true });
      copyFileSync(file, destination);
    }
  }
  const koffi = path.join(staged, koffiPath(target));
  mkdirSync(path.dirname(koffi), { recursive: true });
  copyFileSync(koffiFile(target), koffi);
  return ['koffi', 'onnxruntime-common', 'onnxruntime-node'];
}

function filesOf(place) {
  if (statSync(place).isFile()) return [place];
  return readdirSync(place, { recursive: true })
    .map((name) => path.join(place, name))
    .filter((file) => statSync(file).isFile());
}
