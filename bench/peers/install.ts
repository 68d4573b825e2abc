// Installs the peers below out/, where git does not look, and compiles what is in C. They are never dependencies of the project, and
// nothing of them is shipped. The headers of llama.cpp come from the bundle of its sources that node-llama-cpp carries along, so they are
// those of the very library.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../../src/base/errors.ts';

const llamaVersion = '3.22.1';
const transformersVersion = '4.3.1';
/** By platform and processor: the package with the library for the processor alone. */
const libraries: Readonly<Record<string, string>> = {
  'linux-x64': '@node-llama-cpp/linux-x64',
  'linux-arm64': '@node-llama-cpp/linux-arm64',
  'darwin-x64': '@node-llama-cpp/mac-x64',
};

export interface Peers {
  /** Of the peers, in words. */
  readonly versions: string;
  /** The driver, and the folder where it finds the backends. */
  readonly llama: string;
  readonly backends: string;
  readonly bandwidth: string;
  /** Modules to import. */
  readonly nodeLlama: string;
  readonly transformers: string;
}

/** @throws UserError with what is missing. */
export function installPeers(folder: string): Peers {
  const platform = `${process.platform}-${process.arch}`;
  const library = libraries[platform];
  if (library === undefined) {
    throw new UserError(`bench:peers: expected ${Object.keys(libraries).join(', ')}, got ${platform}; run it there`);
  }
  // Its optional packages are the libraries for every kind of graphics processor; those of the other are a reader of pictures for this
  // platform, without which it does not load.
  const llamaPackages = { 'node-llama-cpp': llamaVersion, [library]: llamaVersion };
  const modules = installPackages(path.resolve(folder, 'llama'), llamaPackages, ['--omit=optional']);
  const transformersPackages = { '@huggingface/transformers': transformersVersion };
  const otherModules = installPackages(path.resolve(folder, 'transformers'), transformersPackages, []);
  const backends = path.join(modules, library, 'bins', onlyEntry(path.join(modules, library, 'bins')));
  const headers = checkOutHeaders(folder, path.join(modules, 'node-llama-cpp', 'llama', 'gitRelease.bundle'));
  const shared = readdirSync(backends)
    .filter((name) => /^lib(llama|ggml|ggml-base)\.(v[\d.]+\.)?(so|dylib)$/.test(name))
    .map((name) => path.join(backends, name));
  const includes = ['include', path.join('ggml', 'include')].map((name) => `-I${path.join(headers, name)}`);
  const llama = compile(folder, 'llama', ['-O2', ...includes], [...shared, '-lm', `-Wl,-rpath,${backends}`]);
  const bandwidth = compile(folder, 'bandwidth', ['-O3', '-march=native', '-pthread'], []);
  const { release } = JSON.parse(
    readFileSync(path.join(modules, 'node-llama-cpp', 'llama', 'binariesGithubRelease.json'), 'utf8'),
  ) as { release: string };
  return {
    versions: `llama.cpp ${release} as node-llama-cpp ${llamaVersion} ships it, transformers.js ${transformersVersion}`,
    llama,
    backends,
    bandwidth,
    nodeLlama: path.join(modules, 'node-llama-cpp', 'dist', 'index.js'),
    transformers: path.join(otherModules, '@huggingface', 'transformers', 'dist', 'transformers.node.mjs'),
  };
}

/** Returns the folder of the packages. */
function installPackages(folder: string, wanted: Readonly<Record<string, string>>, options: readonly string[]): string {
  const modules = path.join(folder, 'node_modules');
  mkdirSync(folder, { recursive: true });
  const isThere = ([name, version]: [string, string]) => {
    const file = path.join(modules, name, 'package.json');
    return existsSync(file) && (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version === version;
  };
  if (Object.entries(wanted).every(isThere)) return modules;
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify({ private: true, dependencies: wanted })}\n`);
  // Their scripts would compile, or fetch libraries for graphics processors; the binaries for this one are packages.
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', ...options];
  call('npm', args, { cwd: folder, problem: 'the peers cannot be installed; the registry of npm must be reachable' });
  return modules;
}

function checkOutHeaders(folder: string, bundle: string): string {
  const headers = path.resolve(folder, `llama.cpp-${llamaVersion}`);
  if (existsSync(path.join(headers, 'include', 'llama.h'))) return headers;
  const problem = 'the headers of llama.cpp cannot be unpacked; git must be installed';
  if (!existsSync(headers)) call('git', ['clone', '--quiet', '--no-checkout', bundle, headers], { problem });
  call('git', ['-C', headers, 'checkout', '--quiet', 'HEAD', '--', 'include', 'ggml/include'], { problem });
  return headers;
}

/** Anew when the source is younger. */
function compile(folder: string, name: string, before: readonly string[], after: readonly string[]): string {
  const source = path.join('bench', 'peers', `${name}.c`);
  mkdirSync(path.join(folder, 'programs'), { recursive: true });
  const program = path.resolve(folder, 'programs', name);
  if (existsSync(program) && statSync(program).mtimeMs > statSync(source).mtimeMs) return program;
  const problem = `${source} cannot be compiled; a C compiler must be installed as cc`;
  call('cc', ['-Wall', '-Wextra', ...before, source, ...after, '-o', program], { problem });
  return program;
}

function call(
  command: string,
  args: readonly string[],
  { cwd, problem }: { readonly cwd?: string; readonly problem: string },
): void {
  // stdout is for the figures alone.
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2], ...(cwd !== undefined && { cwd }) });
  if (status !== 0) throw new UserError(`bench:peers: ${problem} (${error?.message ?? `status ${status}, see above`})`);
}

function onlyEntry(folder: string): string {
  const [first] = readdirSync(folder);
  if (first === undefined) throw new UserError(`bench:peers: ${folder}: expected a library, got an empty folder`);
  return first;
}
