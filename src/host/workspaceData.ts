// What a workspace offers to learn from: surveyed for the person, then read by the very same walk.
import { UserError } from '../base/errors.ts';
import { CharacterCounter } from '../codecs/characters.ts';
import { chooseCodec, codecOfChoice } from '../codecs/chooseCodec.ts';
import type { TextCodec } from '../codecs/text.ts';
import { surveyText } from '../files/collect.ts';
import { collectImages, type ImageTarget, surveyImages } from '../files/images/collectImages.ts';
import type { LeftOut } from '../files/leftOut.ts';
import type { SourceRoot } from '../files/roots.ts';
import type { Survey } from '../files/survey.ts';
import { type SurveyedMessage, trainerLimits } from '../protocol/trainerMessages.ts';
import { type GatheredImages, gatherImages } from '../train/gatherImages.ts';
import { mostImages } from '../train/imageRows.ts';
import type { ReadOptions } from '../train/readTexts.ts';

/** What is remembered of a survey, for previews and estimates. */
export interface Offer {
  readonly surveyed: Omit<SurveyedMessage, 'kind' | 'request'>;
  /** Of texts: how many of each character. */
  readonly counter: CharacterCounter;
  /** Of images: some, to be shown. */
  readonly previewFiles: readonly string[];
}

/**
 * How texts are read, by the survey and for training. As much as this a small model sees in an hour, and the symbols of it fit in memory: a
 * byte on disk is at most one and a half of them.
 */
export const textReading = {
  respectIgnore: true,
  limits: {},
  maxTextBytes: 2 ** 27,
  beyondLimits: 'stop',
} as const satisfies ReadOptions;

type OnProgress = NonNullable<ReadOptions['onProgress']>;

/** A text shorter than this has nothing to be learnt and nothing to be measured with. */
const fewestBytes = 256;

/** Tests bring smaller bounds. */
export async function surveyTexts(
  roots: readonly SourceRoot[],
  signal: AbortSignal,
  reading: Pick<ReadOptions, 'respectIgnore' | 'limits' | 'maxTextBytes' | 'onProgress'> = textReading,
): Promise<Offer> {
  const counter = new CharacterCounter();
  let canBeCut = false;
  const onText = (text: string) => {
    counter.add(text);
    // As `gatherCorpora` cuts a single one: at a line before its last tenth.
    const lineEnd = text.indexOf('\n', 1);
    canBeCut = lineEnd > 0 && lineEnd < Math.floor(text.length * 0.9);
  };
  const survey = await surveyText(roots, { ...reading, signal, onText });
  const problem =
    survey.numFiles === 0
      ? `No text to learn from was found${besides(survey)}`
      : survey.numBytes < fewestBytes
        ? `There are only ${survey.numBytes} bytes of text; at least ${fewestBytes} are needed`
        : '';
  const heldOut = survey.numFiles > 1 || canBeCut;
  return { surveyed: { ...surveyedOf(survey), heldOut, suggested: null, problem }, counter, previewFiles: [] };
}

export async function surveyPictures(
  roots: readonly SourceRoot[],
  signal: AbortSignal,
  onProgress?: OnProgress,
): Promise<Offer> {
  const survey = await surveyImages(roots, { respectIgnore: true, signal, ...(onProgress && { onProgress }) });
  const problem = survey.numFiles === 0 ? `No image to learn from was found${besides(survey)}` : '';
  const surveyed = { ...surveyedOf(survey), heldOut: survey.numFiles > 1, suggested: survey.suggested, problem };
  return { surveyed, counter: new CharacterCounter(), previewFiles: survey.previewFiles };
}

/** As many of them as fit in memory, the first ones. @throws UserError when there is no image any more. */
export function readImages(
  roots: readonly SourceRoot[],
  target: ImageTarget,
  signal: AbortSignal,
  onProgress?: OnProgress,
  most = mostImages(target),
): Promise<GatheredImages> {
  const options = { target, respectIgnore: true, signal, ...(onProgress && { onProgress }) };
  return gatherImages(first(most, collectImages(roots, options)));
}

/** Of what was counted: the codec that the run will choose, and about how many symbols it makes of all. */
export function symbolsOf(counter: CharacterCounter): { readonly codec: TextCodec; readonly numSymbols: number } {
  const codec = codecOfChoice(chooseCodec(counter));
  let numSymbols = 0;
  for (const code of counter.seen()) {
    numSymbols += counter.count(code) * codec.encodeText(String.fromCodePoint(code)).length;
  }
  return { codec, numSymbols };
}

/** @throws UserError: an estimate is of what was surveyed. */
export function surveyed(offer: Offer | undefined): Offer {
  if (offer) return offer;
  throw new UserError('Nothing was surveyed yet; look at the workspace first');
}

function surveyedOf(survey: Survey & { readonly leftOut: readonly LeftOut[] }) {
  const { nameLength, examples, pathLength, rows } = trainerLimits;
  return {
    numFiles: survey.numFiles,
    bytes: survey.numBytes,
    partial: survey.stoppedBy !== null,
    read: survey.groups.slice(0, rows).map(({ name, numFiles, numBytes }) => ({
      label: name.slice(0, nameLength),
      numFiles,
      bytes: numBytes,
    })),
    leftOut: survey.leftOut.slice(0, rows).map((one) => ({
      reason: one.reason,
      numFiles: one.count,
      examples: one.examples
        .slice(0, examples)
        .map(({ path, detail }) => (detail === undefined ? path : `${path}: ${detail}`).slice(0, pathLength)),
    })),
  };
}

async function* first<T>(count: number, all: AsyncIterable<T>): AsyncGenerator<T> {
  let left = count;
  for await (const one of all) {
    yield one;
    if (--left === 0) return;
  }
}

function besides({ leftOut }: Survey): string {
  const all = leftOut.reduce((sum, { count }) => sum + count, 0);
  return all === 0 ? '; the folders are empty' : ` beside the ${all} files and folders that are left out`;
}
