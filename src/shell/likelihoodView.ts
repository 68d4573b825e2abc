// What a likelihood view knows: the text as it was scored, what one or two models make of it, what others need for it, and the proof. A page
// is told all of it when it comes, since it is made anew whenever it was hidden. Knows no editor.
import type { Disposable } from '../base/disposable.ts';
import { CancelledError, messageOf, UserError } from '../base/errors.ts';
import {
  type Comparison,
  type FromLikelihoodView,
  type LikelihoodViewMessage,
  likelihoodViewLimits,
  type ProofView,
  type Remembered,
  type Side,
  sides,
  type ToLikelihoodView,
} from '../protocol/likelihoodViewMessages.ts';
import { pieceLength } from '../protocol/numberArrays.ts';
import { headlineOf, proofText } from './likelihoodSentences.ts';
import { SideScores } from './likelihoodSide.ts';
import type { ScorerClient } from './scorerClient.ts';
import { partsOf, type SentText, sendText, sentText } from './sentText.ts';

export interface ModelChoice {
  readonly path: string;
  readonly name: string;
}

/** A document as it is now. */
export interface ViewedDocument {
  readonly text: string;
  /** What is to be known of it, such as that the disk has other bytes; '' for nothing. */
  readonly note: string;
}

export interface LikelihoodViewDeps {
  readonly scorer: Pick<ScorerClient, 'ask' | 'send'>;
  /** Those that are installed, the one to begin with first. */
  readonly models: () => Promise<readonly ModelChoice[]>;
  /** @throws Error when there is no such document any more. */
  readonly read: (document: string) => Promise<ViewedDocument>;
  readonly nameOf: (document: string) => { readonly name: string; readonly place: string };
  readonly send: (message: ToLikelihoodView) => void;
}

interface Measured {
  readonly state: Comparison['state'];
  readonly bits: number | null;
  readonly progress: number | null;
  readonly reason: string;
}

const nothingMeasured: Measured = { state: 'unknown', bits: null, progress: null, reason: '' };
const noProof: ProofView = { state: 'none', progress: null, text: '' };

export class LikelihoodView implements Disposable {
  readonly #deps: LikelihoodViewDeps;
  #document: string;
  #models: readonly ModelChoice[] = [];
  #chosen: { a: string; b: string };
  /** Counts the texts that were scored. */
  #number = 0;
  #text: SentText | undefined;
  #documentNote = '';
  #isStale = false;
  #isGone = false;
  #problem = '';
  #sides: Record<Side, SideScores>;
  #compressors = new Map<string, Measured>();
  /** By the model's folder. */
  #others = new Map<string, Measured>();
  #proof = noProof;
  #reading: AbortController | undefined;
  #comparing: AbortController | undefined;
  #proving: AbortController | undefined;
  #disposed = false;

  constructor(deps: LikelihoodViewDeps, remembered: Remembered) {
    this.#deps = deps;
    this.#document = remembered.document;
    this.#chosen = { a: remembered.a, b: remembered.b };
    this.#sides = { a: this.#side('a'), b: this.#side('b') };
  }

  get document(): string {
    return this.#document;
  }

  /** Reads the document and scores it. Never rejects. */
  async score(): Promise<void> {
    this.#cancelAll();
    const controller = new AbortController();
    this.#reading = controller;
    this.#problem = '';
    try {
      await this.#findModels();
      const { text, note } = await this.#deps.read(this.#document);
      const sent = await sentText(text);
      if (controller.signal.aborted || this.#disposed) return;
      const isOther = sent.id !== this.#text?.id;
      this.#text = sent;
      this.#documentNote = note;
      this.#isStale = false;
      this.#isGone = false;
      if (isOther) this.#begin();
    } catch (error) {
      if (controller.signal.aborted || this.#disposed) return;
      this.#problem = problemOf(error);
      this.#changed();
      return;
    } finally {
      if (this.#reading === controller) this.#reading = undefined;
    }
    this.#sendText();
    void this.#compress();
    await Promise.all(sides.map((side) => this.#scoreSide(side)));
  }

  /** What the page asks. Never rejects; what the editor must do is not for here. */
  async receive(message: FromLikelihoodView): Promise<void> {
    switch (message.kind) {
      case 'ready':
        this.#sendAll();
        break;
      case 'scoreAgain':
        await this.score();
        break;
      case 'cancel':
        if (this.#reading) this.#problem = 'Cancelled: press Score Again.';
        this.#reading?.abort();
        this.#reading = undefined;
        for (const side of sides) this.#sides[side].cancel();
        this.#changed();
        break;
      case 'choose':
        await this.#choose(message.side, message.model);
        break;
      case 'compare':
        await this.#compare(message.model);
        break;
      case 'cancelComparing':
        this.#comparing?.abort();
        break;
      case 'prove':
        await this.#prove();
        break;
      case 'cancelProof':
        this.#proving?.abort();
        break;
      default:
        break;
    }
  }

  /** The document is another than the one that was scored. */
  documentChanged(): void {
    if (this.#isStale || !this.#text) return;
    this.#isStale = true;
    this.#changed();
  }

  /** It is there, and holds this: what was written beside the editor is seen, too. */
  documentIs(text: string): void {
    if (!this.#text || this.#reading) return;
    const isStale = text !== this.#text.text;
    if (isStale === this.#isStale && !this.#isGone) return;
    [this.#isStale, this.#isGone] = [isStale, false];
    this.#changed();
  }

  documentMoved(document: string): void {
    this.#document = document;
    this.#changed();
    this.#remember();
  }

  documentDeleted(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#changed();
  }

  dispose(): void {
    this.#disposed = true;
    this.#cancelAll();
  }

  #side(side: Side): SideScores {
    return new SideScores({
      ask: this.#deps.scorer,
      changed: () => this.#changed(),
      tokens: (piece) => this.#send({ kind: 'tokens', text: this.#number, side, ...piece }),
    });
  }

  #cancelAll(): void {
    this.#reading?.abort();
    this.#comparing?.abort();
    this.#proving?.abort();
    for (const side of sides) this.#sides[side].cancel();
  }

  /** Another text: nothing of what was known holds for it. */
  #begin(): void {
    this.#number += 1;
    for (const side of sides) this.#sides[side].forget();
    this.#compressors.clear();
    this.#others.clear();
    this.#proof = noProof;
  }

  async #findModels(): Promise<void> {
    this.#models = (await this.#deps.models()).slice(0, likelihoodViewLimits.models);
    if (this.#models.length === 0) throw new UserError('no model is installed that knows text; train one first');
    const isThere = (path: string) => this.#models.some((one) => one.path === path);
    if (this.#chosen.a === '') this.#chosen.a = this.#models[0]?.path ?? '';
    if (this.#chosen.b !== '' && !isThere(this.#chosen.b)) {
      this.#chosen.b = '';
      this.#sides.b.forget();
    }
    this.#remember();
  }

  async #choose(side: Side, index: number | null): Promise<void> {
    const path = index === null ? '' : this.#models[index]?.path;
    if (path === undefined || (side === 'a' && path === '')) return this.#changed();
    if (path === this.#chosen[side]) return;
    this.#chosen[side] = path;
    this.#sides[side].forget();
    if (side === 'a') {
      this.#proving?.abort();
      this.#proof = noProof;
    }
    this.#remember();
    this.#changed();
    await this.#scoreSide(side);
  }

  async #scoreSide(side: Side): Promise<void> {
    const path = this.#chosen[side];
    const text = this.#text;
    if (path === '' || !text) return this.#changed();
    const bits = await this.#sides[side].score(text, path);
    if (bits === undefined || text !== this.#text) return;
    this.#others.set(path, { ...nothingMeasured, state: 'known', bits });
    this.#changed();
  }

  async #compress(): Promise<void> {
    const text = this.#text;
    if (!text || this.#compressors.size > 0) return;
    const names = ['gzip -9', 'Brotli, level 11'] as const;
    for (const name of names) this.#compressors.set(name, { ...nothingMeasured, state: 'computing', progress: 0 });
    try {
      await sendText(this.#deps.scorer, text);
      const found = await this.#deps.scorer.ask({ kind: 'compressText', textId: text.id }, 'compressedText');
      if (text !== this.#text) return;
      this.#compressors.set(names[0], { ...nothingMeasured, state: 'known', bits: 8 * found.gzipBytes });
      this.#compressors.set(names[1], { ...nothingMeasured, state: 'known', bits: 8 * found.brotliBytes });
    } catch {
      if (text === this.#text) this.#compressors.clear();
    }
    this.#changed();
  }

  /** By one model, or by all that nobody asked yet, one after the other. */
  async #compare(index: number | null): Promise<void> {
    const text = this.#text;
    if (!text) return;
    const isOpen = ({ path }: ModelChoice) => this.#measured(path).state !== 'known';
    const wanted = this.#models.filter((one, i) => (index === null || i === index) && isOpen(one));
    this.#comparing?.abort();
    const controller = new AbortController();
    this.#comparing = controller;
    const set = (path: string, measured: Measured) => {
      if (text !== this.#text) return;
      this.#others.set(path, measured);
      this.#changed();
    };
    for (const { path } of wanted) {
      if (controller.signal.aborted) return;
      set(path, { ...nothingMeasured, state: 'computing', progress: 0 });
      try {
        await sendText(this.#deps.scorer, text);
        const answer = await this.#deps.scorer.ask(
          { kind: 'scoreText', textId: text.id, modelPath: path },
          'scoredText',
          {
            signal: controller.signal,
            news: (news) => {
              if (news.kind !== 'textProgress') return;
              set(path, { ...nothingMeasured, state: 'computing', progress: news.done / Math.max(1, news.total) });
            },
          },
        );
        set(path, { ...nothingMeasured, state: 'known', bits: answer.bits });
      } catch (error) {
        const cancelled = error instanceof CancelledError;
        set(path, cancelled ? nothingMeasured : { ...nothingMeasured, state: 'failed', reason: problemOf(error) });
      }
    }
  }

  async #prove(): Promise<void> {
    const text = this.#text;
    const modelPath = this.#chosen.a;
    if (!text || modelPath === '' || this.#proving) return;
    const controller = new AbortController();
    this.#proving = controller;
    const set = (proof: ProofView) => {
      if (text !== this.#text || modelPath !== this.#chosen.a) return;
      this.#proof = proof;
      this.#changed();
    };
    set({ state: 'running', progress: 0, text: 'Coding there and back, symbol by symbol ...' });
    try {
      await sendText(this.#deps.scorer, text);
      const answer = await this.#deps.scorer.ask({ kind: 'proveText', textId: text.id, modelPath }, 'provedText', {
        signal: controller.signal,
        news: (news) => {
          if (news.kind !== 'textProgress') return;
          const progress = news.done / Math.max(1, news.total);
          set({ state: 'running', progress, text: 'Coding there and back, symbol by symbol ...' });
        },
      });
      set({ state: answer.same ? 'done' : 'failed', progress: null, text: proofText(answer) });
    } catch (error) {
      set(error instanceof CancelledError ? noProof : { state: 'failed', progress: null, text: problemOf(error) });
    } finally {
      this.#proving = undefined;
    }
  }

  #measured(path: string): Measured {
    return this.#others.get(path) ?? nothingMeasured;
  }

  #remember(): void {
    this.#send({ kind: 'remember', remembered: { document: this.#document, ...this.#chosen } });
  }

  #sendAll(): void {
    this.#remember();
    this.#sendText();
    for (const side of sides) {
      for (const piece of this.#sides[side].pieces(pieceLength)) {
        this.#send({ kind: 'tokens', text: this.#number, side, ...piece });
      }
    }
  }

  #sendText(): void {
    this.#changed();
    let first = 0;
    for (const part of partsOf(this.#text?.text ?? '')) {
      if (part !== '') this.#send({ kind: 'textPart', text: this.#number, first, part });
      first += part.length;
    }
  }

  #send(message: ToLikelihoodView): void {
    if (!this.#disposed) this.#deps.send(message);
  }

  #changed(): void {
    this.#send(this.view());
  }

  view(): LikelihoodViewMessage {
    const { name, place } = this.#deps.nameOf(this.#document);
    const index = (path: string) => {
      const at = this.#models.findIndex((one) => one.path === path);
      return at < 0 ? null : at;
    };
    const { a, b } = this.#sides;
    const second = this.#chosen.b === '' ? undefined : b;
    const state = this.#problem !== '' ? 'failed' : this.#reading ? 'waiting' : overall(a, second);
    const notes = [
      this.#problem,
      this.#isGone ? 'The file was deleted or moved away; this is what it held when it was scored.' : '',
      this.#isStale ? 'The text has changed since it was scored: press Score Again.' : '',
      a.problem,
      second?.problem ?? '',
      this.#documentNote,
    ];
    const numBytes = this.#text?.numBytes ?? 0;
    return {
      kind: 'view',
      text: this.#number,
      name,
      place,
      models: this.#models.map((one) => ({ name: one.name.slice(0, likelihoodViewLimits.nameLength) })),
      a: index(this.#chosen.a),
      b: index(this.#chosen.b),
      state,
      headline: headlineOf({ state, numBytes, a, b: second }),
      note: notes.filter(Boolean).join(' ').slice(0, likelihoodViewLimits.noteLength),
      stale: this.#isStale && !this.#isGone,
      progress: state === 'scoring' ? (second && a.state === 'ready' ? second.progress : a.progress) : null,
      length: this.#text?.text.length ?? 0,
      numBytes,
      comparisons: [
        ...[...this.#compressors].map(([compressor, found]) => ({ name: compressor, model: null, ...found })),
        ...this.#models.map(({ path, name: model }, i) => ({ name: model, model: i, ...this.#measured(path) })),
      ],
      proof: this.#proof,
    };
  }
}

function overall(a: SideScores, b: SideScores | undefined): LikelihoodViewMessage['state'] {
  if (a.state === 'failed') return 'failed';
  if (a.state === 'scoring' || b?.state === 'scoring') return 'scoring';
  return a.state === 'ready' ? 'ready' : 'waiting';
}

export function problemOf(error: unknown): string {
  if (error instanceof UserError) return `${messageOf(error)}.`;
  return `${messageOf(error)}. Press Score Again.`;
}
