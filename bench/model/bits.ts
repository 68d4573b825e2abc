// Bits per byte of whole files: every byte and the end of the file count, the model is told no name. Plain, with copies mixed in, and of the
// copies alone, which fall back on how often a symbol came; beside gzip -9 and xz -9e of each file.
import { readFileSync } from 'node:fs';
import type { SymbolId } from '../../src/base/model.ts';
import { CopyIndex, type CopyPrediction, copyDiscounts } from '../../src/completion/copyIndex.ts';
import { copiedProb, mixedProb } from '../../src/completion/copyMixture.ts';
import { copyWeights } from '../../src/completion/copyWeights.ts';
import type { TextModel } from '../../src/engine/loadModel.ts';
import { surprisalPieces, wholeText } from '../../src/likelihood/bits.ts';
import { gzipBits, xzBits } from './compressors.ts';
import type { HeldOutFile } from './heldOut.ts';
import { hashOf, type Results } from './results.ts';

export const bitNames = ['model', 'mixture', 'copies', 'gzip', 'xz'] as const;
export type BitName = (typeof bitNames)[number];

export interface FileBits {
  readonly bytes: number;
  readonly bits: Readonly<Record<BitName, number>>;
}

export interface BitsRow {
  readonly language: string;
  readonly files: number;
  readonly bytes: number;
  readonly bitsPerByte: Readonly<Record<BitName, number>>;
}

/** Sees each symbol with what the model and the copies said of it before it came. */
type Visit = (symbol: SymbolId, modelProb: number, prediction: CopyPrediction, index: CopyIndex) => void;

export async function visitSymbols({ model, codec }: TextModel, bytes: Uint8Array, visit: Visit): Promise<void> {
  const symbols = wholeText(codec, bytes);
  const index = new CopyIndex(model.vocabulary.size);
  for await (const { surprisal, first } of surprisalPieces(model, symbols)) {
    for (const [i, nats] of surprisal.entries()) {
      const symbol = symbols[first + i]!;
      visit(symbol, Math.exp(-nats), index.predict(), index);
      index.push(symbol);
    }
  }
}

export async function bitsOfFiles(
  model: TextModel,
  files: readonly HeldOutFile[],
  results: Results,
  told: (done: number) => void,
): Promise<BitsRow[]> {
  const measured: (FileBits & { language: string })[] = [];
  for (const { file, language } of files) {
    const bytes = readFileSync(file);
    const settings = ['bits', hashOf(bytes), copyDiscounts, copyWeights];
    measured.push({ language, ...(await results.of(settings, () => bitsOfFile(model, bytes))) });
    told(measured.length);
  }
  return rowsOf(measured);
}

async function bitsOfFile(model: TextModel, bytes: Uint8Array): Promise<FileBits> {
  const sums = { model: 0, mixture: 0, copies: 0 };
  await visitSymbols(model, bytes, (symbol, modelProb, prediction, index) => {
    sums.model -= Math.log2(modelProb);
    sums.mixture -= Math.log2(mixedProb(modelProb, symbol, prediction));
    sums.copies -= Math.log2(copiedProb(symbol, prediction) + prediction.rest * index.frequency(symbol));
  });
  return { bytes: bytes.length, bits: { ...sums, gzip: gzipBits(bytes), xz: xzBits(bytes) } };
}

/** By language, the one with the most bytes first; the total at the end. */
export function rowsOf(files: readonly (FileBits & { readonly language: string })[]): BitsRow[] {
  const names = [...new Set(files.map(({ language }) => language))];
  const rows = names.map((name) =>
    rowOf(
      name,
      files.filter(({ language }) => language === name),
    ),
  );
  return [...rows.sort((a, b) => b.bytes - a.bytes || (a.language < b.language ? -1 : 1)), rowOf('total', files)];
}

function rowOf(language: string, files: readonly FileBits[]): BitsRow {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const rate = (name: BitName) => files.reduce((sum, { bits }) => sum + bits[name], 0) / bytes;
  const bitsPerByte = Object.fromEntries(bitNames.map((name) => [name, rate(name)])) as Record<BitName, number>;
  return { language, files: files.length, bytes, bitsPerByte };
}
