// What a model believes of each value of an image: its surprisal, its rank, what was expected, and the level that it held likeliest.
import type { AutoregressiveModel } from '../base/model.ts';
import type { Pixels } from '../base/pixels.ts';
import type { ImageCodec } from '../codecs/image.ts';
import { type SurprisalOptions, surprisals } from './bits.ts';

/** A number for each value, in the order of the model: row after row, red before green before blue. Nats. */
export interface ImageMap {
  /** What the codec keeps of the image, from 0 to levels - 1. */
  readonly levels: Int32Array;
  readonly surprisal: Float32Array;
  readonly rank: Int32Array;
  readonly entropy: Float32Array;
  readonly likeliest: Int32Array;
  readonly likeliestSurprisal: Float32Array;
}

export async function imageMap(
  model: AutoregressiveModel,
  codec: ImageCodec,
  image: Pixels,
  options: Pick<SurprisalOptions, 'signal'> = {},
): Promise<ImageMap> {
  const levels = codec.encode(image);
  const likeliest = new Int32Array(levels.length);
  const likeliestSurprisal = new Float32Array(levels.length);
  const noted = notingLikeliest(model, likeliest, likeliestSurprisal);
  // A whole image is one window, so its rows are scored once.
  const scored = await surprisals(noted, levels, { ...options, by: 'score', rank: true, entropy: true });
  return {
    levels,
    surprisal: scored.surprisal,
    rank: scored.rank!,
    entropy: scored.entropy!,
    likeliest,
    likeliestSurprisal,
  };
}

/** The same model; of every row that it scores the likeliest symbol is noted. */
function notingLikeliest(
  model: AutoregressiveModel,
  likeliest: Int32Array,
  surprisal: Float32Array,
): AutoregressiveModel {
  return {
    vocabulary: model.vocabulary,
    contextLength: model.contextLength,
    initialState: () => model.initialState(),
    step: (block, state, options) => model.step(block, state, options),
    score: async (symbols, signal) => {
      const rows = await model.score(symbols, signal);
      const vocab = model.vocabulary.size;
      for (let time = 0; time < symbols.length; time++) {
        const offset = time * vocab;
        let best = 0;
        for (let v = 1; v < vocab; v++) if (rows.data[offset + v]! > rows.data[offset + best]!) best = v;
        likeliest[time] = best;
        surprisal[time] = -rows.data[offset + best]!;
      }
      return rows;
    },
    dispose: () => model.dispose(),
  };
}
