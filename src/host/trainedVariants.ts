// A model of text that is finished gets its variants with fewer bits, where there is text to measure them on. What goes wrong with them
// leaves the model as it was trained.
import { messageOf, UserError } from '../base/errors.ts';
import { loadUnlisted } from '../engine/loadModel.ts';
import { exportVariants } from '../export/exportVariants.ts';
import { variantNames } from '../formats/modelDescription.ts';
import { VariantMeter } from '../likelihood/variantLoss.ts';
import { readConfig } from '../models/registry.ts';
import type { Runtime } from '../runtime/session.ts';
import type { Prepared } from '../train/prepare.ts';
import type { Log } from './engineRole.ts';
import { textsOf } from './heldOutBaseline.ts';

/** Measuring takes seconds with so many, and differs little with more. */
const maxBytes = 32 * 1024;

export interface TrainedVariantsOptions {
  readonly runtime: Runtime;
  readonly threads: number;
  readonly batch: number;
  readonly log: Log;
}

export async function makeTrainedVariants(
  modelPath: string,
  { codec, data, time }: Pick<Prepared, 'codec' | 'data' | 'time'>,
  { runtime, threads, batch, log }: TrainedVariantsOptions,
): Promise<void> {
  const held = codec.kind === 'image' ? undefined : data.heldOut(batch, time);
  if (!held || codec.kind === 'image') return;
  const texts: Uint8Array[] = [];
  let bytes = 0;
  for (const text of textsOf(held, codec, batch)) {
    if (bytes >= maxBytes) break;
    texts.push(text);
    bytes += text.length;
  }
  const options = { runtime, threads, verify: false, readConfig, open: 'none' } as const;
  const meter = new VariantMeter({ texts, open: (weights) => loadUnlisted(modelPath, options, weights) });
  try {
    await exportVariants(modelPath, variantNames, (name) => meter.measure(name));
  } catch (error) {
    // That there are none for such a model is no news.
    if (!(error instanceof UserError)) log('warning', `No variants with fewer bits were made: ${messageOf(error)}`);
  }
}
