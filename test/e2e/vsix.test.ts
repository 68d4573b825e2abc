// What is in the package that people install, and what is not.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { installedExtension, prepared } from './lib/fixture.ts';
import { type ZipEntry, zipEntries } from './lib/zip.ts';

const file = prepared.vsix;
const entries = new Map(zipEntries(file).map((entry) => [entry.name, entry]));
const names = [...entries.keys()].filter((name) => name.startsWith('extension/'));
const entry = (name: string): ZipEntry => entries.get(`extension/${name}`) ?? assert.fail(`${name} is not in ${file}`);

/** Bytes that each may have: what grows beyond that grew by accident. Activation reads the first whole. */
const mostBytes = {
  'extension.js': 64 * 1024,
  'learning.js': 160 * 1024,
  'likelihood.js': 256 * 1024,
  'selfTest.js': 64 * 1024,
  'cli.js': 1.25 * 2 ** 20,
  // With the decoders of images.
  'host.js': 1.25 * 2 ** 20,
};
/** Those with a chart hold uPlot, that of the likelihood view the controls of vscode-elements, too. */
const mostBytesOfPages = {
  'changePage.js': 32 * 1024,
  'explainPage.js': 32 * 1024,
  'imagePage.js': 128 * 1024,
  'likelihoodPage.js': 256 * 1024,
  'sheetPage.js': 32 * 1024,
  'trainingPage.js': 128 * 1024,
  'view.css': 48 * 1024,
  'workspacePage.js': 48 * 1024,
};
const mostMegabytes = 40;

interface Manifest {
  readonly main: string;
  readonly icon?: string;
}

test('every entry of the build is there, and is small', () => {
  for (const [name, most] of Object.entries(mostBytes)) {
    const { size } = entry(`dist/${name}`);
    assert.ok(size > 0 && size < most, `${name}: ${size} bytes`);
  }
  const pages = names.filter((name) => name.startsWith('extension/dist/webview/')).map((name) => path.basename(name));
  assert.deepEqual(pages.toSorted(), Object.keys(mostBytesOfPages));
  for (const [name, most] of Object.entries(mostBytesOfPages)) {
    const { size } = entry(`dist/webview/${name}`);
    assert.ok(size > 0 && size < most, `${name}: ${size} bytes`);
  }
});

test('every page that a part of the extension opens is there, and asks for nothing beside it', () => {
  const opened = ['learning.js', 'likelihood.js'].flatMap((part) => {
    const source = entry(`dist/${part}`).read().toString('utf8');
    return [...source.matchAll(/\bpage:\s*["'](\w+)["']/g)].map(([, page]) => page!);
  });
  const pages = Object.keys(mostBytesOfPages).filter((name) => name.endsWith('.js'));
  assert.deepEqual([...new Set(opened)].map((page) => `${page}.js`).toSorted(), pages);
  for (const name of pages) {
    const source = entry(`dist/webview/${name}`).read().toString('utf8');
    assert.doesNotMatch(source, /\bimport\s*\(|sourceMappingURL/, name);
  }
});

test('it is no larger than people may be asked to download', () => {
  const megabytes = statSync(file).size / 2 ** 20;
  assert.ok(megabytes < mostMegabytes, `${megabytes.toFixed(1)} MB`);
});

test('the manifest points at what is there', () => {
  const manifest = JSON.parse(entry('package.json').read().toString('utf8')) as Manifest;
  entry(manifest.main.replace(/^\.\//, ''));
  if (manifest.icon !== undefined) entry(manifest.icon);
});

test('it declares this platform and holds the native runtime of no other', () => {
  const declared = entries.get('extension.vsixmanifest')?.read().toString('utf8') ?? '';
  assert.match(declared, new RegExp(`TargetPlatform="${process.platform}-${process.arch}"`));
  const binaries = names.filter((name) => /\.(node|so(\.\d+)*|dylib|dll)$/.test(name));
  const { platform, arch } = process;
  const ours = [`onnxruntime-node/bin/napi-v6/${platform}/${arch}/`, `@koromix/koffi-${platform}-${arch}/`];
  for (const part of ours)
    assert.ok(
      binaries.some((name) => name.includes(part)),
      part,
    );
  for (const name of binaries)
    assert.ok(
      ours.some((part) => name.includes(part)),
      name,
    );
  assert.equal(binaries.filter((name) => name.endsWith('koffi.node')).length, 1);
});

test('no sources, tests, maps or secrets', () => {
  const foreign = names.filter((name) =>
    /\.(ts|map|pyc|pem|env)$|\/(test|src|scripts|training|bench|samples)\//.test(name),
  );
  assert.deepEqual(foreign, []);
});

test('the license texts are there', () => {
  assert.ok(names.some((name) => /^extension\/LICENSE/i.test(name)));
  const notices = entry('dist/ThirdPartyNotices.txt').read().toString('utf8');
  const ofPages = ['uplot', 'd3-hierarchy', '@vscode-elements/elements', 'lit', 'lit-html'];
  for (const name of ['onnxruntime-node', 'onnxruntime-common', 'koffi', ...ofPages])
    assert.ok(notices.includes(`\n${name} `), name);
  assert.ok(notices.includes('Copyright (c) Microsoft Corporation'));
  assert.ok(notices.includes('Niels Martignène'));
});

test('the default model is whole', () => {
  const description = JSON.parse(entry('models/default/model.json').read().toString('utf8')) as { files: object };
  for (const name of Object.keys(description.files)) entry(`models/default/${name}`);
});

for (const runtime of ['native', 'plain', 'auto']) {
  test(`what was installed runs by itself: its command line trains a step, runtime ${runtime}`, (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'chainrule-installed-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(path.join(folder, 'data.txt'), 'to be or not to be '.repeat(20));
    const command = [
      'train',
      'gpt',
      '--data',
      'data.txt',
      '--out',
      'model',
      '--codec',
      'bytes',
      '--steps',
      '1',
      '--time',
      '32',
      '--runtime',
      runtime,
    ];
    const cli = path.join(installedExtension(), 'dist', 'cli.js');
    const { status, stderr } = spawnSync(process.execPath, [cli, ...command], { cwd: folder, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    assert.doesNotMatch(stderr, /plain one takes its place/);
    assert.ok(existsSync(path.join(folder, 'model', 'model.json')));
  });
}

test('what was installed compresses a file with its own model, and finds that model again by its hash', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'chainrule-installed-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const extension = installedExtension();
  const text = 'export function add(a: number, b: number): number {\n  return a + b;\n}\n';
  writeFileSync(path.join(folder, 'add.ts'), text);
  const chainrule = (...command: string[]) => {
    const cli = path.join(extension, 'dist', 'cli.js');
    const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...command], {
      cwd: folder,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    return stdout;
  };
  const model = path.join(extension, 'models', 'default');
  const said = chainrule('compress', 'add.ts', '--model', model, '--out', 'add.cr', '--json');
  const { bits, headerBytes } = JSON.parse(said) as { bits: number; headerBytes: number };
  const { size } = statSync(path.join(folder, 'add.cr'));
  assert.ok(Math.abs(size - headerBytes - bits / 8) <= 8, said);
  assert.ok(size - headerBytes < text.length / 2, said);
  chainrule('decompress', 'add.cr', '--out', 'again.ts');
  assert.equal(readFileSync(path.join(folder, 'again.ts'), 'utf8'), text);
});
