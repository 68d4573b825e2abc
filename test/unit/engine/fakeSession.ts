// A tiny attention model computed in plain numbers, behind the Session interface: no weights, no runtime. Rows depend on the
// cached past only through what they are fed, so a wrong row anywhere shows in the answer.
import { trackLife } from '../../../src/base/disposable.ts';
import { float32, type Tensor } from '../../../src/base/tensor.ts';
import { SessionModel } from '../../../src/engine/sessionModel.ts';
import type { StateTensor } from '../../../src/formats/modelFolder.ts';
import type { Session } from '../../../src/runtime/session.ts';

export const vocab = 7;
const width = 3;

export interface FakeRuns {
  /** Block lengths of each step run. */
  readonly steps: number[];
  readonly scores: number[];
}

const attentionState: readonly StateTensor[] = [
  { name: 'layers.0.key', shape: ['past', width], kind: 'appended', axis: 0 },
  { name: 'layers.0.value', shape: ['past', width], kind: 'appended', axis: 0 },
];
const recurrentState: readonly StateTensor[] = [{ name: 'hidden', shape: [1, width], kind: 'replaced' }];

/** A session model over fake sessions, and the record of what they ran. */
export function fakeModel({ contextLength = 64, recurrent = false, background = false, beforeRun = () => {} } = {}): {
  model: SessionModel;
  runs: FakeRuns;
} {
  const runs: FakeRuns = { steps: [], scores: [] };
  const compute = recurrent ? recurrentStep : attentionStep;
  const state = recurrent ? recurrentState : attentionState;
  const model = new SessionModel({
    vocabulary: { size: vocab, start: 0, end: 1 },
    contextLength,
    background,
    state,
    openScore: async () =>
      fakeSession(['symbols'], ['logits'], (inputs) => {
        const symbols = intsOf(inputs['symbols']);
        runs.scores.push(symbols.length);
        const past = state.map(() => (recurrent ? new Float32Array(width) : new Float32Array(0)));
        return { logits: logitsTensor(compute(symbols, past).logits, 0) };
      }),
    openStep: async () =>
      fakeSession(
        ['symbols', 'skippedRows', ...state.map(({ name }) => `past.${name}`)],
        ['logits', ...state.map(({ name }) => `present.${name}`)],
        (inputs) => {
          beforeRun();
          const symbols = intsOf(inputs['symbols']);
          runs.steps.push(symbols.length);
          const past = state.map(({ name }) => floatsOf(inputs[`past.${name}`]));
          const skipped = Number((inputs['skippedRows']!.data as BigInt64Array)[0]);
          const { logits, present } = compute(symbols, past);
          const outputs: Record<string, Tensor> = { logits: logitsTensor(logits, skipped) };
          for (const [i, { name }] of state.entries()) {
            outputs[`present.${name}`] = float32(present[i]!, [present[i]!.length / width, width]);
          }
          return outputs;
        },
      ),
  });
  return { model, runs };
}

export function fakeSession(
  inputNames: readonly string[],
  outputNames: readonly string[],
  compute: (inputs: Readonly<Record<string, Tensor>>) => Record<string, Tensor>,
): Session {
  const endLife = trackLife('session');
  return { inputNames, outputNames, run: async (inputs) => compute(inputs), dispose: endLife };
}

interface Computed {
  logits: number[][];
  present: Float32Array[];
}

/** Key and value rows are functions of symbol and position; a row of logits mixes values by the likeness of keys. */
function attentionStep(symbols: Int32Array, [pastKeys, pastValues]: Float32Array[]): Computed {
  const position = pastKeys!.length / width;
  const newKeys = new Float32Array(symbols.length * width);
  const newValues = new Float32Array(symbols.length * width);
  for (const [t, symbol] of symbols.entries()) {
    for (let d = 0; d < width; d++) {
      newKeys[t * width + d] = Math.sin(symbol * 1.7 + (position + t) * 0.31 + d);
      newValues[t * width + d] = Math.cos(symbol * 0.9 + d * 2.1);
    }
  }
  const keys = Float32Array.of(...pastKeys!, ...newKeys);
  const values = Float32Array.of(...pastValues!, ...newValues);
  const logits = Array.from(symbols, (symbol, t) => {
    const mixed = [0, 0, 0];
    let total = 0;
    for (let s = 0; s <= position + t; s++) {
      let likeness = 0;
      for (let d = 0; d < width; d++) likeness += keys[s * width + d]! * Math.sin(symbol + d);
      const weight = Math.exp(likeness);
      total += weight;
      for (let d = 0; d < width; d++) mixed[d]! += weight * values[s * width + d]!;
    }
    return Array.from({ length: vocab }, (_, v) => (3 * mixed[v % width]!) / total + Math.sin(v + symbol));
  });
  return { logits, present: [newKeys, newValues] };
}

function recurrentStep(symbols: Int32Array, [past]: Float32Array[]): Computed {
  let hidden = past!.slice();
  const logits = Array.from(symbols, (symbol) => {
    hidden = hidden.map((h, d) => Math.tanh(0.8 * h + Math.sin(symbol * (d + 1))));
    return Array.from({ length: vocab }, (_, v) => 2 * hidden[v % width]! + Math.sin(v * 1.3));
  });
  return { logits, present: [hidden] };
}

function logitsTensor(rows: number[][], skipped: number): Tensor {
  const kept = rows.slice(skipped);
  return float32(Float32Array.from(kept.flat()), [kept.length, vocab]);
}

function intsOf(tensor: Tensor | undefined): Int32Array {
  if (tensor?.dtype !== 'int32') throw new Error('fakeSession: expected int32');
  return tensor.data;
}

function floatsOf(tensor: Tensor | undefined): Float32Array {
  if (tensor?.dtype !== 'float32') throw new Error('fakeSession: expected float32');
  return tensor.data;
}
