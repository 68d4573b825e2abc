// One completion from question to answer: what was suggested before, the prompt, decoding, review. It knows no editor; it
// serves one request after another, so abort the old one before asking anew. Every expected outcome is a named result.
import { type Clock, systemClock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import { throwIfCancelled } from '../base/errors.ts';
import { SymbolIndex } from '../codecs/layout.ts';
import type { TextModel } from '../engine/loadModel.ts';
import { SequenceCache, type SequenceCacheOptions } from '../engine/sequenceCache.ts';
import { type DropReason, review } from './discard.ts';
import { type Generated, generate, logProbOf, type Piece } from './generate.ts';
import { defaultIndentation, type Indentation, isBlank, isWord, reindent } from './lines.ts';
import { buildPrompt, toLineFeeds } from './prompt.ts';
import { chooseExtent, type MultilinePolicy } from './stopping.ts';
import { SuggestionCache } from './suggestionCache.ts';

export interface CompletionRequest {
  /** Which document, in whatever way the caller names documents. */
  readonly document: string;
  /** Relative to the workspace, with forward slashes; '' for none. */
  readonly path: string;
  readonly languageId: string;
  /** The whole text on each side of the cursor, in the document's own line ends; only a bounded window of it is read. */
  readonly before: string;
  readonly after: string;
  readonly maxSymbols: number;
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
  /** ln p of this text given what was typed. */
  readonly logProbNats: number;
  /** How many were decoded; 0 when an earlier suggestion was typed along. */
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
  /** Suggestions less probable per symbol than this, as a mean in nats, are dropped. */
  readonly minMeanLogProbNats: number;
  /** The most symbols of a prompt; the model's context bounds it as well. */
  readonly maxPromptSymbols: number;
  readonly sequences: SequenceCacheOptions;
  readonly maxCachedSuggestions: number;
}

export const defaultCompleterOptions: CompleterOptions = {
  clock: systemClock,
  review: 'editor',
  minMeanLogProbNats: -2,
  maxPromptSymbols: 2048,
  sequences: { maxBytes: 256 * 2 ** 20, maxSequences: 8, chunkSymbols: 128 },
  maxCachedSuggestions: 64,
};

/** No stop rule, prompt or review looks further from the cursor; the prompt has its own bound. */
const reviewedLength = 4096;

export class Completer implements Disposable {
  readonly #model: Pick<TextModel, 'model' | 'codec'>;
  readonly #options: CompleterOptions;
  readonly #index: SymbolIndex;
  readonly #sequences: SequenceCache;
  readonly #suggestions: SuggestionCache;

  /** The model stays the caller's to dispose of. */
  constructor(model: Pick<TextModel, 'model' | 'codec'>, options: Partial<CompleterOptions> = {}) {
    this.#model = model;
    this.#options = { ...defaultCompleterOptions, ...options };
    this.#index = new SymbolIndex(model.codec);
    this.#sequences = new SequenceCache(model.model, this.#options.sequences);
    this.#suggestions = new SuggestionCache(this.#options.maxCachedSuggestions);
  }

  /** Memory that is held between requests. */
  get sizeBytes(): number {
    return this.#sequences.sizeBytes;
  }

  /** @throws CancelledError; what was computed until then is kept. */
  async complete(request: CompletionRequest, signal?: AbortSignal): Promise<CompletionResult> {
    throwIfCancelled(signal);
    if (this.#options.review === 'none') return this.#completeRaw(request, signal);
    if (isInsideWord(request)) return { kind: 'nothing', reason: 'insideWord' };
    const cached = this.#typedAlong(request);
    if (cached) return cached;
    const generated = await this.#generate(request, signal);
    if (generated === undefined) return { kind: 'nothing', reason: 'deadline' };
    return this.#reviewed(request, generated);
  }

  dispose(): void {
    this.#sequences.dispose();
  }

  async #completeRaw(request: CompletionRequest, signal: AbortSignal | undefined): Promise<CompletionResult> {
    const generated = await this.#generate(request, signal);
    if (generated === undefined) return { kind: 'nothing', reason: 'deadline' };
    return suggestion(request, generated.text, generated.pieces, 0, generated);
  }

  async #generate(request: CompletionRequest, signal: AbortSignal | undefined): Promise<Generated | undefined> {
    const { model, codec } = this.#model;
    const { clock, maxPromptSymbols } = this.#options;
    const deadlineAtMs = clock.now() + request.deadlineMs;
    const maxSymbols = Math.min(request.maxSymbols, Math.floor(model.contextLength / 2));
    const prompt = buildPrompt(codec, request, Math.min(maxPromptSymbols, model.contextLength - maxSymbols));
    const extent = chooseExtent(request.multiline, { ...nearCursor(request), languageId: request.languageId });
    const decoder = { codec, index: this.#index, sequences: this.#sequences };
    return generate(decoder, prompt, { extent, maxSymbols, deadlineAtMs, clock, signal });
  }

  #reviewed(request: CompletionRequest, generated: Generated): CompletionResult {
    if (generated.text === '')
      return { kind: 'nothing', reason: generated.stoppedBy === 'deadline' ? 'deadline' : 'empty' };
    const verdict = review(generated.text, nearCursor(request));
    if (verdict.kind === 'drop') return { kind: 'nothing', reason: verdict.reason };
    const text = generated.text.slice(0, verdict.length);
    const { logProb, count } = logProbOf(generated.pieces, 0, text.length);
    if (logProb < this.#options.minMeanLogProbNats * count) return { kind: 'nothing', reason: 'improbable' };
    this.#suggestions.add(placeOf(request), { text, pieces: generated.pieces });
    return suggestion(request, text, generated.pieces, 0, generated);
  }

  /** What is left of an earlier suggestion, when all that happened since is that its beginning was typed. */
  #typedAlong(request: CompletionRequest): Suggestion | undefined {
    const found = this.#suggestions.find(placeOf(request));
    if (found === undefined) return undefined;
    const { text, pieces } = found.suggestion;
    if (isBlank(text.slice(found.typedLength))) return undefined;
    return suggestion(request, text, pieces, found.typedLength);
  }
}

type Work = Pick<Generated, 'prefillMs' | 'decodeMs' | 'reusedSymbols'>;

/** The text from `from` on, in the document's indentation and line ends. */
function suggestion(
  { before, after, indentation }: CompletionRequest,
  text: string,
  pieces: readonly Piece[],
  from: number,
  work?: Work,
): Suggestion {
  const rest = text.slice(from);
  const indented = indentation === undefined ? rest : reindent(rest, indentation);
  const usesCrLf = before.slice(-reviewedLength).includes('\r\n') || after.slice(0, reviewedLength).includes('\r\n');
  return {
    kind: 'suggestion',
    text: usesCrLf ? indented.replaceAll('\n', '\r\n') : indented,
    logProbNats: logProbOf(pieces, from, text.length).logProb,
    symbols: work === undefined ? 0 : pieces.length,
    prefillMs: work?.prefillMs ?? 0,
    decodeMs: work?.decodeMs ?? 0,
    reusedSymbols: work?.reusedSymbols ?? 0,
  };
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
