// Texts -> the two corpora of a run: one to learn from, one of documents that are held out (split.ts).
import { UserError } from '../base/errors.ts';
import { headerSymbols } from '../codecs/layout.ts';
import type { TextCodec } from '../codecs/text.ts';
import { type Corpus, type CorpusDocument, corpusOf, extensionOf, lineEndings, SymbolStore } from './corpus.ts';
import { splitHeldOut } from './split.ts';

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

const dominantShare = 0.8;

interface Halves {
  readonly training: readonly Gathered[];
  readonly validation: readonly Gathered[];
}

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

function split(all: readonly Gathered[], endsLine: Uint8Array): Halves {
  const total = all.reduce((sum, { numBytes }) => sum + numBytes, 0);
  const dominant = all.find(({ numBytes }) => numBytes >= dominantShare * total);
  if (dominant !== undefined) {
    const { training, validation } = splitInTwo(dominant, endsLine);
    if (validation.length > 0 || all.length === 1) {
      return { training: all.flatMap((one) => (one === dominant ? training : [one])), validation };
    }
  }
  const { training, heldOut } = splitHeldOut(all, ({ numBytes }) => numBytes);
  return { training, validation: heldOut };
}

/** A single document, or one that outweighs the others, is cut at a line: its last tenth is held out. */
function splitInTwo({ id, numBytes, document }: Gathered, endsLine: Uint8Array): Halves {
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
