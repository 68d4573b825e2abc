// Makes chainrule-<target>-<version>.vsix: `npm run package [-- --target linux-x64] [-- --out file]`. The target is this machine's by default.
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureDependencies, root } from './dependencies.mjs';

/** Builds, stages and packs; returns the VSIX's path. What is left in dist/ is the same program without the native runtime. */
export async function makePackage({ target, out } = {}) {
  ensureDependencies();
  const { checkTarget, hostTarget, stageRuntime, unstageRuntime } = await import('./nativeRuntime.mjs');
  const chosen = checkTarget(target ?? hostTarget());
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const packagePath = path.resolve(root, out ?? `chainrule-${chosen}-${version}.vsix`);
  mkdirSync(path.dirname(packagePath), { recursive: true });

  const { build } = await import('./build.mjs');
  const { bundledPackages, writeNotices } = await import('./notices.mjs');
  const metafile = await build({ sourcemap: false, minify: true });
  try {
    const staged = stageRuntime(chosen);
    writeNotices([...bundledPackages(metafile), ...staged]);
    await pack(packagePath, chosen);
  } finally {
    unstageRuntime();
  }
  return packagePath;
}

async function pack(packagePath, target) {
  const { createVSIX, listFiles } = await import('@vscode/vsce');
  if (!existsSync(path.join(root, 'models', 'default', 'model.json'))) {
    console.warn('package: models/default is missing, so this package holds no model');
  }
  const files = await listFiles({ cwd: root, dependencies: false });
  const foreign = files.find((file) => /(^|\/)(test|src|scripts|\.git)\/|\.(ts|map)$/.test(file));
  if (foreign) throw new Error(`package: ${foreign} must not be in a package; repair: .vscodeignore`);
  await createVSIX({
    cwd: root,
    target,
    dependencies: false, // They are bundled, or staged under dist/node_modules.
    packagePath,
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
  });
  const sizeMb = statSync(packagePath).size / 2 ** 20;
  console.log(`${path.relative(root, packagePath)}: ${files.length} files, ${sizeMb.toFixed(1)} MB`);
}

if (import.meta.filename === process.argv[1]) {
  const { values } = parseArgs({ options: { target: { type: 'string' }, out: { type: 'string' } } });
  try {
    await makePackage(values);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
