// What is in the package that people install, and what is not.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { installedExtension, prepared } from './lib/fixture.ts';
import { type ZipEntry, zipEntries } from './lib/zip.ts';

const file = prepared.vsix;
const entries = new Map(zipEntries(file).map((entry) => [entry.name, entry]));
const names = [...entries.keys()].filter((name) => name.startsWith('extension/'));
const entry = (name: string): ZipEntry => entries.get(`extension/${name}`) ?? assert.fail(`${name} is not in ${file}`);

test('every entry of the build is there, and is small', () => {
  for (const name of ['extension.js', 'learning.js', 'likelihood.js', 'host.js', 'cli.js', 'selfTest.js']) {
    const { size } = entry(`dist/${name}`);
    // Activation reads the first whole.
    assert.ok(size > 0 && size < (name === 'extension.js' ? 2 ** 16 : 2 ** 20), `${name}: ${size} bytes`);
  }
  for (const name of ['trainingPage.js', 'sheetPage.js', 'view.css']) {
    assert.ok(entry(`dist/webview/${name}`).size < 2 ** 16, name);
  }
});

test('the manifest points at what is there', () => {
  const manifest = JSON.parse(entry('package.json').read().toString('utf8')) as { main: string; icon?: string };
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
  for (const name of ['onnxruntime-node', 'onnxruntime-common', 'koffi']) assert.ok(notices.includes(`${name} `), name);
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
