// Makes images symbol by symbol, several at once. Every layer's rows are kept (with zeros in row 0, which taps outside of an image read),
// so that a symbol costs one run of a small graph, not one of the whole image; and images share the run, since most of what one costs is
// not arithmetic. A given beginning, the same for all, is fed once as a block.
import type { Disposable } from '../base/disposable.ts';
import { throwIfCancelled, UserError } from '../base/errors.ts';
import type { Pixels } from '../base/pixels.ts';
import { Random } from '../base/random.ts';
import { type FloatTensor, float32, int32, sizeOf, type Tensor } from '../base/tensor.ts';
import type { ImageCodec } from '../codecs/image.ts';
import type { StateTensor } from '../formats/modelFolder.ts';
import type { Session } from '../runtime/session.ts';
import type { SessionModel } from './sessionModel.ts';
import { nextTurn } from './turn.ts';

export interface ImageSamplerOptions {
  readonly model: SessionModel;
  readonly codec: ImageCodec;
  readonly state: readonly StateTensor[];
  /** Asked for when first needed. */
  readonly openSample: () => Promise<Session>;
}

export interface ImageRequest {
  readonly count: number;
  /** 0: always the likeliest value. */
  readonly temperature: number;
  /** Image i is the same whatever the count. */
  readonly seed: number;
  /** The upper lines of the images, as many as are given, none to all: what is to be completed, and stays as it is. */
  readonly upper?: Pixels | undefined;
  /** After each line of the images that are being made. */
  readonly onLine?: ((lines: ImageLines) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Awaited between two lines instead of a turn of the event loop. */
  readonly turn?: (() => Promise<void>) | undefined;
}

export interface ImageLines {
  /** The number of the first of these images among all that were asked for. */
  readonly first: number;
  /** Zero where nothing was made yet. */
  readonly images: readonly Pixels[];
  /** How many of their lines are made. */
  readonly line: number;
}

/** Images of one run. One of 28 x 28 alone took 70 ms, 16 of them 16 ms each; most of the first is the same for any number. */
const mostAtOnce = 16;
const mostStateBytes = 256 * 2 ** 20;

export class ImageSampler implements Disposable {
  readonly #options: ImageSamplerOptions;
  #session: Promise<Session> | undefined;
  #disposed = false;

  constructor(options: ImageSamplerOptions) {
    this.#options = options;
  }

  /** @throws UserError when what is to be completed has another size. @throws CancelledError */
  async sample(request: ImageRequest): Promise<Pixels[]> {
    const { count, temperature, seed, upper, onLine } = request;
    if (!Number.isInteger(count) || count < 1)
      throw new RangeError(`sample: expected at least one image, got ${count}`);
    if (!(temperature >= 0)) throw new RangeError(`sample: expected a temperature of at least 0, got ${temperature}`);
    const given = upper === undefined ? new Int32Array(0) : this.#givenSymbols(upper);
    const images: Pixels[] = [];
    while (images.length < count) {
      const first = images.length;
      const randoms = Array.from({ length: Math.min(count - first, this.#atOnce()) }, (_, at) =>
        imageRandom(seed, first + at),
      );
      const line = onLine && ((made: readonly Pixels[], lines: number) => onLine({ first, images: made, line: lines }));
      images.push(...(await this.#sampleBatch(given, randoms, line, request)));
    }
    return images;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    // Also one that is still being opened; an opening that fails is told to whoever asked for it.
    this.#session?.then(
      (session) => session.dispose(),
      () => undefined,
    );
  }

  async #sampleBatch(
    given: Int32Array,
    randoms: readonly Random[],
    onLine: ((images: readonly Pixels[], line: number) => void) | undefined,
    { temperature, signal, turn = nextTurn }: ImageRequest,
  ): Promise<Pixels[]> {
    const { codec, state } = this.#options;
    const batch = randoms.length;
    const total = codec.width * codec.height * codec.channels;
    const lineLength = codec.width * codec.channels;
    const sequences = randoms.map(() => {
      const sequence = new Int32Array(total);
      sequence.set(given);
      return sequence;
    });
    const session = await this.#open();
    const kept = await this.#keepGiven(given, batch, signal);
    const outputs = ['logits', ...state.map(({ name }) => `present.${name}`)];
    const draw = new Draws(codec.levels, temperature);
    const symbols = new Int32Array(batch);
    const input = int32(symbols, [batch]);
    for (let at = given.length; at < total; at++) {
      if (at % lineLength === 0) {
        await turn();
        throwIfCancelled(signal);
        this.#throwIfDisposed();
      }
      for (let i = 0; i < batch; i++) symbols[i] = at === 0 ? codec.vocabulary.start : sequences[i]![at - 1]!;
      const inputs: Record<string, Tensor> = { symbols: input };
      for (const rows of kept) inputs[rows.input] = rows.upTo(at);
      const results = await session.run(inputs, outputs);
      for (const rows of kept) rows.add(at, floatOutput(results, rows.output));
      const { data } = floatOutput(results, 'logits'); // [batch, levels], and of models made earlier the start symbol
      const columns = data.length / batch;
      for (let i = 0; i < batch; i++) sequences[i]![at] = draw.from(data, i * columns, randoms[i]!);
      if ((at + 1) % lineLength === 0) onLine?.(sequences.map(codec.decode), (at + 1) / lineLength);
    }
    return sequences.map(codec.decode);
  }

  /** The rows that stand for all but the last of the given symbols, the start symbol before them, repeated for each image. */
  async #keepGiven(given: Int32Array, batch: number, signal: AbortSignal | undefined): Promise<KeptRows[]> {
    const { model, codec, state } = this.#options;
    const total = codec.width * codec.height * codec.channels;
    const kept = state.map(({ name, shape }) => new KeptRows(name, total, batch, sizeOf(shape.slice(1).map(Number))));
    if (given.length === 0) return kept;
    const block = new Int32Array(given.length);
    block[0] = codec.vocabulary.start;
    block.set(given.subarray(0, given.length - 1), 1);
    const initial = model.initialState();
    try {
      const { state: fed } = await model.step(block, initial, { lastOnly: true, ...(signal && { signal }) });
      try {
        for (const [i, rows] of kept.entries()) rows.repeat(fed.cache!.rows(i, fed.position));
      } finally {
        fed.dispose();
      }
    } finally {
      initial.dispose();
    }
    return kept;
  }

  #givenSymbols(upper: Pixels): Int32Array {
    const { width, height, channels, quantize } = this.#options.codec;
    if (upper.width !== width || upper.channels !== channels || upper.height > height) {
      throw new UserError(
        `expected an image of ${width} x ${height} x ${channels} or its upper lines, ` +
          `got one of ${upper.width} x ${upper.height} x ${upper.channels}; resize it to what the model makes`,
      );
    }
    return Int32Array.from(upper.data, quantize);
  }

  #atOnce(): number {
    const { codec, state } = this.#options;
    const total = codec.width * codec.height * codec.channels;
    const rowBytes = 4 * state.reduce((sum, { shape }) => sum + sizeOf(shape.slice(1).map(Number)), 0);
    return Math.max(1, Math.min(mostAtOnce, Math.floor(mostStateBytes / (rowBytes * total))));
  }

  async #open(): Promise<Session> {
    this.#throwIfDisposed();
    this.#session ??= this.#options.openSample();
    try {
      const session = await this.#session;
      this.#throwIfDisposed();
      return session;
    } catch (error) {
      if (!this.#disposed) this.#session = undefined; // The next request tries again.
      throw error;
    }
  }

  #throwIfDisposed(): void {
    if (this.#disposed) throw new Error('image sampler: it was disposed of; load the model again');
  }
}

/** Rows of one state, [1 + total, batch, width], the first of zeros. */
class KeptRows {
  readonly input: string;
  readonly output: string;
  readonly #batch: number;
  readonly #width: number;
  readonly #rows: Float32Array;

  constructor(name: string, total: number, batch: number, width: number) {
    this.input = `past.${name}`;
    this.output = `present.${name}`;
    this.#batch = batch;
    this.#width = width;
    this.#rows = new Float32Array((1 + total) * batch * width);
  }

  /** The rows of `count` symbols. */
  upTo(count: number): FloatTensor {
    const shape = [1 + count, this.#batch, this.#width];
    return float32(this.#rows.subarray(0, sizeOf(shape)), shape); // Not copied.
  }

  /** The rows of the symbol after the first `count`. */
  add(count: number, { data }: FloatTensor): void {
    this.#rows.set(data, (1 + count) * this.#batch * this.#width);
  }

  /** Rows [time, width] of one image, for every image of the batch. */
  repeat(rows: Float32Array): void {
    const width = this.#width;
    for (let time = 0; time * width < rows.length; time++) {
      const row = rows.subarray(time * width, (time + 1) * width);
      for (let i = 0; i < this.#batch; i++) this.#rows.set(row, ((1 + time) * this.#batch + i) * width);
    }
  }
}

/** Draws values from logits, without memory of its own for each draw: there is one for each value of an image. */
class Draws {
  readonly #levels: number;
  readonly #temperature: number;
  readonly #weights: Float64Array;

  constructor(levels: number, temperature: number) {
    this.#levels = levels;
    this.#temperature = temperature;
    this.#weights = new Float64Array(levels);
  }

  from(logits: Float32Array, offset: number, random: Random): number {
    let best = 0;
    for (let i = 1; i < this.#levels; i++) if (logits[offset + i]! > logits[offset + best]!) best = i;
    if (this.#temperature === 0) return best;
    const max = logits[offset + best]!;
    let sum = 0;
    // p[i]^(1 / temperature), the largest scaled to 1
    for (let i = 0; i < this.#levels; i++) {
      const weight = Math.exp((logits[offset + i]! - max) / this.#temperature);
      this.#weights[i] = weight;
      sum += weight;
    }
    let left = random.nextFloat() * sum;
    for (let i = 0; i < this.#levels; i++) {
      left -= this.#weights[i]!;
      if (left < 0) return i;
    }
    return best;
  }
}

/** Of each image its own: so many draws of one do not move another's. */
function imageRandom(seed: number, image: number): Random {
  return new Random((Math.imul(image + 1, 0x9e3779b1) ^ seed) >>> 0);
}

function floatOutput(results: Readonly<Record<string, Tensor>>, name: string): FloatTensor {
  const tensor = results[name];
  if (tensor?.dtype !== 'float32') throw new Error(`${name}: expected float32, got ${tensor?.dtype ?? 'nothing'}`);
  return tensor;
}
