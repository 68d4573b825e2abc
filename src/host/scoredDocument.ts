// One document that is edited while it is scored. Two loops: what is watched and lacks numbers is scored at once, with a short context so that
// it is quick; in idle time the whole is scored by the long-text rule, from where its numbers are known.
//
//   edit     visible: [.. half a context ..|### watched, from the first symbol that differs]   -> spans, some 100 ms later
//            idle:    [==== exact ====|---- window by window to the end of what is asked for]   -> spans, summaries
import { CancelledError, messageOf } from '../base/errors.ts';
import { type ContextWindow, windowStart } from '../engine/contextWindow.ts';
import type { TextModel } from '../engine/loadModel.ts';
import { surprisalPieces } from '../likelihood/bits.ts';
import { type SymbolBits, sumBits, surprisingPlaces, unusualLines } from '../likelihood/documentSummary.ts';
import { ScoredText } from '../likelihood/scoredText.ts';
import { documentLimits, type TextRange } from '../protocol/documentScoringMessages.ts';
import type { TextEdit } from '../protocol/hostMessages.ts';
import type { FromScorer } from '../protocol/scorerMessages.ts';
import type { Urgency } from './baton.ts';
import type { ScoringDesk } from './scoringDesk.ts';

/** Symbols of context before what is watched, at most; half of the model's context where that is less. */
const nearContext = 256;
/** Symbols of a window of a model without bound, so that results come early. */
const unboundedWindow = 1024;
/** As long as somebody types nothing is done that is not seen. */
const quietMs = 400;
const summaryEveryMs = 300;
/** In bits: what is marked in the overview ruler. */
const surprising = 11;

export interface Opening {
  readonly document: number;
  readonly version: number;
  readonly modelPath: string;
  readonly text: string;
}

export class ScoredDocument {
  readonly #desk: ScoringDesk;
  readonly #document: number;
  readonly #modelPath: string;
  #version: number;
  /** Before the codec is known. */
  #unread: string;
  #scored: ScoredText | undefined;
  #contextLength = Number.POSITIVE_INFINITY;
  #watched: readonly TextRange[] = [];
  #part: TextRange | undefined;
  /** What is computed for the eyes holds before this symbol, the first that was changed meanwhile. */
  #changedFrom = Number.POSITIVE_INFINITY;
  #lookRunning = false;
  #idle: AbortController | undefined;
  #cancelQuiet: (() => void) | undefined;
  #summaryAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(desk: ScoringDesk, { document, version, modelPath, text }: Opening) {
    this.#desk = desk;
    this.#document = document;
    this.#modelPath = modelPath;
    this.#version = version;
    this.#unread = text;
    this.#look();
  }

  get version(): number {
    return this.#version;
  }

  /** False when the edits do not lead to a text of that length, or not from this version. */
  change(version: number, length: number, edits: readonly TextEdit[]): boolean {
    if (version !== this.#version + 1) return false;
    this.#version = version;
    this.#pauseIdle();
    try {
      for (const { start, end, text } of edits) this.#edit(start, end, text);
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
    this.#look();
    return length === (this.#scored?.text ?? this.#unread).length;
  }

  watch(version: number, ranges: readonly TextRange[], part: TextRange | null): void {
    if (version !== this.#version) return; // The next one comes with the version that the shell knows.
    const isOther = (part?.start ?? 0) !== (this.#part?.start ?? 0) || part?.end !== this.#part?.end;
    this.#watched = ranges;
    this.#part = part ?? undefined;
    if (!this.#scored) return;
    for (const range of ranges) this.#sendSpans(range.start, range.end);
    if (isOther) this.#sendSummary();
    this.#look();
  }

  /** Runs `work` when it is its turn, with the text as it is then. @throws UserError when it has another version by then. */
  async with<T>(
    urgency: Urgency,
    work: (model: TextModel, scored: ScoredText, turn: () => Promise<void>) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const whenTurn = (turn: () => Promise<void>) =>
      this.#desk.shelf.withText(this.#modelPath, async (model) => work(model, this.#read(model), turn));
    return this.#desk.baton.run(urgency, whenTurn, signal);
  }

  close(): void {
    this.#closed = true;
    this.#pauseIdle();
    this.#cancelQuiet?.();
  }

  #edit(start: number, end: number, text: string): void {
    this.#watched = this.#watched.map((range) => moved(range, start, end, text.length));
    if (this.#part) this.#part = moved(this.#part, start, end, text.length);
    if (this.#scored) {
      // Further on no number depends on what was changed, but through its window's beginning.
      const reach = Math.min(this.#contextLength, unboundedWindow);
      this.#changedFrom = Math.min(this.#changedFrom, this.#scored.edit(start, end, text, reach));
      return;
    }
    if (end > this.#unread.length) throw new RangeError('edit beyond the text');
    this.#unread = this.#unread.slice(0, start) + text + this.#unread.slice(end);
  }

  /** The text as symbols of this model, which may be another than before: its folder may have changed. */
  #read({ codec, model }: TextModel): ScoredText {
    if (this.#scored?.codec !== codec) {
      const isOther = this.#scored !== undefined;
      this.#scored = new ScoredText(codec, this.#scored?.text ?? this.#unread);
      this.#unread = '';
      this.#contextLength = model.contextLength;
      this.#changedFrom = 0;
      if (isOther) {
        this.#pauseIdle(); // It counts on the symbols as they were.
        this.#look();
      }
    }
    return this.#scored;
  }

  /** Scores what is watched until nothing lacks, then the rest as soon as it is quiet. */
  #look(): void {
    this.#whenQuiet();
    if (this.#lookRunning) return;
    this.#lookRunning = true;
    void this.#lookAll()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#lookRunning = false;
      });
  }

  async #lookAll(): Promise<void> {
    if (!this.#scored) await this.with('visible', async () => this.#sendSummary());
    while (!this.#closed && this.#nextWindow() !== undefined) {
      await this.with('visible', async ({ model }, scored, turn) => {
        const window = this.#nextWindow();
        if (window === undefined) return;
        this.#changedFrom = Number.POSITIVE_INFINITY;
        for await (const piece of surprisalPieces(model, scored.symbols, { windows: [window], turn })) {
          const count = Math.min(piece.surprisal.length, this.#changedFrom - piece.first);
          if (this.#closed || count <= 0 || this.#scored !== scored) return;
          scored.setNear(piece.first, piece.surprisal.subarray(0, count));
          this.#sendSymbols(scored, piece.first, piece.first + count);
        }
      });
    }
  }

  /** The next window for the eyes: the first range that lacks anything, as much of it as fits. */
  #nextWindow(): ContextWindow | undefined {
    if (!this.#scored) return undefined;
    for (const { start, end } of this.#watched) {
      if (start >= end) continue;
      const missing = this.#scored.missing(this.#scored.symbolOver(start), this.#scored.symbolOver(end - 1) + 1);
      if (missing === undefined) continue;
      const [countFrom, until] = missing;
      const from = Math.max(0, countFrom - Math.min(nearContext, Math.floor(this.#contextLength / 2)));
      return { from, countFrom, to: Math.min(until, from + Math.min(this.#contextLength, unboundedWindow)) };
    }
    return undefined;
  }

  #whenQuiet(): void {
    this.#cancelQuiet?.();
    this.#cancelQuiet = this.#desk.clock.after(quietMs, () => {
      if (this.#closed || this.#idle) return;
      const idle = new AbortController();
      this.#idle = idle;
      void this.#scoreAll(idle.signal)
        .catch((error: unknown) => this.#failed(error))
        .finally(() => {
          if (this.#idle === idle) this.#idle = undefined;
        });
    });
  }

  #pauseIdle(): void {
    this.#idle?.abort(new CancelledError('edited'));
    this.#idle = undefined;
  }

  async #scoreAll(signal: AbortSignal): Promise<void> {
    const isOver = () => signal.aborted || this.#closed;
    let goesOn = true;
    // Window by window, so that a short document need not wait until a long one is done.
    while (goesOn && !isOver()) {
      await this.with(
        'idle',
        async ({ model }, scored, turn) => {
          const until = this.#partOf(scored).end;
          goesOn = scored.exact < until;
          if (!goesOn || isOver()) return;
          const windows = [nextExactWindow(scored.exact, until, model.contextLength)];
          for await (const { first, surprisal } of surprisalPieces(model, scored.symbols, { windows, turn, signal })) {
            if (isOver()) return;
            scored.setExact(first, surprisal);
            this.#sendSymbols(scored, first, first + surprisal.length);
            if (this.#desk.clock.now() - this.#summaryAt >= summaryEveryMs) this.#sendSummary();
          }
          goesOn = scored.exact < until;
          if (!goesOn) this.#sendSummary();
        },
        signal,
      );
    }
  }

  #partOf(scored: ScoredText): SymbolBits {
    const { starts, nats, symbols } = scored;
    const part = this.#part;
    const begin = part === undefined ? 0 : scored.symbolAt(part.start);
    const end = part === undefined ? symbols.length : Math.max(begin, scored.symbolAt(part.end));
    return { starts, nats, begin, end };
  }

  /** What of these symbols is watched. */
  #sendSymbols(scored: ScoredText, first: number, end: number): void {
    const [from, to] = [scored.starts[first]!, scored.starts[end]!];
    for (const range of this.#watched) {
      const [start, stop] = [Math.max(range.start, from), Math.min(range.end, to)];
      if (start < stop) this.#sendSpans(start, stop);
    }
  }

  /** All that is known of the symbols that [from, to) touches. Parts of one character are told as one, with all of their bits. */
  #sendSpans(from: number, to: number): void {
    const scored = this.#scored;
    if (!scored || from >= to) return;
    const { starts: at, nats } = scored;
    let i = scored.symbolAt(at[scored.symbolOver(from)]!);
    const last = scored.symbolOver(to - 1);
    while (i <= last) {
      const begin = at[i]!;
      const [starts, lengths, bits]: [number[], number[], number[]] = [[], [], []];
      while (i <= last && starts.length < documentLimits.spans) {
        let sum = 0;
        const start = at[i]!;
        do sum += nats[i++]!;
        while (i <= last && at[i] === start);
        if (Number.isNaN(sum)) continue;
        starts.push(start);
        lengths.push(at[i]! - start);
        bits.push(Math.max(0, sum / Math.LN2));
      }
      this.#send({ kind: 'documentSpans', ...this.#place(), from: begin, to: at[i]!, starts, lengths, bits });
    }
  }

  #sendSummary(): void {
    const scored = this.#scored;
    if (!scored) return;
    this.#summaryAt = this.#desk.clock.now();
    const part = this.#partOf(scored);
    const { starts, begin, end } = part;
    const exact = Math.min(end, Math.max(begin, scored.exact));
    const complete = exact === end;
    this.#send({
      kind: 'documentSummary',
      ...this.#place(),
      exactSymbols: exact - begin,
      symbols: end - begin,
      bits: Math.max(0, sumBits(part)),
      bytes: Buffer.byteLength(scored.text.slice(starts[begin], starts[end])),
      marks: surprisingPlaces(part, surprising, documentLimits.marks),
      // Their norm is that of all lines.
      unusual: complete ? unusualLines(scored.text, part, documentLimits.unusualLines) : [],
    });
  }

  #place(): { readonly document: number; readonly version: number } {
    return { document: this.#document, version: this.#version };
  }

  #failed(error: unknown): void {
    if (error instanceof CancelledError || this.#closed) return;
    this.close();
    const reason = messageOf(error).slice(0, documentLimits.reasonLength);
    this.#send({ kind: 'documentFailed', document: this.#document, reason });
  }

  #send(message: FromScorer): void {
    if (!this.#closed || message.kind === 'documentFailed') this.#desk.send(message);
  }
}

/** The long-text rule's window of the symbol `countFrom`, with what of it is not known yet. */
function nextExactWindow(countFrom: number, end: number, contextLength: number): ContextWindow {
  const from = windowStart(countFrom, contextLength);
  return { from, countFrom, to: Math.min(end, from + contextLength) };
}

function moved({ start, end }: TextRange, from: number, to: number, insertedLength: number): TextRange {
  const shift = insertedLength - (to - from);
  const move = (at: number) => (at >= to ? at + shift : Math.min(at, from));
  return { start: move(start), end: Math.max(move(start), move(end)) };
}
