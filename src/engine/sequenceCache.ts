// Reuse between requests. Each held sequence is some symbols and the state after them; a new request finds the one that shares
// the longest prefix, takes its state of that length and steps only the rest, in chunks, so that cancelling is seen between
// them. While a request decodes, symbols that are easily guessed are stepped several to a run. Bounded in memory and number, least
// recently used out first. Requests are served one after another. Work ahead of any request cuts nothing back that a request has left,
// and all of it leaves one sequence at most.
import { type Clock, systemClock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import { throwIfCancelled } from '../base/errors.ts';
import type { AutoregressiveModel, ModelState, SymbolId } from '../base/model.ts';
import { SerialQueue } from '../base/serialQueue.ts';
import { ChunkPace } from './chunkPace.ts';
import { type DraftLimits, Drafts } from './drafts.ts';
import { asReusable } from './reusableState.ts';
import { keptPositions, nextBlock } from './snapshots.ts';
import { Speculation } from './speculation.ts';
import { nextTurn } from './turn.ts';

export interface SequenceCacheOptions {
  /** Of all states held between requests; the sequence used last stays even when it alone is larger. */
  readonly maxBytes: number;
  readonly maxSequences: number;
  /** The most symbols per run while catching up; a run that blocks the thread cannot be interrupted. */
  readonly chunkSymbols: number;
  /** How long such a run may take: it has fewer symbols where they take longer. Left out, it has as many as it may. */
  readonly chunkMs?: number;
  /** Left out, 'measured': guesses are tried where they pay. */
  readonly speculation?: 'measured' | 'never';
  /** What both measure with; left out, the system's. */
  readonly clock?: Pick<Clock, 'now'>;
}

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  /** Asked between two runs; on false the run ends and keeps what it has stepped so far. */
  readonly proceed?: (() => boolean) | undefined;
  /** Nobody has asked for it yet. */
  readonly ahead?: boolean | undefined;
}

/** A sequence in use: valid until the body it was handed to ends. */
export interface SequenceRun {
  /** Of the symbol after the whole prompt. */
  readonly logProbs: Float32Array; // [vocab]
  readonly reusedSymbols: number;
  /**
   * Appends a symbol; the distribution after it. With limits, what is likely to come next may be computed in the same run, where the
   * model's states can be cut back: it is held, and counts as stepped, only when it is.
   */
  step(symbol: SymbolId, ahead?: DraftLimits): Promise<Float32Array>; // [vocab]
}

/** More than this beyond the common prefix is worth a copy: another request may come back to it. */
const worthKeeping = 128;
/** So is more than the prefix itself, as of another document that is as short, but not what an answer leaves behind its prompt. */
const worthKeepingOfShort = 32;
/** Per sequence of a model whose states cannot be cut back; fewer where its share of the memory holds fewer. */
const maxSnapshots = 512;

interface Held {
  /** Ascending by position; one is enough when it can be cut back, otherwise they lie as `snapshots.ts` says. */
  readonly states: ModelState[];
  readonly symbols: number[];
  /** No request has used it yet. */
  ahead: boolean;
}

export class SequenceCache implements Disposable {
  readonly #model: AutoregressiveModel;
  readonly #options: SequenceCacheOptions;
  readonly #queue = new SerialQueue();
  /** What it learns of the model's cost and of guesses outlasts a request. */
  readonly #speculation: Speculation;
  readonly #drafts: Drafts;
  readonly #pace: ChunkPace | undefined;
  /** In order of use, the latest last. */
  #held: Held[] = [];
  #disposed = false;

  constructor(model: AutoregressiveModel, options: SequenceCacheOptions) {
    this.#model = model;
    this.#options = options;
    const { chunkMs, chunkSymbols, clock = systemClock } = options;
    this.#speculation = new Speculation(clock);
    this.#drafts = new Drafts(this.#speculation);
    if (chunkMs !== undefined) this.#pace = new ChunkPace({ clock, targetMs: chunkMs, maxSymbols: chunkSymbols });
  }

  get sizeBytes(): number {
    return this.#held.reduce((sum, held) => sum + sizeOfHeld(held), 0);
  }

  get numSequences(): number {
    return this.#held.length;
  }

  /**
   * Leads the model to the end of `symbols` (the start symbol first) and hands it to `body`. Undefined when `proceed` said no.
   * @throws CancelledError; what was stepped until then is kept.
   */
  run<T>(symbols: Int32Array, options: RunOptions, body: (run: SequenceRun) => Promise<T>): Promise<T | undefined> {
    if (symbols.length === 0) throw new RangeError('sequenceCache: expected the start symbol at least, got nothing');
    return this.#queue.run(async () => {
      if (this.#disposed) throw new Error('sequenceCache: it was disposed of; make another');
      throwIfCancelled(options.signal);
      const { held, reused } = this.#take(symbols, options.ahead === true);
      try {
        const logProbs = await this.#catchUp(held, symbols, options);
        if (logProbs === undefined) return undefined;
        return await body({ logProbs, reusedSymbols: reused, step: this.#stepper(held, options.signal) });
      } finally {
        this.#drafts.end();
        cutGuesses(held);
        if (held.ahead) this.#releaseAhead();
        this.#held.push(held);
        this.#evict();
      }
    });
  }

  /** Leads the model there ahead of any request, unless a held sequence does already. @throws CancelledError */
  async warm(symbols: Int32Array, options: Omit<RunOptions, 'ahead'>): Promise<void> {
    const isWarm = this.#held.some((held) => usablePosition(held, symbols) >= symbols.length - 1);
    if (!isWarm) await this.run(symbols, { ...options, ahead: true }, async () => undefined);
  }

  /** Forgets every sequence. */
  clear(): void {
    for (const held of this.#held.splice(0)) release(held);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    if (this.#queue.idle) this.clear();
    else void this.#queue.run(async () => this.clear());
  }

  /** Takes out, or copies, the sequence with the longest usable prefix, cut to that prefix. */
  #take(symbols: Int32Array, ahead: boolean): { held: Held; reused: number } {
    let best: Held | undefined;
    let reused = 0;
    for (const held of this.#held) {
      const usable = usablePosition(held, symbols);
      if (usable > 0 && usable >= reused) {
        best = held;
        reused = usable;
      }
    }
    if (best === undefined) return { held: { states: [this.#model.initialState()], symbols: [], ahead }, reused: 0 };
    const lost = best.symbols.length - reused;
    const isWorthCopy = lost > worthKeeping || (lost > worthKeepingOfShort && lost > reused);
    if (isWorthCopy || (ahead && lost > 0 && !best.ahead)) {
      const copied = copyPrefix(best, reused);
      if (copied !== undefined) return { held: { ...copied, ahead }, reused };
    }
    this.#held = this.#held.filter((held) => held !== best);
    cutBack(best, reused);
    // What a request has left stays a request's, also when it is led on.
    best.ahead &&= ahead;
    return { held: best, reused };
  }

  async #catchUp(held: Held, symbols: Int32Array, { signal, proceed }: RunOptions): Promise<Float32Array | undefined> {
    const { chunkSymbols } = this.#options;
    for (;;) {
      const from = held.symbols.length;
      const remaining = symbols.length - from;
      // Only snapshots are worth the more runs that it takes to leave them close together.
      const isSnapshot = asReusable(held.states.at(-1)!)?.cuttable === false;
      const planned = isSnapshot ? nextBlock(remaining, chunkSymbols) : Math.min(chunkSymbols, remaining);
      const to = from + Math.min(planned, this.#pace?.symbols ?? planned);
      const extend = () => this.#extend(held, symbols.subarray(from, to), signal);
      const row = await (this.#pace?.measure(to - from, extend) ?? extend());
      if (to === symbols.length) return row;
      if (proceed?.() === false) return undefined;
    }
  }

  #stepper(held: Held, signal: AbortSignal | undefined): SequenceRun['step'] {
    const drafts = this.#drafts;
    let drafting = false;
    return async (symbol, ahead) => {
      if (ahead && !drafting && this.#maySpeculate(held)) {
        drafts.begin(held.symbols);
        drafting = true;
      }
      const known = drafting ? drafts.take(symbol) : undefined;
      if (known) {
        throwIfCancelled(signal);
        held.symbols.push(symbol);
        return known;
      }
      cutGuesses(held);
      if (!ahead || !drafting) return this.#extend(held, Int32Array.of(symbol), signal);
      const room = this.#model.contextLength - held.symbols.length - 1;
      const draft = drafts.propose({ ...ahead, maxSymbols: Math.min(ahead.maxSymbols, room) });
      const rows = await this.#verify(held, symbol, draft, signal); // [1 + draft, vocab]
      const vocab = this.#model.vocabulary.size;
      drafts.keep(draft, rows.subarray(vocab));
      return rows.subarray(0, vocab);
    };
  }

  #maySpeculate(held: Held): boolean {
    return this.#options.speculation !== 'never' && isCuttable(held);
  }

  /** One run for a symbol and the draft behind it; the state then goes beyond what is held. The rows after each. */
  async #verify(held: Held, symbol: SymbolId, draft: Int32Array, signal: AbortSignal | undefined) {
    await nextTurn();
    throwIfCancelled(signal);
    const block = new Int32Array(1 + draft.length);
    block[0] = symbol;
    block.set(draft, 1);
    const before = held.states.at(-1)!;
    const { logProbs, state } = await this.#speculation.timed(draft.length, () =>
      this.#model.step(block, before, signal && { signal }),
    );
    held.states.push(state);
    held.symbols.push(symbol);
    this.#thin(held);
    return logProbs.data;
  }

  async #extend(held: Held, block: Int32Array, signal: AbortSignal | undefined): Promise<Float32Array> {
    await nextTurn();
    throwIfCancelled(signal);
    const before = held.states.at(-1)!;
    const { logProbs, state } = await this.#model.step(block, before, { lastOnly: true, ...(signal && { signal }) });
    held.states.push(state);
    for (const symbol of block) held.symbols.push(symbol);
    this.#thin(held);
    return logProbs.data;
  }

  /** Keeps one state where that is enough, otherwise as many as it takes to go back cheaply. */
  #thin({ states }: Held): void {
    const last = asReusable(states.at(-1)!);
    if (last?.cuttable) {
      for (const state of states.splice(0, states.length - 1)) state.dispose();
      return;
    }
    const { chunkSymbols, maxBytes, maxSequences } = this.#options;
    const affordable = Math.floor(maxBytes / maxSequences / Math.max(1, last?.sizeBytes ?? 1));
    const maxCount = Math.max(2, Math.min(maxSnapshots, affordable));
    const positions = states.map(({ position }) => position);
    const kept = new Set(keptPositions(positions, chunkSymbols, maxCount));
    for (const state of states.splice(0)) {
      if (kept.has(state.position)) states.push(state);
      else state.dispose();
    }
  }

  /** Newer work ahead takes the place of older that no request came for. */
  #releaseAhead(): void {
    for (const held of this.#held) if (held.ahead) release(held);
    this.#held = this.#held.filter(({ ahead }) => !ahead);
  }

  #evict(): void {
    const { maxBytes, maxSequences } = this.#options;
    while (this.#held.length > 1 && (this.#held.length > maxSequences || this.sizeBytes > maxBytes)) {
      release(this.#held.shift()!);
    }
    if (this.#disposed) this.clear();
  }
}

/** The longest position to go on from: within the common prefix, and short of the whole, whose distribution is needed. */
function usablePosition(held: Held, symbols: Int32Array): number {
  const end = Math.min(held.symbols.length, symbols.length - 1);
  let common = 0;
  while (common < end && held.symbols[common] === symbols[common]) common += 1;
  if (isCuttable(held)) return common;
  return held.states.findLast(({ position }) => position <= common)?.position ?? 0;
}

function isCuttable(held: Held): boolean {
  return asReusable(held.states.at(-1)!)?.cuttable === true;
}

/** A draft that was not, or not wholly, what came leaves a state that goes beyond the symbols. */
function cutGuesses(held: Held): void {
  if (held.states.at(-1)!.position > held.symbols.length) cutBack(held, held.symbols.length);
}

function cutBack(held: Held, position: number): void {
  if (isCuttable(held)) {
    const shorter = asReusable(held.states.at(-1)!)!.prefix(position);
    for (const state of held.states.splice(0, held.states.length, shorter)) state.dispose();
  } else {
    while (held.states.at(-1)!.position > position) held.states.pop()!.dispose();
  }
  held.symbols.length = position;
}

/** A sequence of its own with the first `position` symbols; undefined when these states cannot be copied. */
function copyPrefix(held: Held, position: number): Pick<Held, 'states' | 'symbols'> | undefined {
  const symbols = held.symbols.slice(0, position);
  if (!isCuttable(held)) {
    const states = held.states.filter((state) => state.position <= position).map(asReusable);
    const copyable = states.filter((state) => state !== undefined);
    // What is copied is small, or shared: these states never change.
    return copyable.length < states.length ? undefined : { states: copyable.map((state) => state.fork()), symbols };
  }
  const shorter = asReusable(held.states.at(-1)!)!.prefix(position);
  try {
    return { states: [shorter.fork()], symbols };
  } finally {
    shorter.dispose();
  }
}

function sizeOfHeld(held: Held): number {
  if (isCuttable(held)) return asReusable(held.states.at(-1)!)!.sizeBytes;
  return held.states.reduce((sum, state) => sum + (asReusable(state)?.sizeBytes ?? 0), 0);
}

function release(held: Held): void {
  for (const state of held.states.splice(0)) state.dispose();
}
