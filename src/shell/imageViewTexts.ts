// What the view of an image's likelihood says, in words.
import type { ImageFacts } from '../protocol/imageScoringMessages.ts';
import type { ImageModelChoice } from './imageModels.ts';
import type { ImageTotals } from './imageScores.ts';
import { bitsText, comparedText, counted, countText, unitText } from './quantities.ts';

/** A name as it may be shown: what would turn or hide the text around it is made visible. */
export function shownName(name: string): string {
  return name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
}

export function readyText(facts: ImageFacts, { bits, pngBits }: ImageTotals): string {
  const perValue = bits / numValuesOf(facts);
  const compared = comparedText(bits, { name: 'PNG', bits: pngBits });
  return `${bitsText(perValue)} ${unitText('dimension', facts.channels)}, ${compared}`;
}

export function factRows(facts: ImageFacts, { bits, pngBits }: ImageTotals): { label: string; value: string }[] {
  const numValues = numValuesOf(facts);
  const unit = unitText('dimension', facts.channels);
  const sizeOf = (sum: number) => `${countText(sum)} bits (${countText(Math.ceil(sum / 8))} bytes)`;
  return [
    { label: capital(unit), value: bitsText(bits / numValues) },
    { label: 'In all', value: sizeOf(bits) },
    { label: 'PNG', value: bitsText(pngBits / numValues) },
    { label: 'PNG, in all', value: sizeOf(pngBits) },
    { label: 'Without a model', value: bitsText(Math.log2(facts.numLevels)) },
  ];
}

const ruleTexts = {
  crop: 'its middle was cut out and averaged',
  fit: 'it was averaged, with a white border',
  stretch: 'it was averaged to that shape',
} as const;

/** What was done to the picture before the model saw it. */
export function notesOf(facts: ImageFacts): string[] {
  const { fileWidth, fileHeight, width, height, rule, channels, fileChannels, numLevels } = facts;
  const notes: string[] = [];
  if (facts.animated) notes.push('It is animated: the first frame is taken.');
  if (fileWidth !== width || fileHeight !== height) {
    const how = `${fileWidth} x ${fileHeight} pixels became ${width} x ${height} by the model's own rule`;
    notes.push(`${how}: ${ruleTexts[rule]}. PNG is measured on the same pixels.`);
  }
  if (facts.transparent) notes.push('Transparent pixels lie on white.');
  if (facts.deep) notes.push('Of 16 bits a channel the upper 8 are taken.');
  if (fileChannels > channels) notes.push('Color became grey, which is what the model knows.');
  if (fileChannels < channels)
    notes.push('Grey became red, green and blue of equal value, which is what the model knows.');
  if (numLevels < 256) notes.push(`The model knows ${numLevels} levels: values were rounded to them.`);
  return notes;
}

export function noModelText({ gone, others }: Extract<ImageModelChoice, { kind: 'none' }>): string {
  const why = gone ? 'The model that was chosen is gone' : 'No model of images has learnt from this workspace yet';
  if (others === 0) return `${why}. Train one on the images here, or choose the folder of one`;
  const elsewhere = `${counted(others, 'model')} of other workspaces can be chosen`;
  return `${why}. Train one on the images here, or choose one: ${elsewhere}`;
}

export function completedText(row: number, count: number, seed: number): string {
  const drawn =
    row === 0 ? `${counted(count, 'picture')} drawn freely` : `${counted(count, 'way')} to go on from row ${row}`;
  return `${drawn}, with seed ${seed}`;
}

function numValuesOf({ width, height, channels }: ImageFacts): number {
  return width * height * channels;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
