// Text drawn from a model, symbol by symbol, of any length: a context that is full restarts by the long-text rule. The same random
// numbers draw the same text.
import type { AutoregressiveModel } from '../base/model.ts';
import type { Random } from '../base/random.ts';
import type { TextCodec } from '../codecs/text.ts';
import { LongSequence } from './longSequence.ts';
import { type Draw, type SamplingOptions, sample } from './sampler.ts';

export interface DrawTextOptions extends SamplingOptions {
  readonly prompt: string;
  readonly maxSymbols: number;
  readonly random: Random;
  readonly signal?: AbortSignal | undefined;
}

/** What follows the prompt; ends with the end symbol, when the model draws it, or with the last that was asked for. @throws CancelledError */
export async function* drawText(
  { model, codec }: { readonly model: AutoregressiveModel; readonly codec: TextCodec },
  { prompt, maxSymbols, random, signal, ...options }: DrawTextOptions,
): AsyncGenerator<Draw> {
  const sequence = new LongSequence(model);
  try {
    let row = await sequence.append(codec.encodeText(prompt), signal);
    for (let drawn = 1; ; drawn++) {
      const next = sample(row, options, random);
      yield next;
      if (next.symbol === codec.specials.end || drawn >= maxSymbols) return;
      row = await sequence.append(Int32Array.of(next.symbol), signal);
    }
  } finally {
    sequence.dispose();
  }
}
