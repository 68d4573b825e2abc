// What is in the package that people install, and what is not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ZipEntry, zipEntries } from './lib/zip.ts';

const file = process.env['CHAINRULE_E2E_VSIX'];
assert.ok(file, 'no VSIX given; repair: npm run test:e2e');

const entries = new Map(zipEntries(file).map((entry) => [entry.name, entry]));
const names = [...entries.keys()].filter((name) => name.startsWith('extension/'));
const entry = (name: string): ZipEntry => entries.get(`extension/${name}`) ?? assert.fail(`${name} is not in ${file}`);

test('every entry of the build is there, and is small', () => {
  for (const name of ['dist/extension.js', 'dist/host.js', 'dist/cli.js']) {
    assert.ok(entry(name).size > 0);
    assert.ok(entry(name).size < 2 ** 20, `${name}: ${entry(name).size} bytes`);
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
  assert.ok(binaries.length > 0);
  for (const name of binaries) {
    assert.match(name, new RegExp(`/onnxruntime-node/bin/napi-v6/${process.platform}/${process.arch}/`));
  }
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
  for (const name of ['onnxruntime-node', 'onnxruntime-common']) assert.ok(notices.includes(`${name} `), name);
  assert.ok(notices.includes('Copyright (c) Microsoft Corporation'));
});

test('the default model is whole', () => {
  const description = JSON.parse(entry('models/default/model.json').read().toString('utf8')) as { files: object };
  for (const name of Object.keys(description.files)) entry(`models/default/${name}`);
});
