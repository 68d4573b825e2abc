// A text model as a trial of its number of threads: what a request costs it, once.

import { throwIfCancelled } from '../base/errors.ts';
import type { TextModel } from '../engine/loadModel.ts';
import type { ThreadTrial } from '../engine/threadScaling.ts';
import { nextTurn } from '../engine/turn.ts';

/** About what a keystroke asks for in a file that is partly known: a stretch of text, then a short line symbol by symbol. */
const [prefilled, decoded] = [64, 8];

export class ModelTrial implements ThreadTrial {
  readonly threads: number;
  readonly textModel: TextModel;

  constructor(threads: number, textModel: TextModel) {
    this.threads = threads;
    this.textModel = textModel;
  }

  /** In a sequence of its own: what the completer holds stays as it is. */
  async sample(signal: AbortSignal): Promise<void> {
    const { model } = this.textModel;
    const { start, size } = model.vocabulary;
    const block = Int32Array.from({ length: Math.min(prefilled, model.contextLength - decoded) }, (_, i) =>
      i === 0 ? start : i % size,
    );
    let state = model.initialState();
    const step = async (symbols: Int32Array) => {
      throwIfCancelled(signal);
      const { state: next } = await model.step(symbols, state, { lastOnly: true, signal });
      state.dispose();
      state = next;
    };
    try {
      await step(block);
      for (let i = 0; i < decoded; i++) {
        await nextTurn();
        await step(Int32Array.of(i % size));
      }
    } finally {
      state.dispose();
    }
  }

  dispose(): void {
    this.textModel.dispose();
  }
}
