// One completion from question to answer: what was suggested before, the prompt, decoding, review. It knows no editor; it
// serves one request after another, so abort the old one before asking anew. Every expected outcome is a named result. Ahead of a
// request it can be led to where the next one is likely to be.
import { type Clock, systemClock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import { throwIfCancelled } from '../base/errors.ts';
import { SymbolIndex } from '../codecs/layout.ts';
import type { TextModel } from '../engine/loadModel.ts';
import { SequenceCache, type SequenceCacheOptions } from '../engine/sequenceCache.ts';
import { betweenBrackets, lineBelow, usesCrLf } from './ahead.ts';
import { CopySource } from './copySource.ts';
import { type DropReason, review } from './discard.ts';
import { type Explanation, explain } from './explain.ts';
import { type Generated, generate, logProbOf } from './generate.ts';
import { defaultIndentation, type Indentation, isBlank, isWord, reindent } from './lines.ts';
import { behindClosed, buildPrompt, type Prompt, type PromptSource, shortnessOf, toLineFeeds } from './prompt.ts';
import { chooseExtent, type MultilinePolicy } from './stopping.ts';
import { type CachedSuggestion, SuggestionCache } from './suggestionCache.ts';

/** Where a completion may be asked for: all that decides with which symbols the model is asked. */
export interface CompletionPlace {
  /** Relative to the workspace, with forward slashes; '' for none. */
  readonly path: string;
  /** The whole text on each side of the cursor, in the document's own line ends; only a bounded window of it is read. */
  readonly before: string;
  readonly after: string;
  /** Of each suggestion; with a review, of a codec whose symbols are bytes or characters as many more as it takes to say as much. */
  readonly maxSymbols: number;
}

export interface CompletionRequest extends CompletionPlace {
  /** Which document, in whatever way the caller names documents. */
  readonly document: string;
  readonly languageId: string;
  /** At most; left out, one. Without a review there is never more than one. */
  readonly maxSuggestions?: number | undefined;
  readonly multiline: MultilinePolicy;
  /** Better a short answer in time than none. */
  readonly deadlineMs: number;
  /** Left out, the text is taken as the model writes it. */
  readonly indentation?: Indentation | undefined;
}

export interface Suggestion {
  readonly kind: 'suggestion';
  /** Goes in at the cursor. */
  readonly text: string;
  /** Other texts for the same place, the best first. */
  readonly alternatives: readonly string[];
  /** ln p of the text given what was typed. */
  readonly logProbNats: number;
  /** Per symbol of the text: what decides whether it is worth showing. */
  readonly meanLogProbNats: number;
  /** How many were decoded for the likeliest text; 0 when an earlier suggestion was typed along. */
  readonly symbols: number;
  readonly prefillMs: number;
  readonly decodeMs: number;
  /** Of the prompt, not computed again. */
  readonly reusedSymbols: number;
}

export type NothingReason = DropReason | 'insideWord' | 'deadline' | 'empty';

export interface Nothing {
  readonly kind: 'nothing';
  readonly reason: NothingReason;
}

export type CompletionResult = Suggestion | Nothing;

export interface CompleterOptions {
  readonly clock: Clock;
  /** 'editor': only what is worth showing. 'none': the model's own continuation, healed and stopped; nothing is dropped. */
  readonly review: 'editor' | 'none';
  /**
   * Suggestions less probable per symbol than this, as a mean in nats, are dropped. With the default model and copies, at 500 places of
   * files it never saw and with what follows the line, the rest of the line was right in 86 % above -0.1, 56 % down to -0.25, 24 % down to
   * -0.5, 14 % down to -0.75, 9 % down to -1, and 4 % below; of all above -0.5, in half. The model alone was right in 19 % from -0.5 down to
   * -0.75 and in 5 % down to -1 (`npm run bench:model -- corpus/heldout --only lines --cases 500`; models/default/README.md).
   * Left out, it follows from `copies`, and is as much higher for symbols that say as much less: bytes and characters.
   */
  readonly minMeanLogProbNats: number;
  /** The same where several were asked for, by a person: what the model has is better than nothing. */
  readonly minAskedMeanLogProbNats: number;
  /** The most symbols of a prompt; the model's context bounds it as well. */
  readonly maxPromptSymbols: number;
  readonly sequences: SequenceCacheOptions;
  readonly maxCachedSuggestions: number;
  /**
   * 'mixed': what the text around the cursor repeats counts beside what the model says (copyMixture.ts). Left out, 'none' where symbols are
   * bytes or characters: how much copies should count there was not fitted.
   */
  readonly copies: 'none' | 'mixed';
}

/** Down to where about one in five is right: see `minMeanLogProbNats`. */
const minMeanLogProbOf = { mixed: -0.5, none: -0.75 } as const;

export const defaultCompleterOptions: CompleterOptions = {
  clock: systemClock,
  review: 'editor',
  minMeanLogProbNats: minMeanLogProbOf.mixed,
  minAskedMeanLogProbNats: -2,
  maxPromptSymbols: 2048,
  sequences: { maxBytes: 256 * 2 ** 20, maxSequences: 8, chunkSymbols: 128, chunkMs: 20 },
  maxCachedSuggestions: 64,
  copies: 'mixed',
};

interface AnswerOptions {
  readonly signal: AbortSignal | undefined;
  /** Nobody has asked yet. */
  readonly ahead: boolean;
}

/** Of several ways to begin some lead to nothing worth showing. */
const openingsPerSuggestion = 2;
/** No stop rule, prompt or review looks further from the cursor; the prompt has its own bound. */
const reviewedLength = 4096;

export class Completer implements Disposable {
  readonly #model: Pick<TextModel, 'model' | 'codec'>;
  readonly #options: CompleterOptions;
  readonly #index: SymbolIndex;
  readonly #sequences: SequenceCache;
  readonly #suggestions: SuggestionCache;
  readonly #copies: CopySource | undefined;

  /** The model stays the caller's to dispose of. */
  constructor(model: Pick<TextModel, 'model' | 'codec'>, options: Partial<CompleterOptions> = {}) {
    this.#model = model;
    const copies = options.copies ?? (model.codec.kind === 'bpe' ? defaultCompleterOptions.copies : 'none');
    const minMeanLogProbNats = minMeanLogProbOf[copies] / shortnessOf(model.codec);
    this.#options = { ...defaultCompleterOptions, minMeanLogProbNats, copies, ...options };
    this.#index = new SymbolIndex(model.codec);
    const { clock, sequences } = this.#options;
    this.#sequences = new SequenceCache(model.model, { clock, ...sequences });
    this.#suggestions = new SuggestionCache(this.#options.maxCachedSuggestions);
    if (this.#options.copies === 'mixed') this.#copies = new CopySource(model.codec);
  }

  /** Memory that is held between requests. */
  get sizeBytes(): number {
    return this.#sequences.sizeBytes;
  }

  /** @throws CancelledError; what was computed until then is kept. */
  complete(request: CompletionRequest, signal?: AbortSignal): Promise<CompletionResult> {
    return this.#answer(request, { signal, ahead: false });
  }

  /**
   * What comes after `shown`, the suggestion that this request was answered with ('' for none): computed and kept, so that the
   * request that comes when it is accepted is answered at once. Where nothing goes on in its line, the next line is. @throws CancelledError
   */
  async lookAhead(request: CompletionRequest, shown: string, signal?: AbortSignal): Promise<void> {
    const options = { signal, ahead: true };
    if (shown !== '') {
      const accepted = { ...request, before: request.before + shown, maxSuggestions: 1, deadlineMs: Infinity };
      const result = await this.#answer(accepted, options);
      const below = result.kind === 'nothing' ? lineBelow(accepted) : undefined;
      if (below !== undefined) await this.#answer(below, options);
    }
    // Enter there changes what follows, and with it the whole prompt.
    const between = betweenBrackets(request);
    if (between !== undefined) await this.prepare(between, signal);
  }

  /** Leads the model to the place, so that a request there steps only what is typed until it comes. @throws CancelledError */
  async prepare(place: CompletionPlace, signal?: AbortSignal): Promise<void> {
    throwIfCancelled(signal);
    const { prompt, source } = this.#prompt(place);
    const copies = this.#copies?.at(source);
    await this.#sequences.warm(prompt.symbols, { signal });
    copies?.begin();
  }

  /**
   * What this request was answered with, symbol by symbol; of a text that is not known any more, as the codec cuts it. `shown` is the text
   * from the cursor on, or how it begins. Undefined for a text without any. @throws CancelledError
   */
  async explain(request: CompletionRequest, shown: string, signal?: AbortSignal): Promise<Explanation | undefined> {
    throwIfCancelled(signal);
    const text = toLineFeeds(shown);
    if (text === '') return undefined;
    const { prompt, source } = this.#prompt(request);
    const copies = this.#copies?.at(source);
    const parts = { codec: this.#model.codec, index: this.#index, sequences: this.#sequences, copies };
    for (const made of this.#suggestions.madeAt(placeOf(request))) {
      const written = toLineFeeds(asWrittenIn(request, made.text));
      if (!written.startsWith(text)) continue;
      // Indentation changes lines after the first, and what is not shown is the end.
      const length = text.includes('\n') ? made.text.length - (written.length - text.length) : text.length;
      const symbols = made.pieces.map(({ symbol }) => symbol);
      return explain(parts, { prompt, symbols, shown: made.text.slice(0, length), signal });
    }
    return explain(parts, { prompt, shown: text, signal });
  }

  async #answer(request: CompletionRequest, options: AnswerOptions): Promise<CompletionResult> {
    throwIfCancelled(options.signal);
    if (this.#options.review === 'none') return this.#completeRaw(request, options);
    if (isInsideWord(request)) return { kind: 'nothing', reason: 'insideWord' };
    const { maxSuggestions = 1 } = request;
    const place = placeOf(request);
    const known = this.#suggestions.find(place);
    if (known && maxSuggestions === 1) return suggestion(request, known);
    // What was suggested before stays the first, so that whoever asks for others keeps what is shown.
    const kept = known ? [known] : [];
    let greedy: Generated | undefined;
    let reason: NothingReason | undefined;
    for await (const generated of this.#generateSeveral(request, maxSuggestions, options)) {
      greedy ??= generated;
      const reviewed = this.#review(request, generated);
      if (typeof reviewed === 'string') reason ??= reviewed;
      else if (kept.every(({ text }) => text !== reviewed.text)) kept.push(reviewed);
      if (kept.length >= maxSuggestions) break;
    }
    const [best, ...others] = kept;
    if (best === undefined) return { kind: 'nothing', reason: reason ?? 'deadline' };
    this.#suggestions.add(place, kept);
    return suggestion(request, best, others, greedy);
  }

  dispose(): void {
    this.#sequences.dispose();
  }

  async #completeRaw(request: CompletionRequest, options: AnswerOptions): Promise<CompletionResult> {
    for await (const generated of this.#generateSeveral(request, 1, options)) {
      return suggestion(request, generated, [], generated);
    }
    return { kind: 'nothing', reason: 'deadline' };
  }

  /** The greedy continuation, then those that begin otherwise; none once the deadline is over. */
  async *#generateSeveral(
    request: CompletionRequest,
    maxSuggestions: number,
    { signal, ahead }: AnswerOptions,
  ): AsyncGenerator<Generated> {
    const { codec } = this.#model;
    const { clock } = this.#options;
    const deadlineAtMs = clock.now() + request.deadlineMs;
    const { prompt, maxSymbols, source } = this.#prompt(request);
    const extent = chooseExtent(request.multiline, { ...nearCursor(request), languageId: request.languageId });
    const sequences: Pick<SequenceCache, 'run'> = {
      run: (symbols, options, body) => this.#sequences.run(symbols, { ...options, ahead }, body),
    };
    const decoder = { codec, index: this.#index, sequences, copies: this.#copies?.at(source) };
    const options = { extent, maxSymbols, maxOpenings: 0, deadlineAtMs, clock, signal };
    const maxOpenings = openingsPerSuggestion * (maxSuggestions - 1);
    const greedy = await generate(decoder, prompt, { ...options, maxOpenings });
    if (greedy === undefined) return;
    yield greedy;
    for (const opening of greedy.openings) {
      const other = await generate(decoder, prompt, { ...options, opening });
      if (other === undefined || other.stoppedBy === 'deadline') return;
      yield other;
    }
  }

  #prompt(place: CompletionPlace): {
    readonly prompt: Prompt;
    readonly maxSymbols: number;
    readonly source: PromptSource;
  } {
    const { model, codec } = this.#model;
    const { maxPromptSymbols, review } = this.#options;
    const wanted = review === 'none' ? place.maxSymbols : place.maxSymbols * shortnessOf(codec);
    const maxSymbols = Math.min(Math.ceil(wanted), Math.floor(model.contextLength / 2));
    // A model without bound to its context learnt from streams: it knows no holes, whatever marks its codec has for them.
    const knowsHoles = model.contextLength !== Number.POSITIVE_INFINITY;
    const after = review === 'none' ? place.after : behindClosed(place.after);
    const source = { ...place, after: knowsHoles ? after : '' };
    const budget = Math.min(maxPromptSymbols, model.contextLength - maxSymbols);
    return { prompt: buildPrompt(codec, source, budget), maxSymbols, source };
  }

  /** What of a text is worth showing, or why nothing is. */
  #review(request: CompletionRequest, { text, pieces, stoppedBy }: Generated): CachedSuggestion | NothingReason {
    if (text === '') return stoppedBy === 'deadline' ? 'deadline' : 'empty';
    const verdict = review(text, nearCursor(request));
    if (verdict.kind === 'drop') return verdict.reason;
    const { minMeanLogProbNats, minAskedMeanLogProbNats } = this.#options;
    const isAsked = (request.maxSuggestions ?? 1) > 1;
    const least = isAsked ? minAskedMeanLogProbNats : minMeanLogProbNats;
    // Of several lines as many as are sure.
    for (let length = verdict.length; length > 0; length = text.lastIndexOf('\n', length - 1)) {
      const shown = text.slice(0, length);
      if (isBlank(shown)) break;
      const { logProb, count } = logProbOf(pieces, length);
      if (logProb >= least * count) return { text: shown, pieces };
    }
    return 'improbable';
  }
}

function suggestion(
  request: CompletionRequest,
  best: CachedSuggestion,
  others: readonly CachedSuggestion[] = [],
  greedy?: Generated,
): Suggestion {
  const { logProb, count } = logProbOf(best.pieces, best.text.length);
  return {
    kind: 'suggestion',
    text: asWrittenIn(request, best.text),
    alternatives: others.map(({ text }) => asWrittenIn(request, text)),
    logProbNats: logProb,
    meanLogProbNats: logProb / Math.max(count, 1),
    symbols: greedy?.pieces.length ?? 0,
    prefillMs: greedy?.prefillMs ?? 0,
    decodeMs: greedy?.decodeMs ?? 0,
    reusedSymbols: greedy?.reusedSymbols ?? 0,
  };
}

/** In the document's indentation and line ends. */
function asWrittenIn(request: CompletionRequest, text: string): string {
  const indented = request.indentation === undefined ? text : reindent(text, request.indentation);
  return usesCrLf(request) ? indented.replaceAll('\n', '\r\n') : indented;
}

/** The text around the cursor as the stop rules and the review see it. */
function nearCursor({ before, after, indentation = defaultIndentation }: CompletionRequest) {
  return {
    before: toLineFeeds(before.slice(-reviewedLength)),
    after: toLineFeeds(after.slice(0, reviewedLength)),
    indentation,
  };
}

/** What would go in there is half a word, and its other half is there. */
function isInsideWord({ before, after }: CompletionRequest): boolean {
  return isWord(before.slice(-1)) && isWord(after.slice(0, 1));
}

function placeOf({ document, path, languageId, multiline, maxSymbols, before, after }: CompletionRequest) {
  return { key: JSON.stringify([document, path, languageId, multiline, maxSymbols]), before, after };
}
