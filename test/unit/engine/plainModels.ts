// Models without weights behind the bare contract: uniform logits, and a script that is continued wherever it is met.
import { trackLife } from '../../../src/base/disposable.ts';
import type { AutoregressiveModel, ModelState, SymbolId, Vocabulary } from '../../../src/base/model.ts';
import { float32 } from '../../../src/base/tensor.ts';
import type { ReusableState } from '../../../src/engine/reusableState.ts';

type Distribution = (history: readonly SymbolId[], row: Float32Array) => void;

interface HistoryState extends ModelState {
  readonly history: readonly SymbolId[];
}

/** Every symbol as likely as any other. */
export function uniformModel(vocabulary: Vocabulary, contextLength = 1024): AutoregressiveModel {
  return modelOf(vocabulary, contextLength, (_, row) => row.fill(-Math.log(vocabulary.size)));
}

type StateOf = (history: readonly SymbolId[]) => HistoryState;

/** A model that is nothing but its distribution after a history; `beforeStep` is called once per run. */
export function modelOf(
  vocabulary: Vocabulary,
  contextLength: number,
  distribution: Distribution,
  beforeStep: (blockLength: number) => void = () => {},
): AutoregressiveModel {
  return modelWith(bareState, vocabulary, contextLength, distribution, beforeStep);
}

/** The same with states that can be cut back, as those of attention can. */
export function cuttableModelOf(
  vocabulary: Vocabulary,
  contextLength: number,
  distribution: Distribution,
  beforeStep: (blockLength: number) => void = () => {},
): AutoregressiveModel {
  return modelWith(cuttableState, vocabulary, contextLength, distribution, beforeStep);
}

function bareState(history: readonly SymbolId[]): HistoryState {
  return { history, position: history.length, dispose: trackLife('historyState') };
}

function cuttableState(history: readonly SymbolId[]): HistoryState & ReusableState {
  return {
    ...bareState(history),
    cuttable: true,
    sizeBytes: history.length,
    prefix: (position) => cuttableState(history.slice(0, position)),
    fork: () => cuttableState(history),
  };
}

function modelWith(
  stateOf: StateOf,
  vocabulary: Vocabulary,
  contextLength: number,
  distribution: Distribution,
  beforeStep: (blockLength: number) => void,
): AutoregressiveModel {
  const { size, start } = vocabulary;
  const rowsAfter = (histories: SymbolId[][]) => {
    const rows = new Float32Array(histories.length * size); // [time, vocab]
    for (const [t, history] of histories.entries()) distribution(history, rows.subarray(t * size, (t + 1) * size));
    return float32(rows, [histories.length, size]);
  };
  return {
    vocabulary,
    contextLength,
    score: async (symbols) => rowsAfter(Array.from(symbols, (_, t) => [start, ...symbols.subarray(0, t)])),
    initialState: () => stateOf([]),
    step: async (block, state, { lastOnly = false } = {}) => {
      beforeStep(block.length);
      const { history } = state as HistoryState;
      const whole = [...history, ...block];
      const first = lastOnly ? whole.length : history.length + 1;
      const ends = Array.from({ length: whole.length - first + 1 }, (_, i) => first + i);
      return { logProbs: rowsAfter(ends.map((end) => whole.slice(0, end))), state: stateOf(whole) };
    },
    dispose: trackLife('model'),
  };
}
