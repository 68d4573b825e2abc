// How likely the files of folders are under a model, one by one as they are read: the files that training would read, except that what is
// there twice counts twice. Bounded in bytes of a file, of which the beginning is then scored, and in all. What was scored before is
// remembered by its content.
import { createHash } from 'node:crypto';
import { utf8 } from '../codecs/text.ts';
import type { TextModel } from '../engine/loadModel.ts';
import { classifyText } from '../files/classify.ts';
import { languageOf } from '../files/languages.ts';
import { type LeftOut, LeftOutTally } from '../files/leftOut.ts';
import { readRoots, type SourceRoot } from '../files/roots.ts';
import type { WalkLimits } from '../files/walk.ts';
import { bitsOf, wholeText } from './bits.ts';

export interface FileBits {
  readonly bits: number;
  readonly numSymbols: number;
}

/** What was scored before, by a key of 32 hexadecimal digits. */
export interface ScoreMemory {
  get(key: string): FileBits | undefined;
  set(key: string, value: FileBits): void;
}

export interface ScoredFile extends FileBits {
  /** The root's own name and the path below it, with forward slashes. */
  readonly path: string;
  readonly absolutePath: string;
  readonly language: string;
  /** Of the text as UTF-8. */
  readonly sizeBytes: number;
  /** Of what was scored: fewer where only the beginning was. */
  readonly bytes: number;
  readonly remembered: boolean;
}

export interface FoldersReport {
  readonly leftOut: readonly LeftOut[];
  /** `maxBytes`: the bound of all, or of the walk. Null: everything was seen. */
  readonly stoppedBy: 'maxFiles' | 'maxBytes' | null;
  /** How many of the files that were found were not looked at any more. */
  readonly numUnseen: number;
}

export const fileOrders = ['size', 'path'] as const;
/** Small ones first, so that much is known soon; or as a list of files is read. */
export type FileOrder = (typeof fileOrders)[number];

export interface FoldersOptions {
  readonly model: Pick<TextModel, 'model' | 'codec'>;
  /** Tells this model from all others: what is remembered is remembered of it. */
  readonly modelKey: string;
  readonly order: FileOrder;
  readonly maxFileBytes: number;
  readonly maxBytes: number;
  readonly memory: ScoreMemory;
  readonly limits?: Partial<WalkLimits>;
  readonly signal?: AbortSignal;
  /** Takes its turn at computing; the model is asked nothing outside of it. */
  readonly compute: <T>(work: (turn: () => Promise<void>) => Promise<T>) => Promise<T>;
  readonly onProgress?: (done: number, total: number) => void;
}

/** @throws CancelledError */
export async function* scoreFolders(
  roots: readonly SourceRoot[],
  options: FoldersOptions,
): AsyncGenerator<ScoredFile, FoldersReport> {
  const { signal, limits, order, maxFileBytes, maxBytes } = options;
  const leftOut = new LeftOutTally();
  let [scoredBytes, done, total] = [0, 0, 0];
  const files = readRoots(roots, () => true, leftOut, {
    respectIgnore: true,
    smallFirst: order === 'size',
    ...(limits && { limits }),
    ...(signal && { signal }),
    onProgress: (seen, all) => {
      [done, total] = [seen, all];
      options.onProgress?.(seen, all);
    },
  });
  for (;;) {
    const next = await files.next();
    if (next.done) return { leftOut: leftOut.list(), stoppedBy: next.value.stoppedBy, numUnseen: 0 };
    const { path, id, label, absolutePath, bytes: raw } = next.value;
    const judged = classifyText(path, raw, raw.length);
    if (judged.kind !== 'text') {
      leftOut.add(judged.kind, label, judged.detail);
      continue;
    }
    const text = utf8(judged.decoded.text);
    const part = beginning(text, maxFileBytes);
    if (scoredBytes + part.length > maxBytes) {
      return { leftOut: leftOut.list(), stoppedBy: 'maxBytes', numUnseen: Math.max(1, total - done) };
    }
    scoredBytes += part.length;
    const scored = await scoreOnce(part, part.length < text.length, options);
    yield {
      ...{ path: id, absolutePath, language: languageOf(path), sizeBytes: text.length, bytes: part.length },
      ...scored,
    };
  }
}

/** The end symbol counts where the text really ends. */
async function scoreOnce(
  text: Uint8Array,
  isCut: boolean,
  { model, modelKey, memory, signal, compute }: FoldersOptions,
): Promise<FileBits & { readonly remembered: boolean }> {
  const key = scoreKey(modelKey, text, isCut);
  const known = memory.get(key);
  if (known) return { ...known, remembered: true };
  const whole = wholeText(model.codec, text);
  const symbols = isCut ? whole.subarray(0, -1) : whole;
  const { bits, numSymbols } = await compute((turn) =>
    bitsOf(model.model, symbols, { turn, ...(signal && { signal }) }),
  );
  memory.set(key, { bits, numSymbols });
  return { bits, numSymbols, remembered: false };
}

/** Of the model and of the very bytes; what was cut off a text is not in its key. */
export function scoreKey(modelKey: string, text: Uint8Array, isCut: boolean): string {
  return createHash('sha256')
    .update(`${modelKey}\n${isCut ? 'beginning' : 'whole'}\n`)
    .update(text)
    .digest('hex')
    .slice(0, 32);
}

/** At most so many bytes, and no character cut in two. */
export function beginning(text: Uint8Array, maxBytes: number): Uint8Array {
  if (text.length <= maxBytes) return text;
  let end = maxBytes;
  while (end > 0 && (text[end]! & 0xc0) === 0x80) end -= 1;
  return text.subarray(0, end);
}
