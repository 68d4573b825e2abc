// The memory that attention states are views of. Rows are only ever appended, so that every shorter view stays valid:
//
//            row  0   1   2   3 | 4   5 |          capacity
//   head 0      [ a   a   a   a | b   b | .   .   . ]         [heads, capacity, width]: with one head a prefix is one subarray
//   head 1      [ a   a   a   a | b   b | .   .   . ]
//   stamps      [ 1   1   1   1 | 2   2 | .   .   . ]         the append that wrote the row
//   view A = (cache, length 4, stamp 1)   view B = (cache, length 6, stamp 2)
//
// Appending to A again writes rows 4.. with stamp 3. Row 5 then no longer carries the stamp that B was made with: B is stale.
// Who writes rows, `append` or a runtime to which `tensors` was lent, does it between `begin` and `commit`.
import { trackLife } from '../base/disposable.ts';
import { type FloatTensor, float32 } from '../base/tensor.ts';

const minCapacity = 64;

/** Of a row of one tensor. */
export interface RowLayout {
  /** Parts of the row that lie apart. */
  readonly heads: number;
  /** Elements of each. */
  readonly width: number;
}

export class KvCache {
  readonly #layouts: readonly RowLayout[];
  readonly #maxRows: number;
  readonly #endLife = trackLife('kvCache');
  #tensors: readonly FloatTensor[]; // [1, heads, capacity, width] each
  #stamps: Float64Array;
  /** Replaced, never overwritten below `filled`, so that stale views keep the symbols they stand for. */
  #symbols: Int32Array;
  #capacity = 0;
  #filled = 0;
  #lastStamp = 0;
  #views = 0;

  /** `maxRows`: the context length, which bounds the cache. */
  constructor(layouts: readonly RowLayout[], maxRows: number) {
    this.#layouts = layouts;
    this.#maxRows = maxRows;
    this.#tensors = layouts.map((layout) => emptyTensor(layout, 0));
    this.#stamps = new Float64Array(0);
    this.#symbols = new Int32Array(0);
  }

  get sizeBytes(): number {
    return this.#tensors.reduce((sum, { data }) => sum + data.byteLength, 0);
  }

  /** Where rows lie and come to lie, until the next `begin`. */
  get tensors(): readonly FloatTensor[] {
    return this.#tensors;
  }

  /** One more view refers to the cache. */
  retain(): void {
    this.#views += 1;
  }

  /** A view is gone; with the last one the memory goes. */
  release(): void {
    this.#views -= 1;
    if (this.#views > 0) return;
    this.#tensors = [];
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

  /** The first `length` rows of a tensor of one head, in place. */
  rows(tensor: number, length: number): Float32Array {
    return this.#tensors[tensor]!.data.subarray(0, length * this.#layouts[tensor]!.width) as Float32Array; // [length, width]
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
   * Makes room for `count` rows behind row `length`; what lay there is gone, and every view that went beyond it stale, even if nothing
   * is committed.
   */
  begin(length: number, count: number): void {
    const end = length + count;
    if (length > this.#filled || end > this.#maxRows) {
      throw new RangeError(
        `append: expected rows from at most ${this.#filled} to at most ${this.#maxRows}, got ${length} to ${end}`,
      );
    }
    if (end > this.#capacity) this.#grow(end, length);
    else if (length < this.#filled) this.#symbols = copyInto(new Int32Array(this.#capacity), this.symbols(length));
    this.#filled = length;
  }

  /** The rows that `begin` made room for are written, and stand for these symbols. Returns the stamp of the longer view. */
  commit(block: Int32Array): number {
    const length = this.#filled;
    this.#filled += block.length;
    this.#symbols.set(block, length);
    this.#lastStamp += 1;
    this.#stamps.fill(this.#lastStamp, length, this.#filled);
    return this.#lastStamp;
  }

  /** Writes the rows of `block` behind row `length`, of tensors of one head: `rows[i]` is [block.length, width]. */
  append(length: number, block: Int32Array, rows: readonly Float32Array[]): number {
    this.begin(length, block.length);
    for (const [i, { data }] of this.#tensors.entries()) data.set(rows[i]!, length * this.#layouts[i]!.width);
    return this.commit(block);
  }

  /** A cache of its own with the first `length` rows. */
  copy(length: number): KvCache {
    const copy = new KvCache(this.#layouts, this.#maxRows);
    if (length === 0) return copy;
    copy.begin(0, length);
    for (const [i, layout] of this.#layouts.entries()) copyRows(this.#tensors[i]!, copy.#tensors[i]!, layout, length);
    copy.commit(this.symbols(length));
    return copy;
  }

  #grow(needed: number, keep: number): void {
    const wanted = Math.max(needed, Math.ceil(this.#capacity * 1.5), minCapacity);
    this.#capacity = Math.min(wanted, this.#maxRows);
    this.#tensors = this.#tensors.map((tensor, i) => {
      const larger = emptyTensor(this.#layouts[i]!, this.#capacity);
      copyRows(tensor, larger, this.#layouts[i]!, keep);
      return larger;
    });
    this.#stamps = copyInto(new Float64Array(this.#capacity), this.#stamps.subarray(0, keep));
    this.#symbols = copyInto(new Int32Array(this.#capacity), this.symbols(keep));
  }
}

function emptyTensor({ heads, width }: RowLayout, capacity: number): FloatTensor {
  return float32(new Float32Array(heads * capacity * width), [1, heads, capacity, width]);
}

/** The first `count` rows of each head. */
function copyRows(source: FloatTensor, target: FloatTensor, { heads, width }: RowLayout, count: number): void {
  for (let head = 0; head < heads; head++) {
    const [from, to] = [source, target].map(({ shape }) => head * shape[2]! * width) as [number, number];
    target.data.set(source.data.subarray(from, from + count * width), to);
  }
}

function copyInto<T extends Float64Array | Int32Array>(target: T, source: T): T {
  target.set(source);
  return target;
}
