// A text and its scores as they come in parts, in order; what belongs to another text, or comes twice, is passed over.
import type { Side, TokensMessage, ToLikelihoodView } from '../protocol/likelihoodViewMessages.ts';
import type { Scores } from './likelihoodLayout.ts';

type TextPart = Extract<ToLikelihoodView, { kind: 'textPart' }>;

interface Filling {
  readonly starts: Int32Array; // [total + 1]
  readonly bits: Float32Array;
  readonly entropy: Float32Array;
  readonly rank: Int32Array;
  count: number;
}

export class Received {
  #number = -1;
  #length = 0;
  #parts: string[] = [];
  #partsLength = 0;
  #text: string | undefined;
  #scores = new Map<Side, Filling>();

  /** The text, once all of it is there. */
  get text(): string | undefined {
    return this.#text;
  }

  /** Which text is shown, and how long it is. True when it is another one. */
  begin(number: number, length: number): boolean {
    if (number === this.#number) return false;
    this.#number = number;
    this.#length = length;
    this.#parts = [];
    this.#partsLength = 0;
    this.#text = length === 0 ? '' : undefined;
    this.#scores.clear();
    return true;
  }

  /** True when the text is whole with it. */
  addText({ text, first, part }: TextPart): boolean {
    if (text !== this.#number || first !== this.#partsLength || this.#text !== undefined) return false;
    this.#parts.push(part);
    this.#partsLength += part.length;
    if (this.#partsLength < this.#length) return false;
    this.#text = this.#parts.join('');
    this.#parts = [];
    return true;
  }

  /** True when there is something new to show. */
  addTokens({ text, side, first, total, starts, bits, entropy, rank }: TokensMessage): boolean {
    if (text !== this.#number) return false;
    let filling = first === 0 ? undefined : this.#scores.get(side);
    if (first === 0) {
      const numbers = { bits: new Float32Array(total), entropy: new Float32Array(total), rank: new Int32Array(total) };
      filling = { starts: new Int32Array(total + 1), ...numbers, count: 0 };
      this.#scores.set(side, filling);
    }
    if (!filling || first !== filling.count || first + bits.length > filling.bits.length) return false;
    let last = first > 0 ? filling.starts[first - 1]! : 0;
    for (const start of starts) {
      if (start < last || start > this.#length) return false;
      last = start;
    }
    filling.starts.set(starts, first);
    filling.bits.set(bits, first);
    filling.entropy.set(entropy, first);
    filling.rank.set(rank, first);
    filling.count += bits.length;
    filling.starts[filling.count] = this.#length;
    return true;
  }

  /** No such model any more. */
  drop(side: Side): void {
    this.#scores.delete(side);
  }

  /** Of the last token it is not known where it ends until the next one comes. */
  scores(side: Side): Scores | undefined {
    const filling = this.#scores.get(side);
    if (!filling) return undefined;
    const { starts, bits, entropy, rank } = filling;
    const isWhole = filling.count === bits.length;
    const count = isWhole ? filling.count : filling.count - 1;
    if (count <= 0) return undefined;
    return {
      starts: starts.subarray(0, count + 1),
      bits: bits.subarray(0, count),
      entropy: entropy.subarray(0, count),
      rank: rank.subarray(0, count),
    };
  }

  isWhole(side: Side): boolean {
    const filling = this.#scores.get(side);
    return filling !== undefined && filling.count === filling.bits.length;
  }
}
