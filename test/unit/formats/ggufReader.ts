// A small reader of GGUF, by the book: header, values, and tensors where the header says they are.
import assert from 'node:assert/strict';
import { halfValue } from '../../../src/base/half.ts';

export interface ReadTensor {
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
    if (type === 7) {
      this.at += 1;
      return this.#bytes[this.at - 1] === 1;
    }
    assert.ok(type === 4 || type === 5, `a type of value that is not written: ${type}`);
    return this.word();
  }
}

export function readGguf(bytes: Buffer): { values: Map<string, unknown>; tensors: ReadTensor[] } {
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

/** Its numbers, of a type without blocks. */
export function floatsOf(bytes: Buffer, { at, type, extents }: ReadTensor): number[] {
  const length = extents.reduce((product, extent) => product * extent, 1);
  assert.ok(type === 0 || type === 1);
  return Array.from({ length }, (_, i) =>
    type === 0 ? bytes.readFloatLE(at + 4 * i) : halfValue(bytes.readUInt16LE(at + 2 * i)),
  );
}
