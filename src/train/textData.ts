// Texts behind the seam of training: as windows for models of bounded context, as streams for recurrent ones.
import { createHash } from 'node:crypto';
import type { TextCodec } from '../codecs/text.ts';
import { fingerprintOf } from './corpus.ts';
import type { Corpora } from './gatherCorpus.ts';
import { type RowMix, RowSampler } from './rowSampler.ts';
import { heldOutStreams, openStreams } from './streamRows.ts';
import type { HeldOutRows, RowSource, TrainingData } from './trainingData.ts';
import { validationWindows } from './validation.ts';

type Texts = Pick<Corpora, 'training' | 'validation'>;

/** Each row on its own, drawn anywhere. */
export function windowData(texts: Texts, codec: TextCodec, mix: RowMix): TrainingData {
  return {
    ...shared(texts, codec, (held, batch, time) => validationWindows(held, codec, batch, time)),
    settings: { codec: codec.kind, mix },
    openRows({ random }): RowSource {
      const sampler = new RowSampler(texts.training, codec, mix, random);
      return {
        fill(_slot, row) {
          sampler.fill(row);
          return false;
        },
        position: [],
      };
    },
  };
}

/** Each row goes on with what its slot held before. `headerShare`: of the documents, how many tell their path. */
export function streamData(texts: Texts, codec: TextCodec, headerShare: number): TrainingData {
  return {
    ...shared(texts, codec, (held, batch, time) => heldOutStreams(held, codec, batch, time)),
    settings: { codec: codec.kind, headerShare },
    openRows: ({ slots, random, position }) =>
      openStreams(texts.training, codec, { slots, random, position, headerShare }),
  };
}

type HoldOut = (held: Corpora['training'], batch: number, time: number) => HeldOutRows;

function shared({ training, validation }: Texts, codec: TextCodec, holdOut: HoldOut) {
  const parts = [codec.vocabulary.size, fingerprintOf(training), validation ? fingerprintOf(validation) : ''];
  // What has no symbols cannot be measured with.
  const held = validation && validation.numSymbols > 0 ? validation : undefined;
  return {
    unit: 'byte' as const,
    numSymbols: training.numSymbols,
    fingerprint: createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32),
    heldOut: (batch: number, time: number) => held && holdOut(held, batch, time),
  };
}
