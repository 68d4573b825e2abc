// What a model believes of each value of an image: its surprisal, its rank, what was expected, and the level that it held likeliest.
import type { AutoregressiveModel } from '../base/model.ts';
import type { Pixels } from '../base/pixels.ts';
import type { ImageCodec } from '../codecs/image.ts';
import { RowReducer } from './reduceRows.ts';
import { type BlockOptions, rowBlocks } from './rowBlocks.ts';

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

/** Values whose rows are reduced before others have their turn: some 5 ms for 256 levels. */
const atOnce = 4096;

/** @throws CancelledError */
export async function imageMap(
  model: AutoregressiveModel,
  codec: ImageCodec,
  image: Pixels,
  options: Pick<BlockOptions, 'signal' | 'turn' | 'by'> = {},
): Promise<ImageMap> {
  const levels = codec.encode(image);
  const time = levels.length;
  const map: ImageMap = {
    levels,
    surprisal: new Float32Array(time),
    rank: new Int32Array(time),
    entropy: new Float32Array(time),
    likeliest: new Int32Array(time),
    likeliestSurprisal: new Float32Array(time),
  };
  const vocab = model.vocabulary.size;
  const reducer = new RowReducer(vocab);
  for await (const block of rowBlocks(model, levels, options)) {
    for (let at = 0; at < block.count; at += atOnce) {
      if (at > 0) await options.turn?.();
      const count = Math.min(atOnce, block.count - at);
      const rows = block.rows.subarray(at * vocab, (at + count) * vocab);
      const first = block.first + at;
      const came = reducer.reduce(rows, levels.subarray(first, first + count), { rank: true, entropy: true });
      map.surprisal.set(came.surprisal, first);
      map.rank.set(came.rank!, first);
      map.entropy.set(came.entropy!, first);
      noteLikeliest(map, { rows, vocab, numLevels: codec.levels, first, count });
    }
  }
  return map;
}

interface RowsOf {
  readonly rows: Float32Array;
  readonly vocab: number;
  readonly numLevels: number;
  readonly first: number;
  readonly count: number;
}

/** The likeliest level of each row, the first of equals: it has as many nats less as its logit is above that of what came. */
function noteLikeliest(map: ImageMap, { rows, vocab, numLevels, first, count }: RowsOf): void {
  for (let i = 0; i < count; i++) {
    const offset = i * vocab;
    let best = 0;
    let most = rows[offset]!;
    for (let level = 1; level < numLevels; level++) {
      const logit = rows[offset + level]!;
      if (logit > most) {
        best = level;
        most = logit;
      }
    }
    const came = rows[offset + map.levels[first + i]!]!;
    map.likeliest[first + i] = best;
    map.likeliestSurprisal[first + i] = Math.max(0, map.surprisal[first + i]! - (most - came));
  }
}
