// One document that shows its likelihoods, on the shell's side of the scorer's wire: its text goes there whole, in pieces, then edit by edit;
// what comes back for a version that somebody has typed beyond is moved along, or dropped. Knows no editor.
//
//   open | piece | piece | edits that came meanwhile | watch        a queue: one piece per turn of the event loop, so that nobody waits
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import { documentLimits, type TextRange } from '../protocol/documentScoringMessages.ts';
import type { TextEdit } from '../protocol/hostMessages.ts';
import type { FromScorer, ToScorer } from '../protocol/scorerMessages.ts';
import { RestartPolicy, usualRestartDelays } from './restartPolicy.ts';
import { movedRange, movedSpans, ShownSpans, type Span } from './shownSpans.ts';

export type DocumentSummary = Extract<FromScorer, { kind: 'documentSummary' }>;
type DocumentSpans = Extract<FromScorer, { kind: 'documentSpans' }>;

export type FollowedState =
  /** `summary` is of the text as it is when `isCurrent`, otherwise of a moment ago. */
  | { readonly kind: 'following'; readonly summary: DocumentSummary | undefined; readonly isCurrent: boolean }
  | { readonly kind: 'failed'; readonly reason: string };

export interface FollowedDocumentDeps {
  /** No other document of the window has it. */
  readonly document: number;
  readonly send: (message: ToScorer) => void;
  readonly clock: Clock;
  readonly modelPath: () => string;
  /** The document as it is now; its text is asked for only where it is not too long. */
  readonly length: () => number;
  readonly text: () => string;
  /**
   * `colors`: to be painted anew. An edit alone is no reason: the editor has moved what it shows, and what is missing would flicker.
   * `state`: to be told anew.
   */
  readonly changed: (what: 'colors' | 'state') => void;
}

/** Between two pieces others have their turn. */
const pieceEveryMs = 1;
/** Results of versions that lie further back are dropped. */
const rememberedChanges = 100;
/** Above so many spans those that nobody sees are forgotten. */
const mostSpans = 20_000;

export class FollowedDocument implements Disposable {
  readonly spans = new ShownSpans();
  readonly #deps: FollowedDocumentDeps;
  readonly #restarts = new RestartPolicy(usualRestartDelays);
  readonly #queue: ToScorer[] = [];
  #cancelPump: (() => void) | undefined;
  #cancelRestart: (() => void) | undefined;
  #version = 0;
  #length = 0;
  #openedAt = 0;
  /** The edits that led to a version, the latest last. */
  readonly #changes: { readonly version: number; readonly edits: readonly TextEdit[] }[] = [];
  #ranges: readonly TextRange[] = [];
  #part: TextRange | undefined;
  #state: FollowedState = { kind: 'following', summary: undefined, isCurrent: false };
  #disposed = false;

  constructor(deps: FollowedDocumentDeps, part: TextRange | undefined) {
    this.#deps = deps;
    this.#part = part;
    this.reopen();
  }

  get state(): FollowedState {
    return this.#state;
  }

  /** The part of the document that is shown; undefined: all of it. */
  get part(): TextRange | undefined {
    return this.#part;
  }

  /** Of the text at the scorer, once all that waits is sent. */
  get version(): number {
    return this.#version;
  }

  get document(): number {
    return this.#deps.document;
  }

  /** Whether all of the text is on its way, so that questions may be asked. */
  get isSent(): boolean {
    return this.#state.kind === 'following' && this.#queue.length === 0 && this.#cancelRestart === undefined;
  }

  /** Sends the text afresh: at first, for another model, and where edits cannot be followed. */
  reopen(): void {
    if (this.#disposed) return;
    const { document, clock, length, text: read, modelPath } = this.#deps;
    this.#cancelRestart?.();
    this.#cancelRestart = undefined;
    this.#queue.length = 0;
    this.#changes.length = 0;
    this.#version += 1;
    this.#openedAt = clock.now();
    this.#length = length();
    if (this.#length > documentLimits.length) {
      this.#fail(tooLong(this.#length));
      return;
    }
    const text = read();
    this.#state = { kind: 'following', summary: undefined, isCurrent: false };
    const { pieceLength } = documentLimits;
    const opening = { document, version: this.#version, modelPath: modelPath(), length: text.length };
    this.#queue.push({ kind: 'openDocument', ...opening, text: text.slice(0, pieceLength) });
    for (let at = pieceLength; at < text.length; at += pieceLength) {
      this.#queue.push({ kind: 'documentPiece', document, text: text.slice(at, at + pieceLength) });
    }
    this.#queue.push(this.#watching());
    this.#pump();
    this.#deps.changed('state');
  }

  /** Another model: what the one before said is gone. */
  restart(): void {
    this.spans.clear();
    this.#deps.changed('colors');
    this.reopen();
  }

  /** UTF-16 units of the text that all edits so far lead to. */
  get length(): number {
    return this.#length;
  }

  /** Edits in the order of the editor's event. */
  edited(edits: readonly TextEdit[]): void {
    if (edits.length === 0 || this.#disposed) return;
    this.spans.edited(edits);
    if (this.#part) this.#part = movedRange(this.#part, edits);
    this.#ranges = this.#ranges.map((range) => movedRange(range, edits));
    for (const { start, end, text } of edits) this.#length += text.length - (end - start);
    if (this.#state.kind === 'failed' || this.#cancelRestart) return;
    const inserted = edits.reduce((sum, { text }) => sum + text.length, 0);
    const { length, editsPerChange, pieceLength } = documentLimits;
    if (this.#length > length) this.#fail(tooLong(this.#length));
    else if (edits.length > editsPerChange || inserted > pieceLength) this.reopen();
    else this.#follow(edits);
  }

  /** What is seen, the most urgent first. */
  watch(ranges: readonly TextRange[]): void {
    this.#ranges = ranges.slice(0, documentLimits.ranges);
    if (this.spans.count > mostSpans) this.spans.keep(this.#ranges);
    if (this.#state.kind === 'following' && !this.#cancelRestart) this.#send(this.#watching());
  }

  receive(message: FromScorer): void {
    if (this.#disposed || this.#state.kind === 'failed' || !('document' in message)) return;
    if (message.document !== this.#deps.document) return;
    if (message.kind === 'documentFailed') this.#fail(message.reason);
    else if (message.kind === 'reopenDocument') this.reopen();
    else if (message.kind === 'documentSpans') this.#takeSpans(message);
    else if (message.kind === 'documentSummary' && message.version === this.#version) {
      this.#state = { kind: 'following', summary: message, isCurrent: true };
      this.#deps.changed('colors');
      this.#deps.changed('state');
    }
  }

  /** The scorer is gone: a fresh one gets the text, after a while where that happens again and again. */
  lost(): void {
    if (this.#disposed || this.#state.kind === 'failed') return;
    this.#cancelPump?.();
    this.#cancelPump = undefined;
    this.#queue.length = 0;
    const { clock } = this.#deps;
    const delayMs = this.#restarts.delayAfter(clock.now() - this.#openedAt);
    this.#cancelRestart?.();
    this.#cancelRestart = clock.after(delayMs, () => this.reopen());
    this.#outdate();
    this.#deps.changed('state');
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#cancelPump?.();
    this.#cancelRestart?.();
    if (this.#state.kind === 'following') this.#deps.send({ kind: 'closeDocument', document: this.#deps.document });
  }

  #follow(edits: readonly TextEdit[]): void {
    this.#version += 1;
    this.#changes.push({ version: this.#version, edits });
    if (this.#changes.length > rememberedChanges) this.#changes.shift();
    this.#outdate();
    const { document } = this.#deps;
    this.#send({ kind: 'changeDocument', document, version: this.#version, length: this.#length, edits: [...edits] });
    this.#deps.changed('state');
  }

  #takeSpans({ version, from, to, starts, lengths, bits }: DocumentSpans): void {
    const since = this.#changes.filter((change) => change.version > version);
    // The first change after that version must be known, or the spans lie nobody knows where.
    if (version + since.length !== this.#version) return;
    let spans: Span[] = starts.map((start, i) => ({ start, end: start + lengths[i]!, bits: bits[i]! }));
    let range = { start: from, end: to };
    for (const { edits } of since) {
      spans = movedSpans(spans, edits);
      range = movedRange(range, edits);
    }
    // Of what was typed since then nothing is known: what it shows stays.
    if (since.length === 0) this.spans.take(range.start, range.end, spans);
    else this.spans.takeEach(spans);
    this.#deps.changed('colors');
  }

  #outdate(): void {
    if (this.#state.kind === 'following') this.#state = { ...this.#state, isCurrent: false };
  }

  #watching(): ToScorer {
    const { document } = this.#deps;
    const ranges = this.#ranges.map(({ start, end }) => ({ start, end }));
    return { kind: 'watchDocument', document, version: this.#version, ranges, part: this.#part ?? null };
  }

  #send(message: ToScorer): void {
    if (this.#queue.length > 0) this.#queue.push(message);
    else this.#deps.send(message);
  }

  #pump(): void {
    this.#cancelPump?.();
    this.#cancelPump = this.#deps.clock.after(pieceEveryMs, () => {
      this.#cancelPump = undefined;
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        this.#deps.send(next);
        if (this.#queue[0]?.kind === 'documentPiece') break;
      }
      if (this.#queue.length > 0) this.#pump();
    });
  }

  #fail(reason: string): void {
    this.#queue.length = 0;
    this.#cancelPump?.();
    this.#cancelPump = undefined;
    if (this.#state.kind === 'following') this.#deps.send({ kind: 'closeDocument', document: this.#deps.document });
    this.#state = { kind: 'failed', reason };
    this.spans.clear();
    this.#deps.changed('colors');
    this.#deps.changed('state');
  }
}

function tooLong(length: number): string {
  const most = (documentLimits.length / 2 ** 20).toFixed(0);
  const got = (length / 2 ** 20).toFixed(1);
  return `files of at most ${most} million characters are colored, this one has ${got} million; open its likelihood view instead`;
}
