// Rows for models of images: one whole image each, the start symbol before it. All images of an epoch come once, in an order drawn afresh;
// the order, and what is drawn of an image, follow from the epoch's number and one drawn word, so a position is three numbers.
//
// Sampled binarization (Salakhutdinov & Murray 2008): every epoch draws each value anew, white with the probability of its intensity. It is
// a task of its own, easier to overfit on when drawn once and another one when cut at a threshold, so whoever reports a figure names it.
import { createHash } from 'node:crypto';
import { UserError } from '../base/errors.ts';
import type { Pixels } from '../base/pixels.ts';
import { Random } from '../base/random.ts';
import type { ImageCodec, ImageShape } from '../codecs/image.ts';
import type { HeldOutRows, RowSource, TrainingData } from './trainingData.ts';

export const binarizations = ['none', 'sampled'] as const;
export type Binarization = (typeof binarizations)[number];

/** 512 MB: some 680,000 images of 28 x 28, or 170,000 of 32 x 32 in color. */
const defaultMaxBytes = 512 * 1024 * 1024;

/** So many of one shape are kept in memory. */
export function mostImages({ width, height, channels }: Omit<ImageShape, 'levels'>): number {
  return Math.floor(defaultMaxBytes / (width * height * channels));
}

const firstCapacity = 64;
/** Held-out loss takes about this many symbols, some 660 images of 28 x 28: a few seconds. */
const maxHeldOutSymbols = 1 << 19;
/** The held-out images are binarized with it, once: the same task in every run. */
export const heldOutSeed = 1;

/** Images of one shape, a byte for each value, in one growing array. */
export class ImageStore {
  readonly shape: Omit<ImageShape, 'levels'>;
  readonly #maxBytes: number;
  readonly #imageBytes: number;
  #data = new Uint8Array(0);
  #length = 0;

  constructor({ width, height, channels }: Omit<ImageShape, 'levels'>, maxBytes = defaultMaxBytes) {
    this.shape = { width, height, channels };
    this.#maxBytes = maxBytes;
    this.#imageBytes = width * height * channels;
  }

  get length(): number {
    return this.#length;
  }

  /** @throws RangeError for another shape. @throws UserError when the store is full. */
  add({ width, height, channels, data }: Pixels): void {
    const { shape } = this;
    if (width !== shape.width || height !== shape.height || channels !== shape.channels) {
      const expected = `${shape.width} x ${shape.height} x ${shape.channels}`;
      throw new RangeError(`ImageStore: expected an image of ${expected}, got ${width} x ${height} x ${channels}`);
    }
    const end = (this.#length + 1) * this.#imageBytes;
    if (end > this.#maxBytes) {
      throw new UserError(
        `the images take more than ${Math.floor(this.#maxBytes / 2 ** 20)} MiB, the most that is kept in memory; ` +
          'give fewer images, or train on smaller ones',
      );
    }
    if (end > this.#data.length) this.#grow(end);
    this.#data.set(data, end - this.#imageBytes);
    this.#length += 1;
  }

  /** The values of an image, in place. */
  at(index: number): Uint8Array {
    return this.#data.subarray(index * this.#imageBytes, (index + 1) * this.#imageBytes);
  }

  /** Changes when any image or their order does. */
  fingerprint(): string {
    const hash = createHash('sha256');
    hash.update(`${Object.values(this.shape).join()} ${this.#length}\0`);
    return hash.update(this.#data.subarray(0, this.#length * this.#imageBytes)).digest('hex');
  }

  #grow(needed: number): void {
    const wanted = Math.max(needed, 2 * this.#data.length, firstCapacity * this.#imageBytes);
    const grown = new Uint8Array(Math.min(wanted, this.#maxBytes));
    grown.set(this.#data);
    this.#data = grown;
  }
}

export interface ImageDataOptions {
  readonly codec: ImageCodec;
  readonly training: ImageStore;
  readonly heldOut?: ImageStore | undefined;
  /** 'sampled' needs a codec of two levels. */
  readonly binarization: Binarization;
}

/** @throws RangeError when there is no image to train on, or the codec does not fit. */
export function imageData({ codec, training, heldOut, binarization }: ImageDataOptions): TrainingData {
  if (training.length === 0) throw new RangeError('imageData: expected at least one image, got none');
  if (binarization === 'sampled' && codec.levels !== 2) {
    throw new RangeError(`imageData: expected a codec of 2 levels with sampled binarization, got ${codec.levels}`);
  }
  const parts = [codec.levels, binarization, training.fingerprint(), heldOut?.fingerprint() ?? 'none'];
  return {
    unit: 'dimension',
    numSymbols: training.length * sizeOf(codec),
    fingerprint: createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 32),
    settings: { ...training.shape, levels: codec.levels, binarization },
    openRows: ({ random, position }) => new ImageRows(codec, training, binarization, random, position),
    heldOut: (batch, time) => {
      checkTime(codec, time);
      return heldOut && heldOut.length > 0 ? heldOutRows(codec, heldOut, binarization, batch) : undefined;
    },
  };
}

class ImageRows implements RowSource {
  readonly #codec: ImageCodec;
  readonly #images: ImageStore;
  readonly #binarization: Binarization;
  readonly #seed: number;
  #epoch: number;
  /** Of the epoch's order. */
  #next: number;
  #order: { readonly epoch: number; readonly images: readonly number[] } | undefined;

  constructor(
    codec: ImageCodec,
    images: ImageStore,
    binarization: Binarization,
    random: Random,
    position: readonly number[] | undefined,
  ) {
    if (position !== undefined && position.length !== 3) {
      throw new RangeError(`imageRows: expected a position of 3 numbers, got ${position.length}`);
    }
    this.#codec = codec;
    this.#images = images;
    this.#binarization = binarization;
    this.#seed = position?.[0] ?? random.nextUint32();
    this.#epoch = position?.[1] ?? 0;
    this.#next = position?.[2] ?? 0;
  }

  get position(): readonly number[] {
    return [this.#seed, this.#epoch, this.#next];
  }

  fill(_slot: number, row: Int32Array): boolean {
    checkTime(this.#codec, row.length - 1);
    if (this.#next >= this.#images.length) {
      this.#epoch += 1;
      this.#next = 0;
    }
    if (this.#order?.epoch !== this.#epoch) {
      this.#order = { epoch: this.#epoch, images: shuffled(this.#images.length, this.#seed, this.#epoch) };
    }
    const image = this.#order.images[this.#next]!;
    writeRow(row, this.#codec, this.#images.at(image), this.#draws(image));
    this.#next += 1;
    return false;
  }

  #draws(image: number): Random | undefined {
    return this.#binarization === 'sampled' ? new Random(mixed(this.#seed, this.#epoch, image)) : undefined;
  }
}

/** As many whole batches as the bound allows; where there are fewer images than a batch has, some come again. */
function heldOutRows(codec: ImageCodec, images: ImageStore, binarization: Binarization, batch: number): HeldOutRows {
  const size = sizeOf(codec);
  const order = shuffled(images.length, heldOutSeed, 0);
  const wanted = Math.min(order.length, Math.max(1, Math.floor(maxHeldOutSymbols / size)));
  const rows = Array.from({ length: Math.max(1, Math.floor(wanted / batch)) * batch }, (_, at) => {
    const image = order[at % order.length]!;
    const row = new Int32Array(size + 1);
    writeRow(row, codec, images.at(image), binarization === 'sampled' ? heldOutDraws(image) : undefined);
    return row;
  });
  const numTargets = rows.length * size;
  return { rows, continues: rows.map(() => false), numTargets, numUnits: numTargets };
}

/** What binarizes the held-out image of that number. */
export function heldOutDraws(image: number): Random {
  return new Random(mixed(heldOutSeed, 0, image));
}

/** The symbols of an image, drawn where there is something to draw with. */
export function imageSymbols(codec: ImageCodec, values: Uint8Array, draws: Random | undefined): Int32Array {
  if (draws === undefined) return Int32Array.from(values, codec.quantize);
  return Int32Array.from(values, (value) => (255 * draws.nextFloat() < value ? 1 : 0));
}

function writeRow(row: Int32Array, codec: ImageCodec, values: Uint8Array, draws: Random | undefined): void {
  row[0] = codec.vocabulary.start;
  row.set(imageSymbols(codec, values, draws), 1);
}

function checkTime(codec: ImageCodec, time: number): void {
  const size = sizeOf(codec);
  if (time !== size) throw new RangeError(`imageRows: expected rows of ${size} symbols, whole images, got ${time}`);
}

function sizeOf({ width, height, channels }: ImageShape): number {
  return width * height * channels;
}

function shuffled(count: number, seed: number, epoch: number): readonly number[] {
  return new Random(mixed(seed, epoch, -1)).shuffle(Array.from({ length: count }, (_, image) => image));
}

/** One word from three, so that neighbors have little in common once a Random has expanded it. */
function mixed(seed: number, epoch: number, image: number): number {
  return (Math.imul(seed ^ Math.imul(epoch + 1, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(image + 2, 0xc2b2ae35)) >>> 0;
}
