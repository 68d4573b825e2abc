// AutoregressiveModel over sessions, fed from the state description in model.json. It knows no recipe:
//   score   symbols [time] -> logits [time, vocab]
//   step    a block of symbols behind a past, in either of the forms of stepGraphs.ts
// What a step appends goes into the key/value cache, or is written there by the runtime; what it replaces is kept as a snapshot.
import { throwIfCancelled, UserError } from '../base/errors.ts';
import type { AutoregressiveModel, ModelState, RowOptions, StepOptions, Vocabulary } from '../base/model.ts';
import { SerialQueue } from '../base/serialQueue.ts';
import { type FloatTensor, float32, int32, sizeOf } from '../base/tensor.ts';
import type { StateTensor } from '../formats/modelFolder.ts';
import type { RunOptions, Session } from '../runtime/session.ts';
import { KvCache } from './kvCache.ts';
import { SessionState } from './sessionState.ts';
import { finish, inPlaceGraph, roomIn, rowsGraph, type StepGraph } from './stepGraphs.ts';

export interface SessionModelOptions {
  readonly vocabulary: Vocabulary;
  /** Infinity when unbounded. */
  readonly contextLength: number;
  readonly state: readonly StateTensor[];
  /** Whether the runtime leaves the thread free, as `Runtime.background` tells. Default false. */
  readonly background?: boolean;
  /** Of the graphs that step; all states of one in place are appended. Default 'rows'. */
  readonly stepForm?: 'rows' | 'inPlace';
  /** Asked for when first needed: completing opens no score session, measuring no step session. */
  readonly openScore: () => Promise<Session>;
  readonly openStep: () => Promise<Session>;
  /** Another graph for the same state, which is quicker with many symbols at once. Without it the first serves for all. */
  readonly openPrefill?: () => Promise<Session>;
}

/**
 * A run of more symbols than this leaves the thread free, where the runtime can, and ends soon after its signal aborts. Shorter ones
 * are over sooner than the thread would be handed on and back.
 */
const maxBlockingSymbols = 16;

export class SessionModel implements AutoregressiveModel {
  readonly vocabulary: Vocabulary;
  readonly contextLength: number;
  readonly background: boolean;
  readonly #options: SessionModelOptions;
  readonly #graph: StepGraph;
  /** Runs overlap no more than the thread allows; an append never meets a run that reads the same rows. */
  readonly #queue = new SerialQueue();
  readonly #sessions = new Map<'score' | 'step' | 'prefill', Session>();
  #disposed = false;

  /** @throws UserError when a state is described otherwise than the form of the step takes it. */
  constructor(options: SessionModelOptions) {
    const { vocabulary, contextLength, state, stepForm = 'rows' } = options;
    this.#options = options;
    this.vocabulary = vocabulary;
    this.contextLength = contextLength;
    this.background = options.background ?? false;
    this.#graph = (stepForm === 'rows' ? rowsGraph : inPlaceGraph)(state, vocabulary.size);
  }

  /** Opens a session that would otherwise be opened when first needed. @throws UserError when its graph does not fit. */
  async open(graph: 'score' | 'step'): Promise<void> {
    await this.#queue.run(async () => {
      this.#begin(undefined);
      if (graph === 'score') await this.#scoreSession();
      else for (const time of [1, maxBlockingSymbols + 1]) await this.#stepSession(time);
    });
  }

  async score(symbols: Int32Array, signal?: AbortSignal, options: RowOptions = {}): Promise<FloatTensor> {
    const time = symbols.length;
    const vocab = this.vocabulary.size;
    if (time > this.contextLength) {
      throw new RangeError(`score: expected at most ${this.contextLength} symbols, got ${time}`);
    }
    if (time === 0) return float32(new Float32Array(0), [0, vocab]);
    const block = new Int32Array(time); // [start, ...x[0..T-1)]
    block[0] = this.vocabulary.start;
    block.set(symbols.subarray(0, time - 1), 1);
    return this.#queue.run(async () => {
      this.#begin(signal);
      const session = await this.#scoreSession();
      const { logits } = await session.run({ symbols: int32(block, [time]) }, ['logits'], {
        ...runOptions(time, signal),
        into: roomIn(options, 'logits', time, vocab),
      });
      return finish(logits, time, vocab, options);
    });
  }

  initialState(): SessionState {
    const { layouts, replaced } = this.#graph;
    const cache = layouts.length > 0 ? new KvCache(layouts, this.contextLength) : undefined;
    const snapshots = replaced.map(({ shape }) => float32(new Float32Array(sizeOf(shape)), shape));
    return new SessionState(0, snapshots, cache, 0);
  }

  step(
    block: Int32Array,
    state: ModelState,
    { lastOnly = false, signal, ...rows }: StepOptions = {},
  ): Promise<{ logProbs: FloatTensor; state: SessionState }> {
    if (!(state instanceof SessionState)) throw new TypeError('step: expected a state of this model, got another kind');
    const room = this.contextLength - state.position;
    if (block.length < 1 || block.length > room) {
      throw new RangeError(`step: expected 1 to ${room} symbols after ${state.position}, got ${block.length}`);
    }
    return this.#queue.run(async () => {
      this.#begin(signal);
      if (state.stale) await this.#refill(state, signal);
      return this.#extend(block, state, lastOnly, signal, rows);
    });
  }

  /** Ends what runs in the background. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#close();
    // A session may be opening.
    if (!this.#queue.idle) void this.#queue.run(async () => this.#close());
  }

  #close(): void {
    for (const session of this.#sessions.values()) session.dispose();
  }

  #begin(signal: AbortSignal | undefined): void {
    throwIfCancelled(signal);
    if (this.#disposed) throw new Error('model: it was disposed of; load it again');
  }

  async #extend(
    block: Int32Array,
    state: SessionState,
    lastOnly: boolean,
    signal: AbortSignal | undefined,
    rows: RowOptions = {},
  ) {
    const { cache, position } = state;
    const time = block.length;
    const session = await this.#stepSession(time);
    const skipped = lastOnly ? time - 1 : 0;
    const { logProbs, snapshots, stamp } = await this.#graph.run(session, block, skipped, state, {
      ...runOptions(time, signal),
      ...rows,
    });
    return { logProbs, state: new SessionState(position + time, snapshots, cache, stamp) };
  }

  /** Gives a stale state a cache of its own: the rows that still stand for its symbols are copied, the rest is fed again. */
  async #refill(state: SessionState, signal: AbortSignal | undefined): Promise<void> {
    const { cache, symbols, position } = state;
    // Snapshots of an earlier position are not kept, so a model that has them starts over.
    const kept = this.#graph.replaced.length > 0 ? 0 : cache!.commonPrefix(symbols);
    const initial = this.initialState();
    const copy = kept > 0 ? cache!.copy(kept) : initial.cache!;
    copy.retain();
    try {
      if (kept < position) {
        const from = new SessionState(kept, initial.snapshots, copy, copy.stampAt(kept));
        try {
          throwIfCancelled(signal);
          const { state: refilled } = await this.#extend(symbols.subarray(kept), from, true, signal);
          refilled.dispose();
        } finally {
          from.dispose();
        }
      }
      state.moveTo(copy);
    } finally {
      copy.release();
      initial.dispose();
    }
  }

  #scoreSession(): Promise<Session> {
    return this.#session('score', this.#options.openScore, { inputNames: ['symbols'], outputNames: ['logits'] });
  }

  #stepSession(time: number): Promise<Session> {
    const { openStep, openPrefill } = this.#options;
    return time > maxBlockingSymbols && openPrefill
      ? this.#session('prefill', openPrefill, this.#graph)
      : this.#session('step', openStep, this.#graph);
  }

  async #session(
    kind: 'score' | 'step' | 'prefill',
    open: () => Promise<Session>,
    names: Pick<StepGraph, 'inputNames' | 'outputNames'>,
  ): Promise<Session> {
    const known = this.#sessions.get(kind);
    if (known) return known;
    const session = await open();
    checkNames(session, `the ${kind} graph`, names);
    this.#sessions.set(kind, session);
    return session;
  }
}

function runOptions(time: number, signal: AbortSignal | undefined): Pick<RunOptions, 'background' | 'signal'> {
  return { background: time > maxBlockingSymbols, ...(signal && { signal }) };
}

/** @throws UserError when a graph lacks what the description promises; the session is then disposed of. */
function checkNames(
  session: Session,
  graph: string,
  { inputNames, outputNames }: Pick<StepGraph, 'inputNames' | 'outputNames'>,
): void {
  const missing =
    inputNames.find((name) => !session.inputNames.includes(name)) ??
    outputNames.find((name) => !session.outputNames.includes(name));
  if (missing === undefined) return;
  session.dispose();
  throw new UserError(
    `${graph}: expected an input or output ${missing}, got ${[...session.inputNames, ...session.outputNames].join(', ')}; ` +
      'export the model again, so that model.json and its graphs agree',
  );
}
