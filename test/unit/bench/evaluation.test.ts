// The evaluation's own arithmetic: what is kept, put aside, summed, fitted and said.
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { rowsOf } from '../../../bench/model/bits.ts';
import { gzipBits } from '../../../bench/model/compressors.ts';
import { fitOne, fitWeights, type Seen } from '../../../bench/model/fit.ts';
import { chosen, isForFitting, languageOf, readHeldOut } from '../../../bench/model/heldOut.ts';
import { readInfilling } from '../../../bench/model/infilling.ts';
import { commandLine } from '../../../bench/model/main.ts';
import { readOptions } from '../../../bench/model/options.ts';
import { evaluationSection } from '../../../bench/model/report.ts';
import { Results } from '../../../bench/model/results.ts';
import { sampleNote, statedSample } from '../../../bench/model/sample.ts';
import { Random } from '../../../src/base/random.ts';
import { temporaryFolder } from '../formats/folder.ts';

test('results outlast an interruption, also one in the middle of a line', async (t) => {
  const file = path.join(temporaryFolder(t), 'kept', 'results.jsonl');
  let measured = 0;
  const measure = async () => {
    measured += 1;
    return { bits: measured };
  };
  const first = new Results(file);
  assert.deepEqual(await first.of(['a', 1], measure), { bits: 1 });
  assert.deepEqual(await first.of(['a', 1], measure), { bits: 1 });
  assert.deepEqual(await first.of(['a', 2], measure), { bits: 2 });
  appendFileSync(file, '{"key":"half');
  const second = new Results(file);
  assert.deepEqual(await second.of(['a', 2], measure), { bits: 2 });
  assert.deepEqual(await second.of(['a', 3], measure), { bits: 3 });
  assert.deepEqual(await new Results(file).of(['a', 3], measure), { bits: 3 });
  assert.equal(measured, 3);
});

test('held-out files have a repository, a language and a path within; one in eight is put aside', (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(path.join(folder, 'some+one', 'src'), { recursive: true });
  for (const name of ['src/a.ts', 'src/b.py', 'picture.png', 'empty.go']) {
    writeFileSync(path.join(folder, 'some+one', name), name === 'empty.go' ? '' : 'x\n');
  }
  const files = readHeldOut(folder);
  assert.deepEqual(
    files.map(({ repository, path: told, language }) => [repository, told, language]),
    [
      ['some+one', 'src/a.ts', 'TypeScript'],
      ['some+one', 'src/b.py', 'Python'],
    ],
  );
  assert.throws(() => readHeldOut(path.join(folder, 'some+one', 'src')), /expected source files in a folder for each/);
  assert.throws(() => readHeldOut(path.join(folder, 'none')), /expected a folder of held-out repositories/);
  const share =
    Array.from({ length: 4000 }, (_, i) => Number(isForFitting(`r/${i}.ts`))).reduce((a, b) => a + b) / 4000;
  assert.ok(Math.abs(share - 1 / 8) < 0.02, `${share}`);
  assert.equal(languageOf('a/B.TSX'), 'TypeScript');
  assert.equal(languageOf('Makefile'), undefined);
  assert.deepEqual(chosen([0, 1, 2, 3, 4, 5], { every: 2, limit: 2 }), [0, 2]);
});

test('bits per byte are summed over files, by language and in all', () => {
  const bits = { model: 8, mixture: 4, copies: 12, gzip: 16, xz: 20 };
  const twice = { model: 24, mixture: 12, copies: 36, gzip: 48, xz: 60 };
  const rows = rowsOf([
    { language: 'Go', bytes: 4, bits },
    { language: 'C', bytes: 20, bits: twice },
    { language: 'Go', bytes: 12, bits: twice },
  ]);
  assert.deepEqual(
    rows.map(({ language, files, bytes }) => [language, files, bytes]),
    [
      ['C', 1, 20],
      ['Go', 2, 16],
      ['total', 3, 36],
    ],
  );
  assert.equal(rows[1]!.bitsPerByte.model, 2);
  assert.equal(rows[2]!.bitsPerByte.mixture, 28 / 36);
});

test('gzip counts the whole member, at its best level', () => {
  const bytes = Buffer.from('let a = 1;\n'.repeat(200));
  assert.equal(gzipBits(bytes), 8 * gzipSync(bytes, { level: 9 }).length);
  assert.deepEqual(gunzipSync(gzipSync(bytes, { level: 9 })), bytes);
});

test('the fitted weight is the one with the fewest bits, and of few cases near the one before', () => {
  const random = new Random(1);
  const cases: Seen[] = Array.from({ length: 4000 }, () =>
    random.nextFloat() < 0.7 ? { modelProb: 0.1, copyProb: 0.9 } : { modelProb: 0.2, copyProb: 0.01 },
  );
  const bits = (weight: number) =>
    cases.reduce((sum, { modelProb, copyProb }) => sum - Math.log2((1 - weight) * modelProb + weight * copyProb), 0);
  const fitted = fitOne(cases, 0.5);
  for (const other of [fitted - 0.02, fitted + 0.02]) assert.ok(bits(fitted) < bits(other), `${fitted}`);
  const [, [rare]] = fitWeights([[cases], [[{ modelProb: 0.5, copyProb: 0.5 }]]]) as [number[], [number]];
  assert.ok(Math.abs(rare - fitted) < 1e-6);
  assert.equal(
    fitOne(
      Array.from({ length: 9999 }, () => ({ modelProb: 0, copyProb: 1 })),
      0.5,
    ),
    0.999,
  );
});

test('a line that was cut out of a solution is asked for between what stands around it', (t) => {
  const file = path.join(temporaryFolder(t), 'lines.jsonl');
  const task = { prompt: 'def f():\n', canonical_solution: '    return 1\n', suffix: '\n\nprint(f())\n' };
  writeFileSync(file, `${JSON.stringify(task)}\n`);
  const [one] = readInfilling(file);
  assert.deepEqual([one!.before, one!.rest, one!.after], ['def f():\n', 'return 1', '\n\n\nprint(f())\n']);
  writeFileSync(`${file}.gz`, gzipSync(readFileSync(file)));
  assert.deepEqual(readInfilling(`${file}.gz`), [one]);
  writeFileSync(file, JSON.stringify({ ...task, canonical_solution: 'a\nb' }));
  assert.throws(() => readInfilling(file), /canonical_solution: expected a line/);
  assert.throws(() => readInfilling(path.join(file, 'none')), /--infilling: cannot read/);
});

test('options are checked, and the command that is shown names no place of this machine', () => {
  assert.equal(readOptions(['--help']), undefined);
  const options = readOptions(['held', '--every', '4', '--only', 'bits,lines'])!;
  assert.deepEqual([options.folder, options.every, options.parts], ['held', 4, ['bits', 'lines']]);
  assert.equal(readOptions([])!.folder, path.join('corpus', 'heldout'));
  assert.throws(() => readOptions(['a', 'b']), /expected one folder/);
  assert.throws(() => readOptions(['--only', 'all']), /--only: expected some of/);
  assert.throws(() => readOptions(['--every', '0']), /--every: expected a whole number/);
  assert.throws(() => readOptions(['--write', '--only', 'bits']), /--write: expected the whole report/);
  const folder = path.resolve('elsewhere', 'held');
  assert.equal(
    commandLine([folder, '--infilling', path.resolve('data', 'lines.jsonl'), '--write'], folder),
    'npm run bench:model -- corpus/heldout --infilling lines.jsonl --write',
  );
});

test('the card states the bits per byte of the sample, and a test reads them there', () => {
  const notes = [sampleNote('int8', 1.23456)];
  const section = evaluationSection({ intro: 'On nothing.', command: 'true', notes });
  assert.match(section, /^## Evaluation\n/);
  assert.deepEqual(statedSample(`# Model\n\n${section}`), { weights: 'int8', bitsPerByte: 1.235 });
  assert.equal(statedSample('# Model\n'), undefined);
});
