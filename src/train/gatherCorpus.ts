// Texts -> the two corpora of a run. Whole documents are held out, by a hash of their path: the same documents in every run over the
// same folder, whatever else comes or goes there, and never a document that is also trained on.
import { UserError } from '../base/errors.ts';
import { headerSymbols } from '../codecs/layout.ts';
import type { TextCodec } from '../codecs/text.ts';
import { type Corpus, type CorpusDocument, corpusOf, extensionOf, lineEndings, SymbolStore } from './corpus.ts';

export interface SourceText {
  /** Names the document for the split: unlike `path`, it tells folders apart that were given side by side. */
  readonly id: string;
  /** Relative to the folder that was given, with '/'. */
  readonly path: string;
  /** Lines end in a line feed. */
  readonly text: string;
}

export interface Corpora {
  readonly training: Corpus;
  /** Absent when nothing could be held out. */
  readonly validation?: Corpus;
  /** Of the texts trained on. */
  readonly numBytes: number;
}

export interface GatherOptions {
  readonly codec: TextCodec;
  readonly texts: AsyncIterable<SourceText>;
  /** Held out; without it some of `texts` are. */
  readonly validationTexts?: AsyncIterable<SourceText>;
  readonly maxSymbols?: number;
}

const heldOutShare = 0.05;

interface Gathered {
  readonly id: string;
  readonly numBytes: number;
  readonly document: CorpusDocument;
}

/** @throws UserError when there is no text, or more than fits. */
export async function gatherCorpora({ codec, texts, validationTexts, maxSymbols }: GatherOptions): Promise<Corpora> {
  const store = new SymbolStore(codec.vocabulary.size, maxSymbols);
  const all = await encodeAll(codec, texts, store);
  if (all.length === 0) throw new UserError('the data holds no text; give a file or a folder with text files in it');
  const given = validationTexts && (await encodeAll(codec, validationTexts, store));
  if (given?.length === 0) {
    throw new UserError(
      'the validation data holds no text; give a file or a folder with text files in it, or leave it out',
    );
  }
  const { training, validation } = given ? { training: all, validation: given } : split(all, lineEndings(codec));
  return {
    training: corpusOf(training.map(({ document }) => document)),
    ...(validation.length > 0 ? { validation: corpusOf(validation.map(({ document }) => document)) } : {}),
    numBytes: training.reduce((sum, { numBytes }) => sum + numBytes, 0),
  };
}

async function encodeAll(codec: TextCodec, texts: AsyncIterable<SourceText>, store: SymbolStore): Promise<Gathered[]> {
  const gathered: Gathered[] = [];
  for await (const { id, path, text } of texts) {
    const symbols = codec.encodeText(text);
    if (symbols.length === 0) continue;
    const header = store.keep(headerSymbols(codec, path));
    const document = { path, extension: extensionOf(path), header, symbols: store.keep(symbols) };
    gathered.push({ id, numBytes: Buffer.byteLength(text), document });
  }
  return gathered;
}

function split(all: readonly Gathered[], endsLine: Uint8Array): { training: Gathered[]; validation: Gathered[] } {
  const [only] = all;
  if (all.length === 1 && only) return splitInTwo(only, endsLine);
  let isHeldOut = ({ id }: Gathered) => pathHash(id) < heldOutShare * 2 ** 32;
  if (!all.some(isHeldOut) || all.every(isHeldOut)) {
    // Too few for the share to be met: the one with the smallest hash.
    const first = all.reduce((least, one) => (pathHash(one.id) < pathHash(least.id) ? one : least));
    isHeldOut = (one) => one === first;
  }
  return { training: all.filter((one) => !isHeldOut(one)), validation: all.filter(isHeldOut) };
}

/** A single document is cut at a line: its last tenth is held out. */
function splitInTwo({ id, numBytes, document }: Gathered, endsLine: Uint8Array) {
  const { symbols } = document;
  let cut = Math.floor(symbols.length * 0.9);
  while (cut > 1 && !endsLine[symbols[cut - 1]!]) cut--;
  const part = (name: string, from: number, to: number): Gathered => ({
    id: `${id}#${name}`,
    numBytes: Math.round((numBytes * (to - from)) / symbols.length),
    document: { ...document, symbols: symbols.subarray(from, to) },
  });
  if (cut <= 1) return { training: [part('training', 0, symbols.length)], validation: [] };
  return { training: [part('training', 0, cut)], validation: [part('validation', cut, symbols.length)] };
}

/** FNV-1a over UTF-16 units, then a finalizer (Murmur3's), since paths differ mostly in their last characters. */
export function pathHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
