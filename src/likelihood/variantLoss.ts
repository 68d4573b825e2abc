// What a variant of a model costs: how many more bits it needs for text that was held out, and how far its own ways to the same number lie
// apart.
import { throwIfCancelled } from '../base/errors.ts';
import { Random } from '../base/random.ts';
import { cutDifference, leastSymbols } from '../engine/laws.ts';
import type { TextModel } from '../engine/loadModel.ts';
import type { ChosenWeights, Weights } from '../engine/variants.ts';
import { bitsOf, bitsPerByte, wholeText } from './bits.ts';

export interface VariantLoss {
  readonly lossBitsPerByte: number | null;
  readonly toleranceNats: number;
}

/** Over how many symbols of how many texts the tolerance is measured. */
const toleranceSymbols = 192;
const toleranceTexts = 3;
const toleranceRounds = 3;
/** The next text may differ more than these. */
const toleranceMargin = 2;

export interface VariantMeterOptions {
  /** Held out from training; without any, no loss is measured. */
  readonly texts: readonly Uint8Array[];
  /** The model with these weights, which the meter disposes of. */
  readonly open: (weights: ChosenWeights) => Promise<TextModel>;
  readonly signal?: AbortSignal;
}

export class VariantMeter {
  readonly #texts: readonly Uint8Array[];
  readonly #options: VariantMeterOptions;
  #referenceBits: number | undefined;

  constructor(options: VariantMeterOptions) {
    this.#options = options;
    this.#texts = options.texts.filter(({ length }) => length > 0);
  }

  /** @throws CancelledError */
  async measure(name: Exclude<Weights, 'fp32'>): Promise<VariantLoss> {
    const same = { decode: name, prefill: name };
    const lossBitsPerByte = this.#texts.length === 0 ? null : await this.#loss(same);
    let toleranceNats = await this.#with(same, (model) => this.#tolerance(model));
    // Which is there to read many symbols at once, for a state that others step on.
    if (name === 'dynamicInt8') {
      const mixed = await this.#with({ decode: 'fp32', prefill: name }, (model) => this.#tolerance(model));
      toleranceNats = Math.max(toleranceNats, mixed);
    }
    return { lossBitsPerByte, toleranceNats };
  }

  async #loss(weights: ChosenWeights): Promise<number> {
    this.#referenceBits ??= await this.#with({ decode: 'fp32', prefill: 'fp32' }, (model) => this.#bits(model));
    const bytes = this.#texts.reduce((sum, { length }) => sum + length, 0);
    return bitsPerByte((await this.#with(weights, (model) => this.#bits(model))) - this.#referenceBits, bytes);
  }

  async #with(weights: ChosenWeights, measure: (model: TextModel) => Promise<number>): Promise<number> {
    const model = await this.#options.open(weights);
    try {
      return await measure(model);
    } finally {
      model.dispose();
    }
  }

  async #bits({ model, codec }: TextModel): Promise<number> {
    const { signal } = this.#options;
    let sum = 0;
    for (const text of this.#texts) sum += (await bitsOf(model, wholeText(codec, text), { signal })).bits;
    return sum;
  }

  async #tolerance({ model, codec }: TextModel): Promise<number> {
    const random = new Random(1);
    const length = Math.min(toleranceSymbols, model.contextLength);
    const read = this.#texts
      .map((text) => codec.encode(text.subarray(0, 16 * length)).subarray(0, length))
      .filter((symbols) => symbols.length >= leastSymbols)
      .slice(0, toleranceTexts);
    const drawn = Int32Array.from({ length }, () => random.nextInteger(model.vocabulary.size));
    let largest = 0;
    for (const symbols of read.length > 0 ? read : [drawn]) {
      throwIfCancelled(this.#options.signal);
      largest = Math.max(largest, await cutDifference(model, symbols, { random, rounds: toleranceRounds }));
    }
    return toleranceMargin * largest;
  }
}
