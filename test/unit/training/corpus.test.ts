// What may be learnt from: licenses below the root, near copies within and across repositories, copies of held-out text.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

interface LicenseFile {
  readonly name: string;
  readonly text: string;
}

interface Licenses {
  isLicenseFile(name: string): boolean;
  bearsOut(license: string, text: string): boolean;
  foldersUnderOtherLicenses(files: readonly LicenseFile[]): string[];
  hasOtherLicense(text: string): boolean;
  copyrightLines(text: string): string[];
}

interface NearDuplicates {
  refusal(text: string, options?: { heldOut?: boolean }): string | undefined;
}

interface Filters {
  droppedByPath(name: string, leftOut: readonly string[]): string | undefined;
  cleanSource(content: Buffer, language: string): { text?: string; reason?: string };
}

/** Scripts, so they are not bundled with the test. */
const corpusModule = (name: string): Promise<unknown> =>
  import(pathToFileURL(path.resolve('training', 'corpus', name)).href);

const licenses = (await corpusModule('licenses.mjs')) as Licenses;
const filters = (await corpusModule('filters.mjs')) as Filters;
const { NearDuplicates } = (await corpusModule('nearDuplicates.mjs')) as { NearDuplicates: new () => NearDuplicates };

const mit =
  'MIT License\n\nCopyright (c) 2020 Ann Author\n\nPermission is hereby granted, free of charge, to any person';
const gpl = 'GNU GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007';

test('a license file bears out what the manifest says, or not', () => {
  assert.equal(licenses.bearsOut('MIT', mit), true);
  assert.equal(licenses.bearsOut('MIT OR Apache-2.0', 'Apache License\nVersion 2.0'), true);
  assert.equal(licenses.bearsOut('BSD-3-Clause', mit), false);
  assert.throws(() => licenses.bearsOut('GPL-3.0', gpl), /not a license that is learnt from/);
});

test('folders and files under other licenses', () => {
  const files = [
    { name: 'LICENSE', text: mit },
    { name: 'ee/LICENSE', text: 'The Enterprise License (the "EE License")' },
    { name: 'packages/a/COPYING', text: gpl },
    { name: 'packages/b/LICENSE', text: mit },
    {
      name: 'crates/c/UNLICENSE',
      text: 'This is free and unencumbered software released into the public domain, commercial or non-commercial',
    },
  ];
  assert.deepEqual(licenses.foldersUnderOtherLicenses(files), ['ee/', 'packages/a/']);
  const names = ['LICENSE-MIT', 'licence.md', 'src/COPYING', 'src/license.ts', 'licensing.go', 'Copyright.txt'];
  assert.deepEqual(names.filter(licenses.isLicenseFile), ['LICENSE-MIT', 'licence.md', 'src/COPYING', 'Copyright.txt']);
  assert.equal(licenses.hasOtherLicense('// SPDX-License-Identifier: LGPL-2.1-only\n'), true);
  assert.equal(licenses.hasOtherLicense('// SPDX-License-Identifier: GPL-2.0 OR MIT\n'), false);
  assert.equal(licenses.hasOtherLicense('/* Copyright X. Released under the Mozilla Public License. */'), true);
  assert.equal(licenses.hasOtherLicense('# Copyright X. Licensed under the Apache License, Version 2.0\n'), false);
  assert.deepEqual(licenses.copyrightLines(`${mit}\nCopyright [yyyy] [name]\ncopyright notice, this`), [
    'Copyright (c) 2020 Ann Author',
  ]);
});

test('near copies are refused, files that share single lines are not', () => {
  const line = (name: string, i: number) => `  const ${name}${i} = computeTheNextValue(${i}, '${name}');`;
  const file = (name: string, count = 12) => Array.from({ length: count }, (_, i) => line(name, i)).join('\n');
  const seen = new NearDuplicates();
  assert.equal(seen.refusal(file('kept')), undefined);
  assert.equal(seen.refusal(file('kept').replaceAll('  const', '\tconst')), 'copy');
  assert.equal(seen.refusal(`${file('kept', 10)}\n${file('new', 4)}`), 'near copy');
  const mixed = Array.from({ length: 12 }, (_, i) => line(i % 2 ? 'kept' : 'mixed', i)).join('\n');
  assert.equal(seen.refusal(mixed), undefined);
});

test('a third of a held-out file is too much for training', () => {
  const seen = new NearDuplicates();
  const lines = (name: string, count: number) =>
    Array.from({ length: count }, (_, i) => `export function ${name}${i}() { return ${i}; }`).join('\n');
  assert.equal(seen.refusal(lines('measured', 20), { heldOut: true }), undefined);
  assert.equal(seen.refusal(`${lines('measured', 8)}\n${lines('other', 12)}`), 'copy of held-out text');
  assert.equal(seen.refusal(`${lines('measured', 4)}\n${lines('another', 16)}`), undefined);
});

test('paths are left out by their beginning, or with a star anywhere', () => {
  assert.equal(filters.droppedByPath('src/plus/a.ts', ['*/plus/']), 'left out');
  assert.equal(filters.droppedByPath('plus/a.ts', ['*/plus/']), 'left out');
  assert.equal(filters.droppedByPath('src/surplus/a.ts', ['*/plus/']), undefined);
  assert.equal(filters.droppedByPath('docs/de/a.md', ['docs/de']), 'left out');
});

test('license headers are cut, secrets refuse the file', () => {
  const body =
    'export function sum(values: readonly number[]): number {\n  return values.reduce((a, b) => a + b, 0);\n}\n'.repeat(
      2,
    );
  const cleaned = filters.cleanSource(
    Buffer.from(`/* Copyright (c) 2020 Ann. MIT license. */\n\n${body}`),
    'typescript',
  );
  assert.equal(cleaned.text, body);
  const leaked = `${body}const key = '-----BEGIN RSA PRIVATE KEY-----';\n`;
  assert.equal(filters.cleanSource(Buffer.from(leaked), 'typescript').reason, 'secret');
});
