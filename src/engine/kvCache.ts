// The memory that attention states are views of. Rows are only ever appended, so that every shorter view stays valid:
//
//            row  0   1   2   3 | 4   5 |          capacity
//   tensor 0    [ a   a   a   a | b   b | .   .   . ]         [capacity, widths[0]], time-major: a prefix is one subarray
//   tensor 1    [ a   a   a   a | b   b | .   .   . ]         [capacity, widths[1]]
//   stamps      [ 1   1   1   1 | 2   2 | .   .   . ]         the append that wrote the row
//   view A = (cache, length 4, stamp 1)   view B = (cache, length 6, stamp 2)
//
// Appending to A again writes rows 4.. with stamp 3. Row 5 then no longer carries the stamp that B was made with: B is stale.
import { trackLife } from '../base/disposable.ts';

const minCapacity = 64;

export class KvCache {
  readonly #widths: readonly number[];
  readonly #maxRows: number;
  readonly #endLife = trackLife('kvCache');
  #buffers: Float32Array[];
  #stamps: Float64Array;
  /** Replaced, never overwritten below `filled`, so that stale views keep the symbols they stand for. */
  #symbols: Int32Array;
  #capacity = 0;
  #filled = 0;
  #lastStamp = 0;
  #views = 0;

  /** `widths`: elements per row of each tensor; `maxRows`: the context length, which bounds the cache. */
  constructor(widths: readonly number[], maxRows: number) {
    this.#widths = widths;
    this.#maxRows = maxRows;
    this.#buffers = widths.map(() => new Float32Array(0));
    this.#stamps = new Float64Array(0);
    this.#symbols = new Int32Array(0);
  }

  get sizeBytes(): number {
    return this.#buffers.reduce((sum, buffer) => sum + buffer.byteLength, 0);
  }

  /** One more view refers to the cache. */
  retain(): void {
    this.#views += 1;
  }

  /** A view is gone; with the last one the memory goes. */
  release(): void {
    this.#views -= 1;
    if (this.#views > 0) return;
    this.#buffers = [];
    this.#capacity = 0;
    this.#filled = 0;
    this.#endLife();
  }

  /** The stamp of a view that ends before row `length`. */
  stampAt(length: number): number {
    return length === 0 ? 0 : this.#stamps[length - 1]!;
  }

  /** False when a row of the view was overwritten since it was made. */
  isCurrent(length: number, stamp: number): boolean {
    return length === 0 || (length <= this.#filled && this.#stamps[length - 1] === stamp);
  }

  /** The first `length` rows of a tensor, in place. */
  rows(tensor: number, length: number): Float32Array {
    return this.#buffers[tensor]!.subarray(0, length * this.#widths[tensor]!); // [length, width]
  }

  /** The first `length` symbols, in place; later appends do not change them. */
  symbols(length: number): Int32Array {
    return this.#symbols.subarray(0, length);
  }

  /** How many leading rows stand for these symbols, whoever wrote them. */
  commonPrefix(symbols: Int32Array): number {
    const end = Math.min(symbols.length, this.#filled);
    let at = 0;
    while (at < end && symbols[at] === this.#symbols[at]) at += 1;
    return at;
  }

  /**
   * Writes the rows of `block` behind row `length`, which makes every view that went beyond it stale.
   * `rows[i]` is [block.length, widths[i]]. Returns the stamp of the longer view.
   */
  append(length: number, block: Int32Array, rows: readonly Float32Array[]): number {
    const end = length + block.length;
    if (length > this.#filled || end > this.#maxRows) {
      throw new RangeError(
        `append: expected rows from at most ${this.#filled} to at most ${this.#maxRows}, got ${length} to ${end}`,
      );
    }
    if (end > this.#capacity) this.#grow(end, length);
    else if (length < this.#filled) this.#symbols = copyInto(new Int32Array(this.#capacity), this.symbols(length));
    for (const [i, buffer] of this.#buffers.entries()) buffer.set(rows[i]!, length * this.#widths[i]!);
    this.#symbols.set(block, length);
    this.#lastStamp += 1;
    this.#stamps.fill(this.#lastStamp, length, end);
    this.#filled = end;
    return this.#lastStamp;
  }

  /** A cache of its own with the first `length` rows. */
  copy(length: number): KvCache {
    const copy = new KvCache(this.#widths, this.#maxRows);
    if (length === 0) return copy;
    const rows = this.#buffers.map((_, i) => this.rows(i, length));
    copy.append(0, this.symbols(length), rows);
    return copy;
  }

  #grow(needed: number, keep: number): void {
    const wanted = Math.max(needed, Math.ceil(this.#capacity * 1.5), minCapacity);
    this.#capacity = Math.min(wanted, this.#maxRows);
    this.#buffers = this.#buffers.map((_, i) =>
      copyInto(new Float32Array(this.#capacity * this.#widths[i]!), this.rows(i, keep)),
    );
    this.#stamps = copyInto(new Float64Array(this.#capacity), this.#stamps.subarray(0, keep));
    this.#symbols = copyInto(new Int32Array(this.#capacity), this.symbols(keep));
  }
}

function copyInto<T extends Float32Array | Float64Array | Int32Array>(target: T, source: T): T {
  target.set(source);
  return target;
}
