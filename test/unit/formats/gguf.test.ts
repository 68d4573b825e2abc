// What llama.cpp is given, read back by the book: header, values, and tensors where the header says they are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encoded } from '../../../bench/peers/ggufModel.ts';
import { halfValue } from '../../../src/base/half.ts';
import { Random } from '../../../src/base/random.ts';
import { type FloatTensor, float32 } from '../../../src/base/tensor.ts';
import { pairsTogether } from '../../../src/export/gguf.ts';
import { floatTensor, ggufParts } from '../../../src/formats/gguf.ts';
import { floatsOf, type ReadTensor, readGguf } from './ggufReader.ts';

const random = new Random(3);
const numbers = (length: number) => Float32Array.from({ length }, () => random.nextNormal());
const matrix = (rows: number, columns: number): FloatTensor => float32(numbers(rows * columns), [rows, columns]);

test('what is written is read back, every tensor at a multiple of 32 bytes', () => {
  const values = [matrix(3, 7), matrix(3, 32), matrix(2, 64), matrix(5, 3)] as const;
  const tensors = [
    encoded('plain', values[0], 'F32'),
    encoded('bytes', values[1], 'Q8_0'),
    encoded('nibbles', values[2], 'Q4_0'),
    encoded('halves', values[3], 'F16'),
  ];
  const metadata = {
    name: { text: 'naïve' },
    count: { integer: 7 },
    rate: { float: 0.5 },
    words: { texts: ['a', 'bc'] },
    scores: { floats: [1, -2] },
    kinds: { integers: [1, 6] },
    yes: { flag: true },
  };
  const bytes = Buffer.concat([...ggufParts(metadata, tensors)]);
  assert.equal(bytes.length % 32, 0);
  const file = readGguf(bytes);
  assert.deepEqual(Object.fromEntries(file.values), {
    name: 'naïve',
    count: 7,
    rate: 0.5,
    words: ['a', 'bc'],
    scores: [1, -2],
    kinds: [1, 6],
    yes: true,
  });
  assert.deepEqual(
    file.tensors.map(({ name, extents, type }) => ({ name, extents, type })),
    [
      { name: 'plain', extents: [7, 3], type: 0 },
      { name: 'bytes', extents: [32, 3], type: 8 },
      { name: 'nibbles', extents: [64, 2], type: 2 },
      { name: 'halves', extents: [3, 5], type: 1 },
    ],
  );
  for (const { at } of file.tensors) assert.equal(at % 32, 0);

  const [plain, eight, four, halves] = file.tensors as [ReadTensor, ReadTensor, ReadTensor, ReadTensor];
  assert.deepEqual(floatsOf(bytes, plain), [...values[0].data]);
  for (const [i, value] of floatsOf(bytes, halves).entries()) {
    assert.ok(Math.abs(value - values[3].data[i]!) <= 2 ** -11 * Math.abs(values[3].data[i]!));
  }
  close(values[1].data, 127, (i) => {
    const block = eight.at + 34 * (i >> 5);
    return halfValue(bytes.readUInt16LE(block)) * bytes.readInt8(block + 2 + (i & 31));
  });
  close(values[2].data, 8, (i) => {
    const block = four.at + 18 * (i >> 5);
    const pair = bytes[block + 2 + (i & 15)]!;
    return halfValue(bytes.readUInt16LE(block)) * (((i & 31) < 16 ? pair & 15 : pair >> 4) - 8);
  });
});

/** Within half a step of its block, or one whole for the largest of the other sign, which four bits do not reach. */
function close(data: Float32Array, steps: number, written: (index: number) => number): void {
  for (const [i, value] of data.entries()) {
    const block = data.subarray(i & ~31, (i & ~31) + 32);
    const largest = block.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
    assert.ok(Math.abs(written(i) - value) <= (1.01 * largest) / steps, `number ${i}: ${written(i)}, not ${value}`);
  }
}

test('rows that are rotated with each other come to stand side by side, head by head', () => {
  const rows = float32(
    Float32Array.from({ length: 12 }, (_, row) => row),
    [12, 1],
  );
  assert.deepEqual([...pairsTogether(rows, 6).data], [0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11]);
});

test('a tensor that does not fill its blocks, or has other bytes than its type needs, is a mistake', () => {
  assert.throws(
    () => [...ggufParts({}, [encoded('odd', matrix(2, 31), 'Q8_0')])],
    /odd: expected rows of a multiple of 32/,
  );
  const short = { ...floatTensor('short', matrix(2, 2), 'F16'), encode: () => new Uint8Array(6) };
  assert.throws(() => [...ggufParts({}, [short])], /short: expected 8 bytes for F16 \[2, 2\], got 6/);
});
