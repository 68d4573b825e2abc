// The numbers of an image as they come in from the scorer, and as they leave in a file.
import { intensityOf } from '../base/pixels.ts';
import type { ImageFacts, ImagePiece } from '../protocol/imageScoringMessages.ts';

export interface ImageTotals {
  readonly bits: number;
  readonly pngBits: number;
}

export class ImageScores {
  readonly #pieces: ImagePiece[] = [];
  #length = 0;

  get pieces(): readonly ImagePiece[] {
    return this.#pieces;
  }

  get length(): number {
    return this.#length;
  }

  /** Pieces come in order. @throws Error for one that does not follow. */
  add({ first, levels, bits, ranks, entropies, likeliest, likeliestBits }: ImagePiece): void {
    if (first !== this.#length) throw new Error(`imageScores: expected the value ${this.#length}, got ${first}`);
    this.#pieces.push({ first, levels, bits, ranks, entropies, likeliest, likeliestBits });
    this.#length += levels.length;
  }
}

export interface ExportedImage {
  readonly facts: ImageFacts;
  readonly totals: ImageTotals;
  readonly scores: ImageScores;
  /** The name of the file, and of the model. */
  readonly file: string;
  readonly model: string;
}

const channelNames = { 1: ['grey'], 3: ['red', 'green', 'blue'] } as const;

const columns = [
  'row',
  'column',
  'channel',
  'value',
  'bits',
  'probability',
  'rank',
  'expected_bits',
  'likeliest_value',
  'likeliest_probability',
] as const;

/** Piece by piece, so that whoever writes a large one can let others have their turn. */
export function* csvOf({ facts, scores }: ExportedImage): Generator<string> {
  yield `${columns.join(',')}\r\n`;
  for (const piece of scores.pieces)
    yield valuesOf(facts, piece)
      .map((row) => `${row.join(',')}\r\n`)
      .join('');
}

/** One object: what is known of the whole, then a list of values for each pixel and channel. */
export function* jsonOf({ facts, totals, scores, file, model }: ExportedImage): Generator<string> {
  const { width, height, channels, numLevels, rule, fileWidth, fileHeight } = facts;
  const numValues = width * height * channels;
  const head = {
    file,
    model,
    ...{ fileWidth, fileHeight, width, height, channels, levels: numLevels, rule },
    bits: totals.bits,
    bitsPerDimension: totals.bits / numValues,
    pngBits: totals.pngBits,
    pngBitsPerDimension: totals.pngBits / numValues,
    columns,
  };
  yield `${JSON.stringify(head).slice(0, -1)},"values":[\n`;
  for (const [i, piece] of scores.pieces.entries()) {
    const rows = valuesOf(facts, piece).map((row) => JSON.stringify(row));
    yield `${i === 0 ? '' : ',\n'}${rows.join(',\n')}`;
  }
  yield '\n]}\n';
}

function valuesOf({ width, channels, numLevels }: ImageFacts, piece: ImagePiece): (string | number)[][] {
  return piece.levels.map((level, i) => {
    const at = piece.first + i;
    const pixel = Math.floor(at / channels);
    const bits = piece.bits[i]!;
    return [
      Math.floor(pixel / width),
      pixel % width,
      channelNames[channels][at % channels]!,
      intensityOf(level, numLevels),
      bits,
      2 ** -bits,
      piece.ranks[i]! + 1,
      piece.entropies[i]!,
      intensityOf(piece.likeliest[i]!, numLevels),
      2 ** -piece.likeliestBits[i]!,
    ];
  });
}
