// PixelCNN on binarized images. Every figure names how they were binarized: by sampling, each value white with the probability of its
// intensity, anew in every epoch for training and once, with a fixed seed, for the test. Images cut at a threshold are another task.
import path from 'node:path';
import { heldOutSeed } from '../../src/train/imageRows.ts';
import { totalBits, train } from './chainrule.ts';
import type { LearnWishes } from './main.ts';

export async function images(trainFile: string, testFile: string, wishes: LearnWishes): Promise<void> {
  const out = path.join(wishes.folder, 'model');
  const learnt = await train('pixelCnn', ['--data', trainFile, '--binarize', 'sampled', '--out', out], wishes);
  const total = await totalBits(['--model', out, '--binarize', 'sampled', testFile]);
  const nats = (bits: number) => ((bits * total.integer('dimensions') * Math.LN2) / total.integer('images')).toFixed(2);
  console.log(`PixelCNN (${wishes.preset}${wishes.config ?? ''}), ${wishes.minutes} min, ${wishes.threads} threads:`);
  console.log(
    `${learnt.steps} steps, ${learnt.symbolsSeen} values seen; sampled binarization, test with seed ${heldOutSeed}`,
  );
  for (const { minutes, step, bits } of learnt.curve)
    console.log(`  ${minutes.toFixed(1)} min, step ${step}: ${nats(bits)} nats per held-out image`);
  console.log(`test: ${total.number('natsPerImage').toFixed(2)} nats per image, ${total.integer('images')} images`);
}
