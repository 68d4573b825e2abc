// What one model makes of the text of a likelihood view: the numbers of its tokens as they come, and how it stands with them.
import { CancelledError, messageOf, UserError } from '../base/errors.ts';
import type { TokensMessage } from '../protocol/likelihoodViewMessages.ts';
import type { FromScorer } from '../protocol/scorerMessages.ts';
import type { ScorerClient } from './scorerClient.ts';
import { type SentText, sendText } from './sentText.ts';

export type TokenPiece = Omit<TokensMessage, 'kind' | 'text' | 'side'>;

export interface SideDeps {
  readonly ask: Pick<ScorerClient, 'ask' | 'send'>;
  readonly changed: () => void;
  readonly tokens: (piece: TokenPiece) => void;
}

interface Numbers {
  readonly starts: Int32Array;
  readonly bits: Float32Array;
  readonly entropy: Float32Array;
  readonly rank: Int32Array;
}

export class SideScores {
  readonly #deps: SideDeps;
  #numbers: Numbers | undefined;
  #count = 0;
  #working: AbortController | undefined;
  state: 'none' | 'scoring' | 'ready' | 'failed' = 'none';
  /** Why it failed, and what to do. */
  problem = '';
  /** From 0 to 1. */
  progress = 0;
  bits = 0;

  constructor(deps: SideDeps) {
    this.#deps = deps;
  }

  get numTokens(): number {
    return this.#numbers?.bits.length ?? 0;
  }

  /** The sum of bits; undefined when it failed, was cancelled, or something else was asked meanwhile. Never rejects. */
  async score(text: SentText, modelPath: string): Promise<number | undefined> {
    this.forget();
    const controller = new AbortController();
    this.#working = controller;
    this.state = 'scoring';
    this.#deps.changed();
    const isCurrent = () => this.#working === controller;
    try {
      await sendText(this.#deps.ask, text);
      const answer = await this.#deps.ask.ask({ kind: 'scoreText', textId: text.id, modelPath }, 'scoredText', {
        signal: controller.signal,
        news: (news) => isCurrent() && this.#hear(news),
      });
      if (!isCurrent()) return undefined;
      if (this.#count !== answer.numTokens) throw new Error('Some of the numbers did not come');
      [this.state, this.bits] = ['ready', answer.bits];
      return answer.bits;
    } catch (error) {
      if (!isCurrent()) return undefined;
      this.state = 'failed';
      const repair = error instanceof UserError ? '' : ' Press Score Again.';
      this.problem =
        error instanceof CancelledError ? 'Cancelled: press Score Again.' : `${messageOf(error)}.${repair}`;
      return undefined;
    } finally {
      if (isCurrent()) {
        this.#working = undefined;
        this.#deps.changed();
      }
    }
  }

  cancel(): void {
    this.#working?.abort();
  }

  forget(): void {
    const working = this.#working;
    this.#working = undefined;
    working?.abort();
    this.#numbers = undefined;
    [this.#count, this.progress, this.bits] = [0, 0, 0];
    [this.state, this.problem] = ['none', ''];
  }

  /** All that came so far. */
  *pieces(length: number): Generator<TokenPiece> {
    const numbers = this.#numbers;
    if (!numbers) return;
    for (let first = 0; first < this.#count; first += length) {
      const to = Math.min(this.#count, first + length);
      yield {
        first,
        total: numbers.bits.length,
        starts: numbers.starts.slice(first, to),
        bits: numbers.bits.slice(first, to),
        entropy: numbers.entropy.slice(first, to),
        rank: numbers.rank.slice(first, to),
      };
    }
  }

  #hear(news: FromScorer): void {
    if (news.kind === 'textProgress') {
      this.progress = news.done / Math.max(1, news.total);
      this.#deps.changed();
    }
    if (news.kind !== 'scoredTokens') return;
    const { first, total, starts, bits, entropy, rank } = news;
    this.#numbers ??= {
      starts: new Int32Array(total),
      bits: new Float32Array(total),
      entropy: new Float32Array(total),
      rank: new Int32Array(total),
    };
    if (first !== this.#count || first + bits.length > this.#numbers.bits.length) return;
    this.#numbers.starts.set(starts, first);
    this.#numbers.bits.set(bits, first);
    this.#numbers.entropy.set(entropy, first);
    this.#numbers.rank.set(rank, first);
    this.#count += bits.length;
    this.#deps.tokens({ first, total, starts, bits, entropy, rank });
  }
}
