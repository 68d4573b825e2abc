// The two forms of a step graph, and what a run of each hands over and takes back:
//
//   rows      symbols, skippedRows, past.<state> [position, ...]                      -> logits, present.<state>: the new rows,
//             which are then appended to the cache; and what is replaced as a whole
//   inPlace   symbols, skippedRows, lastPosition, total, past.<state>: the cache      -> logProbs, and the cache, written where it lies
import { UserError } from '../base/errors.ts';
import { logSoftmaxRows } from '../base/logSumExp.ts';
import type { RowOptions } from '../base/model.ts';
import { type FloatTensor, float32, int32, int64, sizeOf, type Tensor } from '../base/tensor.ts';
import type { StateTensor } from '../formats/modelFolder.ts';
import type { RunOptions, Session } from '../runtime/session.ts';
import type { KvCache, RowLayout } from './kvCache.ts';

/** Of a sequence: `position` symbols, whose rows the cache holds. */
export interface StepPast {
  readonly cache: KvCache | undefined;
  readonly position: number;
  readonly snapshots: readonly Tensor[];
}

export interface StepResult {
  readonly logProbs: FloatTensor; // [time - skipped, vocab]
  readonly snapshots: readonly Tensor[];
  /** Of the rows that were added to the cache. */
  readonly stamp: number;
}

export interface StepGraph {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Of a row of each appended tensor. */
  readonly layouts: readonly RowLayout[];
  readonly replaced: readonly ReplacedTensor[];
  /** After an error the rows of the past are as they were. */
  run(
    session: Session,
    block: Int32Array,
    skipped: number,
    past: StepPast,
    options: StepRunOptions,
  ): Promise<StepResult>;
}

export type StepRunOptions = Pick<RunOptions, 'background' | 'signal'> & RowOptions;

export interface ReplacedTensor {
  readonly name: string;
  readonly shape: readonly number[];
}

/** @throws UserError when a state is not described as this engine needs it. */
export function rowsGraph(state: readonly StateTensor[], vocab: number): StepGraph {
  const appended = state.filter(({ kind }) => kind === 'appended').map(appendedTensor);
  const replaced = state.filter(({ kind }) => kind === 'replaced').map(replacedTensor);
  const outputNames = ['logits', ...state.map(({ name }) => `present.${name}`)];
  return {
    inputNames: ['symbols', 'skippedRows', ...state.map(({ name }) => `past.${name}`)],
    outputNames,
    layouts: appended.map(({ width }) => ({ heads: 1, width })),
    replaced,
    async run(session, block, skipped, { cache, position, snapshots }, { unnormalized, into, ...options }) {
      const time = block.length;
      const allowed = { ...(unnormalized && { unnormalized }), ...(into && { into }) };
      const inputs: Record<string, Tensor> = {
        symbols: int32(block, [time]),
        skippedRows: int64(BigInt64Array.of(BigInt(skipped)), [1]),
      };
      for (const [i, { name, rowShape }] of appended.entries()) {
        inputs[`past.${name}`] = float32(cache!.rows(i, position), [position, ...rowShape]); // [past, ...], not copied
      }
      for (const [i, { name }] of replaced.entries()) inputs[`past.${name}`] = snapshots[i]!;
      const room = roomIn(allowed, 'logits', time - skipped, vocab);
      const outputs = await session.run(inputs, outputNames, { ...options, into: room });
      const rows = appended.map(({ name, width }) => newRows(outputs, name, time * width)); // [time, width]
      return {
        stamp: cache?.append(position, block, rows) ?? 0,
        snapshots: replaced.map(({ name }) => floatOutput(outputs[`present.${name}`], `present.${name}`)),
        logProbs: finish(outputs['logits'], time - skipped, vocab, allowed),
      };
    },
  };
}

/** @throws UserError when a state is replaced, or grows otherwise than row by row. */
export function inPlaceGraph(state: readonly StateTensor[], vocab: number): StepGraph {
  const tensors = state.map((tensor) => ({ ...appendedTensor(tensor), heads: tensor.heads ?? 1 }));
  const outputNames = ['logProbs', ...state.map(({ name }) => `present.${name}`)];
  // What is lent again and again, with other numbers in it.
  const one = int32(new Int32Array(1), [1]);
  const skippedRows = int64(new BigInt64Array(1), [1]);
  const lastPosition = int32(new Int32Array(1), [1]);
  const total = int32(new Int32Array(1), []);
  return {
    inputNames: ['symbols', 'skippedRows', 'lastPosition', 'total', ...state.map(({ name }) => `past.${name}`)],
    outputNames,
    layouts: tensors.map(({ width, heads }) => ({ heads, width: width / heads })),
    replaced: [],
    async run(session, block, skipped, { cache, position }, { into: room, background, signal }) {
      if (!cache) throw new Error('step: expected a state with a cache, got one without');
      const time = block.length;
      one.data[0] = block[0]!;
      skippedRows.data[0] = BigInt(skipped);
      lastPosition.data[0] = position + time - 1;
      total.data[0] = position + time;
      const symbols = time === 1 ? one : int32(block, [time]);
      const inputs: Record<string, Tensor> = { symbols, skippedRows, lastPosition, total };
      const rows = time - skipped;
      const data = hasRoom(room, rows * vocab) ? room.subarray(0, rows * vocab) : new Float32Array(rows * vocab);
      const logProbs = float32(data, [rows, vocab]);
      const into: Record<string, Tensor> = { logProbs };
      cache.begin(position, time);
      for (const [i, tensor] of cache.tensors.entries()) {
        const { name } = tensors[i]!;
        inputs[`past.${name}`] = tensor;
        into[`present.${name}`] = tensor;
      }
      // Whoever disposes of the last view meanwhile does not take the memory away from the run.
      cache.retain();
      try {
        await session.run(inputs, outputNames, { ...(background && { background }), ...(signal && { signal }), into });
        return { logProbs, snapshots: [], stamp: cache.commit(block) };
      } finally {
        cache.release();
      }
    },
  };
}

interface AppendedTensor {
  readonly name: string;
  /** Of one row. */
  readonly rowShape: readonly number[];
  readonly width: number;
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

function hasRoom(room: Float32Array | undefined, length: number): room is Float32Array {
  return room !== undefined && room.length >= length;
}

/** Where a run is to put its logits, if rows may lie there. */
export function roomIn({ into }: RowOptions, name: string, rows: number, vocab: number): Record<string, Tensor> {
  const length = rows * vocab;
  return hasRoom(into, length) ? { [name]: float32(into.subarray(0, length), [rows, vocab]) } : {};
}

/** Logits to log-probabilities, in place, for nobody else has them; as they are where that is enough. */
export function finish(logits: Tensor | undefined, rows: number, vocab: number, { unnormalized }: RowOptions) {
  const { data } = floatOutput(logits, 'logits');
  if (data.length !== rows * vocab) {
    throw new Error(`logits: expected ${rows} rows of ${vocab}, got ${data.length} numbers`);
  }
  return float32(unnormalized ? data : logSoftmaxRows(data, vocab, data), [rows, vocab]);
}

function floatOutput(tensor: Tensor | undefined, name: string): FloatTensor {
  if (tensor?.dtype !== 'float32') throw new Error(`${name}: expected float32, got ${tensor?.dtype ?? 'nothing'}`);
  return tensor;
}
