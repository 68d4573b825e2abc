// What llama.cpp is given, read back by the book: header, values, and tensors where the header says they are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { halfValue } from '../../../bench/peers/blockQuantization.ts';
import { type GgufTensor, ggufParts } from '../../../bench/peers/gguf.ts';
import { pairsTogether } from '../../../bench/peers/ggufModel.ts';
import { Random } from '../../../src/base/random.ts';
import { float32 } from '../../../src/base/tensor.ts';

interface ReadTensor {
  readonly name: string;
  readonly extents: readonly number[];
  readonly type: number;
  /** In the file. */
  readonly at: number;
}

class Reader {
  readonly #bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  word(): number {
    this.at += 4;
    return this.#bytes.readInt32LE(this.at - 4);
  }

  long(): number {
    this.at += 8;
    return Number(this.#bytes.readBigUInt64LE(this.at - 8));
  }

  text(): string {
    const length = this.long();
    this.at += length;
    return this.#bytes.toString('utf8', this.at - length, this.at);
  }

  value(type = this.word()): unknown {
    if (type === 9) {
      const [of, count] = [this.word(), this.long()];
      return Array.from({ length: count }, () => this.value(of));
    }
    if (type === 8) return this.text();
    if (type === 6) {
      this.at += 4;
      return this.#bytes.readFloatLE(this.at - 4);
    }
    assert.ok(type === 4 || type === 5, `a type of value that is not written: ${type}`);
    return this.word();
  }
}

function read(bytes: Buffer): { values: Map<string, unknown>; tensors: ReadTensor[] } {
  const reader = new Reader(bytes);
  assert.equal(bytes.toString('latin1', 0, 4), 'GGUF');
  reader.at = 4;
  assert.equal(reader.word(), 3);
  const [numTensors, numValues] = [reader.long(), reader.long()];
  const values = new Map(Array.from({ length: numValues }, () => [reader.text(), reader.value()]));
  const headers = Array.from({ length: numTensors }, () => {
    const name = reader.text();
    const extents = Array.from({ length: reader.word() }, () => reader.long());
    return { name, extents, type: reader.word(), offset: reader.long() };
  });
  const data = Math.ceil(reader.at / 32) * 32;
  return { values, tensors: headers.map(({ offset, ...header }) => ({ ...header, at: data + offset })) };
}

const random = new Random(3);
const numbers = (length: number) => Float32Array.from({ length }, () => random.nextNormal());
const tensor = (name: string, type: GgufTensor['type'], shape: [number, number]): GgufTensor => ({
  name,
  type,
  shape,
  data: numbers(shape[0] * shape[1]),
});

test('what is written is read back, every tensor at a multiple of 32 bytes', () => {
  const tensors = [
    tensor('plain', 'F32', [3, 7]),
    tensor('bytes', 'Q8_0', [3, 32]),
    tensor('nibbles', 'Q4_0', [2, 64]),
  ];
  const metadata = {
    name: { text: 'naïve' },
    count: { integer: 7 },
    rate: { float: 0.5 },
    words: { texts: ['a', 'bc'] },
    scores: { floats: [1, -2] },
    kinds: { integers: [1, 6] },
  };
  const bytes = Buffer.concat([...ggufParts(metadata, tensors)]);
  assert.equal(bytes.length % 32, 0);
  const file = read(bytes);
  assert.deepEqual(Object.fromEntries(file.values), {
    name: 'naïve',
    count: 7,
    rate: 0.5,
    words: ['a', 'bc'],
    scores: [1, -2],
    kinds: [1, 6],
  });
  assert.deepEqual(
    file.tensors.map(({ name, extents, type }) => ({ name, extents, type })),
    [
      { name: 'plain', extents: [7, 3], type: 0 },
      { name: 'bytes', extents: [32, 3], type: 8 },
      { name: 'nibbles', extents: [64, 2], type: 2 },
    ],
  );
  for (const { at } of file.tensors) assert.equal(at % 32, 0);

  const [plain, eight, four] = file.tensors as [ReadTensor, ReadTensor, ReadTensor];
  for (let i = 0; i < 21; i++) assert.equal(bytes.readFloatLE(plain.at + 4 * i), tensors[0]!.data[i]);
  close(tensors[1]!.data, 127, (i) => {
    const block = eight.at + 34 * (i >> 5);
    return halfValue(bytes.readUInt16LE(block)) * bytes.readInt8(block + 2 + (i & 31));
  });
  close(tensors[2]!.data, 8, (i) => {
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
