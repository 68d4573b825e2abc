// AutoregressiveModel over two sessions, score and step, fed from the state description in model.json. It knows no recipe:
//   score   symbols [time]                                         -> logits [time, vocab]
//   step    symbols [time], skippedRows [1], past.<state> ...      -> logits [time - skippedRows, vocab], present.<state> ...
// An appended tensor comes back as its new rows only, which go into the key/value cache; a replaced one as a whole.
import { throwIfCancelled, UserError } from '../base/errors.ts';
import { logSoftmaxRows } from '../base/logSumExp.ts';
import type { AutoregressiveModel, ModelState, StepOptions, Vocabulary } from '../base/model.ts';
import { SerialQueue } from '../base/serialQueue.ts';
import { type FloatTensor, float32, int32, int64, sizeOf, type Tensor } from '../base/tensor.ts';
import type { StateTensor } from '../formats/modelFolder.ts';
import type { Session } from '../runtime/session.ts';
import { KvCache } from './kvCache.ts';
import { SessionState } from './sessionState.ts';

export interface SessionModelOptions {
  readonly vocabulary: Vocabulary;
  /** Infinity when unbounded. */
  readonly contextLength: number;
  readonly state: readonly StateTensor[];
  /** Asked for when first needed: completing opens no score session, measuring no step session. */
  readonly openScore: () => Promise<Session>;
  readonly openStep: () => Promise<Session>;
}

interface AppendedTensor {
  readonly name: string;
  /** Of one row. */
  readonly rowShape: readonly number[];
  readonly width: number;
}

interface ReplacedTensor {
  readonly name: string;
  readonly shape: readonly number[];
}

export class SessionModel implements AutoregressiveModel {
  readonly vocabulary: Vocabulary;
  readonly contextLength: number;
  readonly #options: SessionModelOptions;
  readonly #appended: readonly AppendedTensor[];
  readonly #replaced: readonly ReplacedTensor[];
  readonly #stepOutputs: readonly string[];
  /** Runs overlap no more than the thread allows; an append never meets a run that reads the same rows. */
  readonly #queue = new SerialQueue();
  #score: Session | undefined;
  #step: Session | undefined;
  #disposed = false;

  constructor(options: SessionModelOptions) {
    this.#options = options;
    this.vocabulary = options.vocabulary;
    this.contextLength = options.contextLength;
    this.#appended = options.state.filter(({ kind }) => kind === 'appended').map(appendedTensor);
    this.#replaced = options.state.filter(({ kind }) => kind === 'replaced').map(replacedTensor);
    this.#stepOutputs = ['logits', ...options.state.map(({ name }) => `present.${name}`)];
  }

  /** Opens a session that would otherwise be opened when first needed. @throws UserError when its graph does not fit. */
  async open(graph: 'score' | 'step'): Promise<void> {
    await this.#queue.run(async () => {
      this.#begin(undefined);
      await (graph === 'score' ? this.#scoreSession() : this.#stepSession());
    });
  }

  async score(symbols: Int32Array, signal?: AbortSignal): Promise<FloatTensor> {
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
      const { logits } = await session.run({ symbols: int32(block, [time]) }, ['logits']);
      return this.#normalize(logits, time);
    });
  }

  initialState(): SessionState {
    const widths = this.#appended.map(({ width }) => width);
    const cache = widths.length > 0 ? new KvCache(widths, this.contextLength) : undefined;
    const snapshots = this.#replaced.map(({ shape }) => float32(new Float32Array(sizeOf(shape)), shape));
    return new SessionState(0, snapshots, cache, 0);
  }

  step(
    block: Int32Array,
    state: ModelState,
    { lastOnly = false, signal }: StepOptions = {},
  ): Promise<{ logProbs: FloatTensor; state: SessionState }> {
    if (!(state instanceof SessionState)) throw new TypeError('step: expected a state of this model, got another kind');
    const room = this.contextLength - state.position;
    if (block.length < 1 || block.length > room) {
      throw new RangeError(`step: expected 1 to ${room} symbols after ${state.position}, got ${block.length}`);
    }
    return this.#queue.run(async () => {
      this.#begin(signal);
      const session = await this.#stepSession();
      if (state.stale) await this.#refill(session, state, signal);
      return this.#extend(session, block, state, lastOnly);
    });
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    if (this.#queue.idle) this.#close();
    else void this.#queue.run(async () => this.#close());
  }

  #close(): void {
    this.#score?.dispose();
    this.#step?.dispose();
  }

  #begin(signal: AbortSignal | undefined): void {
    throwIfCancelled(signal);
    if (this.#disposed) throw new Error('model: it was disposed of; load it again');
  }

  async #extend(session: Session, block: Int32Array, state: SessionState, lastOnly: boolean) {
    const { cache, position, snapshots } = state;
    const time = block.length;
    const skipped = lastOnly ? time - 1 : 0;
    const inputs: Record<string, Tensor> = {
      symbols: int32(block, [time]),
      skippedRows: int64(BigInt64Array.of(BigInt(skipped)), [1]),
    };
    for (const [i, { name, rowShape }] of this.#appended.entries()) {
      inputs[`past.${name}`] = float32(cache!.rows(i, position), [position, ...rowShape]); // [past, ...], not copied
    }
    for (const [i, { name }] of this.#replaced.entries()) inputs[`past.${name}`] = snapshots[i]!;
    const outputs = await session.run(inputs, this.#stepOutputs);
    const rows = this.#appended.map(({ name, width }) => newRows(outputs, name, time * width)); // [time, width]
    const stamp = cache?.append(position, block, rows) ?? 0;
    const next = this.#replaced.map(({ name }) => floatOutput(outputs[`present.${name}`], `present.${name}`));
    return {
      logProbs: this.#normalize(outputs['logits'], time - skipped),
      state: new SessionState(position + time, next, cache, stamp),
    };
  }

  /** Gives a stale state a cache of its own: the rows that still stand for its symbols are copied, the rest is fed again. */
  async #refill(session: Session, state: SessionState, signal: AbortSignal | undefined): Promise<void> {
    const { cache, symbols, position } = state;
    // Snapshots of an earlier position are not kept, so a model that has them starts over.
    const kept = this.#replaced.length > 0 ? 0 : cache!.commonPrefix(symbols);
    const initial = this.initialState();
    const copy = kept > 0 ? cache!.copy(kept) : initial.cache!;
    copy.retain();
    try {
      if (kept < position) {
        const from = new SessionState(kept, initial.snapshots, copy, copy.stampAt(kept));
        try {
          throwIfCancelled(signal);
          const { state: refilled } = await this.#extend(session, symbols.subarray(kept), from, true);
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

  async #scoreSession(): Promise<Session> {
    this.#score ??= checkNames(await this.#options.openScore(), 'score.onnx', ['symbols'], ['logits']);
    return this.#score;
  }

  async #stepSession(): Promise<Session> {
    const inputs = ['symbols', 'skippedRows', ...this.#options.state.map(({ name }) => `past.${name}`)];
    this.#step ??= checkNames(await this.#options.openStep(), 'step.onnx', inputs, this.#stepOutputs);
    return this.#step;
  }

  /** Logits to log-probabilities, in place: the session's outputs are fresh. */
  #normalize(logits: Tensor | undefined, rows: number): FloatTensor {
    const { data } = floatOutput(logits, 'logits');
    const vocab = this.vocabulary.size;
    if (data.length !== rows * vocab) {
      throw new Error(`logits: expected ${rows} rows of ${vocab}, got ${data.length} numbers`);
    }
    return float32(logSoftmaxRows(data, vocab, data), [rows, vocab]);
  }
}

function appendedTensor({ name, shape, axis = 0 }: StateTensor): AppendedTensor {
  const rowShape = shape.slice(1).filter((extent) => extent !== 'past');
  if (axis !== 0 || shape[0] !== 'past' || rowShape.length !== shape.length - 1) {
    throw new UserError(
      `model.json: state ${name}: expected a shape that grows along its first axis ('past'), got [${shape.join(', ')}] ` +
        `and axis ${axis}; export the model with time first`,
    );
  }
  return { name, rowShape, width: sizeOf(rowShape) };
}

function replacedTensor({ name, shape }: StateTensor): ReplacedTensor {
  const fixed = shape.filter((extent) => extent !== 'past');
  if (fixed.length !== shape.length) {
    throw new UserError(
      `model.json: state ${name}: expected a fixed shape, because it is replaced, got [${shape.join(', ')}]; ` +
        "call its kind 'appended' or give every extent a number",
    );
  }
  return { name, shape: fixed };
}

function newRows(outputs: Record<string, Tensor>, name: string, length: number): Float32Array {
  const { data } = floatOutput(outputs[`present.${name}`], `present.${name}`);
  if (data.length !== length) {
    throw new Error(`present.${name}: expected ${length} numbers, the new rows only, got ${data.length}`);
  }
  return data;
}

function floatOutput(tensor: Tensor | undefined, name: string): FloatTensor {
  if (tensor?.dtype !== 'float32') throw new Error(`${name}: expected float32, got ${tensor?.dtype ?? 'nothing'}`);
  return tensor;
}

/** @throws UserError when a graph lacks what the description promises; the session is then disposed of. */
function checkNames(session: Session, file: string, inputs: readonly string[], outputs: readonly string[]): Session {
  const missing =
    inputs.find((name) => !session.inputNames.includes(name)) ??
    outputs.find((name) => !session.outputNames.includes(name));
  if (missing === undefined) return session;
  session.dispose();
  throw new UserError(
    `${file}: expected an input or output ${missing}, got ${[...session.inputNames, ...session.outputNames].join(', ')}; ` +
      'export the model again, so that model.json and its graphs agree',
  );
}
