// What of a distribution is kept for the symbol that came: its surprisal, and if wanted its rank and the entropy. The arithmetic over rows is
// in reduceRows.as.ts; rows go through a small memory of its own, a few at a time, so that they are still in the cache when they are read.
import kernelBytes from './reduceRows.wasm';

export interface Wanted {
  /** Also how many symbols are likelier than the one that came. */
  readonly rank?: boolean;
  /** Also the expected surprisal, in nats. */
  readonly entropy?: boolean;
}

/** In nats. */
export interface Reduced {
  readonly surprisal: Float32Array; // [time]
  readonly rank?: Int32Array; // [time]
  readonly entropy?: Float32Array; // [time]
}

interface Kernel {
  reduceRows(rows: number, count: number, stride: number, targets: number, results: number): void;
}

const pageBytes = 65536;
/** Of rows at once: what a core's own cache holds. */
const chunkBytes = 128 * 1024;
const mostRows = 512;
const resultBytes = 32;

let compiled: WebAssembly.Module | undefined;

/** Reduces rows of one vocabulary. The log-probabilities need not be normalized: every row may lack a number of its own. */
export class RowReducer {
  readonly #vocab: number;
  /** From a row to the next, in floats. */
  readonly #stride: number;
  readonly #rowsAtOnce: number;
  readonly #kernel: Kernel;
  readonly #rows: Float32Array;
  readonly #targets: Int32Array;
  readonly #results: DataView;

  constructor(vocab: number) {
    this.#vocab = vocab;
    this.#stride = Math.ceil(vocab / 4) * 4;
    this.#rowsAtOnce = Math.max(1, Math.min(mostRows, Math.floor(chunkBytes / (4 * this.#stride))));
    const rowsLength = this.#rowsAtOnce * this.#stride;
    const bytes = mostRows * (4 + resultBytes) + 4 * rowsLength;
    const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / pageBytes) });
    this.#targets = new Int32Array(memory.buffer, 0, mostRows);
    this.#results = new DataView(memory.buffer, this.#targets.byteLength, mostRows * resultBytes);
    this.#rows = new Float32Array(memory.buffer, mostRows * (4 + resultBytes), rowsLength);
    this.#rows.fill(Number.NEGATIVE_INFINITY); // What pads a row stays impossible.
    compiled ??= new WebAssembly.Module(kernelBytes);
    this.#kernel = new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as Kernel;
  }

  /** One row for each target. */
  reduce(rows: Float32Array, targets: Int32Array, wanted: Wanted = {}): Reduced {
    const time = targets.length;
    const surprisal = new Float32Array(time);
    const rank = wanted.rank ? new Int32Array(time) : undefined;
    const entropy = wanted.entropy ? new Float32Array(time) : undefined;
    for (let first = 0; first < time; first += this.#rowsAtOnce) {
      const count = Math.min(this.#rowsAtOnce, time - first);
      this.#copyIn(rows, first, count);
      this.#targets.set(targets.subarray(first, first + count));
      const { byteOffset } = this.#results;
      this.#kernel.reduceRows(this.#rows.byteOffset, count, this.#stride, this.#targets.byteOffset, byteOffset);
      for (let i = 0; i < count; i++) {
        const at = i * resultBytes;
        const rest = this.#results.getFloat64(at, true);
        const below = this.#results.getFloat32(at + 16, true) - this.#results.getFloat32(at + 20, true);
        const normalizer = Math.log1p(rest); // Less the largest logit.
        surprisal[first + i] = normalizer + below;
        if (rank) rank[first + i] = this.#results.getInt32(at + 24, true);
        if (entropy) entropy[first + i] = normalizer + this.#results.getFloat64(at + 8, true) / (1 + rest);
      }
    }
    return { surprisal, ...(rank && { rank }), ...(entropy && { entropy }) };
  }

  #copyIn(rows: Float32Array, first: number, count: number): void {
    const vocab = this.#vocab;
    if (this.#stride === vocab) this.#rows.set(rows.subarray(first * vocab, (first + count) * vocab));
    else {
      for (let i = 0; i < count; i++) {
        this.#rows.set(rows.subarray((first + i) * vocab, (first + i + 1) * vocab), i * this.#stride);
      }
    }
  }
}
