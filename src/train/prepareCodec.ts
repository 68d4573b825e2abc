// The codec of a run: the one the folder already has, a given tokenizer, or one made from the data.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, UserError } from '../base/errors.ts';
import { type BpeDescription, bpeCodec } from '../codecs/bpe.ts';
import { BpeTrainer } from '../codecs/bpeTrainer.ts';
import { bytesCodec } from '../codecs/bytes.ts';
import { CharacterCounter, charactersCodec } from '../codecs/characters.ts';
import { chooseCodec, codecOfChoice } from '../codecs/chooseCodec.ts';
import type { TextCodec } from '../codecs/text.ts';
import { readCodec, writeCodec } from '../formats/modelFolder.ts';
import { parseTokenizerJson } from '../formats/tokenizerJson.ts';
import type { SourceText } from './gatherCorpus.ts';

/** `auto`: characters or bytes, whichever suits the texts. */
export const codecKinds = ['bpe', 'characters', 'bytes', 'auto'] as const;
export type CodecKind = (typeof codecKinds)[number];

export interface CodecRequest {
  readonly dir: string;
  readonly kind: CodecKind;
  /** A tokenizer.json, for bpe. */
  readonly tokenizer: string | undefined;
  /** Of a tokenizer that is trained. */
  readonly vocabularySize: number;
  /** Take the folder's. */
  readonly resume: boolean;
  readonly texts: () => AsyncIterable<SourceText>;
}

const maxAlphabet = 2048;
const alphabetFile = 'characters.json';

/** Leaves the codec's file in the folder, for a run that is resumed must not make another. */
export async function prepareCodec(request: CodecRequest, log: (line: string) => void): Promise<TextCodec> {
  if (request.tokenizer !== undefined && request.kind !== 'bpe') {
    throw new UserError(`tokenizer: expected none with codec ${request.kind}, got ${request.tokenizer}`);
  }
  const codec = request.resume ? await codecOf(request.dir, request.kind) : await makeCodec(request, log);
  await mkdir(request.dir, { recursive: true });
  await writeCodec(request.dir, codec);
  // Of a run that was given up: this one, resumed, would take it for its own.
  if (codec.kind === 'bytes') await rm(path.join(request.dir, alphabetFile), { force: true });
  return codec;
}

/** Counts pretokens over all texts, then merges. */
export async function trainTokenizer(
  texts: AsyncIterable<SourceText>,
  vocabularySize: number,
  log: (line: string) => void,
): Promise<BpeDescription> {
  const trainer = new BpeTrainer();
  let numBytes = 0;
  for await (const { text } of texts) {
    trainer.add(text);
    numBytes += Buffer.byteLength(text);
  }
  if (numBytes === 0) throw new UserError('the data holds no text; give a file or a folder with text files in it');
  log(`training a tokenizer of ${vocabularySize} symbols on ${(numBytes / 1e6).toFixed(1)} MB`);
  return trainer.train({ vocabularySize });
}

async function makeCodec(request: CodecRequest, log: (line: string) => void): Promise<TextCodec> {
  const { kind, tokenizer, texts, vocabularySize } = request;
  if (kind === 'bytes') return bytesCodec();
  if (kind === 'bpe') {
    return bpeCodec(
      tokenizer === undefined ? await trainTokenizer(texts(), vocabularySize, log) : await readTokenizer(tokenizer),
    );
  }
  const counter = new CharacterCounter();
  for await (const { text } of texts()) counter.add(text);
  if (kind === 'characters') return charactersCodec(counter.alphabet({ maxSize: maxAlphabet }));
  const choice = chooseCodec(counter);
  log(`codec: ${choice.reason}`);
  return codecOfChoice(choice);
}

async function readTokenizer(file: string): Promise<BpeDescription> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(`tokenizer: cannot read ${file}: ${messageOf(error)}`);
  }
  return parseTokenizerJson(text, file);
}

async function codecOf(dir: string, kind: CodecKind): Promise<TextCodec> {
  if (kind === 'bpe') return readCodec(dir, { kind, file: 'tokenizer.json' });
  const hasAlphabet = kind === 'characters' || (kind === 'auto' && existsSync(path.join(dir, alphabetFile)));
  return readCodec(dir, hasAlphabet ? { kind: 'characters', file: alphabetFile } : { kind: 'bytes' });
}
