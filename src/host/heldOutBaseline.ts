// What a common compressor makes of the very rows that validation measures, in the same unit.
import type { TextCodec } from '../codecs/text.ts';
import { gzipBaseline, pngBaseline } from '../likelihood/baselines.ts';
import type { Prepared } from '../train/prepare.ts';
import type { HeldOutRows } from '../train/trainingData.ts';

export interface HeldOutBaseline {
  readonly name: 'gzip' | 'PNG';
  /** For each byte or channel value. */
  readonly bits: number;
}

/** Undefined when nothing is held out. */
export async function heldOutBaseline(
  { codec, data, time }: Pick<Prepared, 'codec' | 'data' | 'time'>,
  batch: number,
): Promise<HeldOutBaseline | undefined> {
  const held = data.heldOut(batch, time);
  if (!held) return undefined;
  if (codec.kind !== 'image') {
    const { bitsPerUnit } = await gzipBaseline(textsOf(held, codec, batch));
    return Number.isFinite(bitsPerUnit) ? { name: 'gzip', bits: bitsPerUnit } : undefined;
  }
  // Where there are fewer images than a batch has, some come again: a compressor would see through that.
  const different = new Map(held.rows.map((row) => [row.join(), row]));
  const images = [...different.values()].map((row) => codec.decode(row.subarray(1)));
  return { name: 'PNG', bits: pngBaseline(codec, images).bitsPerUnit };
}

/** Slot by slot, as the rows follow each other. */
export function* textsOf({ rows }: HeldOutRows, codec: TextCodec, batch: number): Generator<Uint8Array> {
  for (let slot = 0; slot < batch; slot++) {
    for (let at = slot; at < rows.length; at += batch) yield codec.decode(rows[at]!.subarray(1));
  }
}
