// The scorer's answers about images. What a file holds is brought to what the model takes by the model's own rule, and all that is told
// (bits, PNG, completions) is of the same pixels.
import { throwIfCancelled, UserError } from '../base/errors.ts';
import type { Pixels } from '../base/pixels.ts';
import type { ImageCodec } from '../codecs/image.ts';
import { encodePng } from '../files/images/encodePng.ts';
import { readShaped, readShapedFile, type ShapedFile, upperLines } from '../files/images/readShaped.ts';
import { resizeImage } from '../files/images/resizeImage.ts';
import { pngBaseline } from '../likelihood/baselines.ts';
import { type ImageMap, imageMap } from '../likelihood/imageMap.ts';
import { type ImageFacts, imageLimits } from '../protocol/imageScoringMessages.ts';
import type { ToScorer } from '../protocol/scorerMessages.ts';
import type { Receivers } from './scorerRole.ts';
import type { ScoringDesk } from './scoringDesk.ts';

type Message<Kind extends ToScorer['kind']> = Extract<ToScorer, { kind: Kind }>;

/** Images that are being made are shown so often. */
const showEveryMs = 150;

export function imageScoring(desk: ScoringDesk): Receivers<'scoreImage' | 'completeImage'> {
  return {
    scoreImage: (message) => desk.take(message.request, (signal) => scoreImage(desk, message, signal)),
    completeImage: (message) => desk.take(message.request, (signal) => completeImage(desk, message, signal)),
  };
}

function scoreImage(
  desk: ScoringDesk,
  { request, modelPath, file }: Message<'scoreImage'>,
  signal: AbortSignal,
): Promise<void> {
  return desk.shelf.withImage(modelPath, ({ model, codec }) =>
    desk.baton.run('asked', async (turn) => {
      // Each of these blocks for as long as its image is large; in between others have their turn, and a signal is seen.
      const pause = async () => {
        await turn();
        throwIfCancelled(signal);
      };
      await pause();
      const read = await readShapedFile(file, codec);
      await pause();
      const picture = codec.decode(codec.encode(read.shaped));
      desk.send({ kind: 'imageRead', request, ...factsOf(read, codec, picture) });
      await pause();
      const map = await imageMap(model, codec, read.shaped, { signal, turn: pause });
      const numValues = map.levels.length;
      for (let first = 0; first < numValues; first += imageLimits.piece) {
        await pause();
        desk.send({ kind: 'imageNumbers', request, ...pieceOf(map, first) });
      }
      await pause();
      const { bits: pngBits } = pngBaseline(codec, [read.shaped]);
      let nats = 0;
      for (const one of map.surprisal) nats += one;
      desk.send({ kind: 'imageScored', request, numValues, bits: nats / Math.LN2, pngBits });
    }),
  );
}

function completeImage(
  desk: ScoringDesk,
  { request, modelPath, file, row, ...wish }: Message<'completeImage'>,
  signal: AbortSignal,
): Promise<void> {
  return desk.shelf.withImage(modelPath, ({ codec, sampler }) =>
    desk.baton.run('asked', async (turn) => {
      throwIfCancelled(signal);
      if (row > codec.height) {
        throw new UserError(`expected a row from 0 to ${codec.height}, got ${row}; choose one of the picture`);
      }
      const upper = row === 0 ? undefined : upperLines(await readShaped(file, codec), row);
      let shownAt = desk.clock.now();
      const show = (images: readonly Pixels[], first: number) => {
        for (const [i, image] of images.entries()) {
          desk.send({ kind: 'imageCompletion', request, index: first + i, png: base64Png(image) });
        }
        shownAt = desk.clock.now();
      };
      const images = await sampler.sample({
        ...wish,
        upper,
        signal,
        turn,
        onLine: ({ images, first }) => {
          if (desk.clock.now() - shownAt >= showEveryMs) show(images, first);
        },
      });
      show(images, 0);
      desk.send({ kind: 'imageCompleted', request });
    }),
  );
}

function factsOf({ opened, pixels, transparent }: ShapedFile, codec: ImageCodec, picture: Pixels): ImageFacts {
  const { width, height, channels, levels, rule } = codec;
  return {
    format: opened.format,
    fileWidth: opened.width,
    fileHeight: opened.height,
    fileChannels: pixels.channels,
    animated: opened.animated,
    deep: opened.deep,
    transparent,
    ...{ width, height, channels, numLevels: levels, rule },
    picture: base64Png(picture),
    preview: base64Png(smaller(pixels)),
  };
}

/** No side longer than is shown. */
function smaller(image: Pixels): Pixels {
  const scale = Math.min(1, imageLimits.previewSide / Math.max(image.width, image.height));
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  return resizeImage(image, { width: side(image.width), height: side(image.height), rule: 'stretch' });
}

function pieceOf(map: ImageMap, first: number) {
  const end = first + imageLimits.piece;
  // A sum of probabilities may be a little above 1, and nothing has less than no information.
  const bits = (nats: Float32Array) => Array.from(nats.subarray(first, end), (one) => Math.max(0, one / Math.LN2));
  const whole = (numbers: Int32Array) => Array.from(numbers.subarray(first, end));
  return {
    first,
    levels: whole(map.levels),
    bits: bits(map.surprisal),
    ranks: whole(map.rank),
    entropies: bits(map.entropy),
    likeliest: whole(map.likeliest),
    likeliestBits: bits(map.likeliestSurprisal),
  };
}

function base64Png(image: Pixels): string {
  return Buffer.from(encodePng(image)).toString('base64');
}
