// A text as the bits that its model asks for, and back: the proof that likelihoods are what they are said to be. Only the very same numbers
// decode it, so both ways run in one canonical mode: a cold cache, plain decoding, one symbol for each step, the context restarted by the
// long-text rule in runs of 128 symbols, threads fixed; all of it recorded in the header. The symbols are those of `wholeText`.
import { createHash } from 'node:crypto';
import { UserError } from '../base/errors.ts';
import type { AutoregressiveModel } from '../base/model.ts';
import type { TextModel } from '../engine/loadModel.ts';
import { LongSequence } from '../engine/longSequence.ts';
import { nextTurn } from '../engine/turn.ts';
import { ArithmeticDecoder, ArithmeticEncoder } from './arithmeticCoder.ts';
import { wholeText } from './bits.ts';
import {
  type CodingSettings,
  type CompressedParts,
  maxTextBytes,
  modelIdentity,
  settingsDifference,
  textDigest,
  writeCompressed,
} from './compressedHeader.ts';
import { SymbolCoder } from './symbolCoder.ts';

export interface CodingOptions {
  readonly signal?: AbortSignal | undefined;
  /** Awaited between pieces of some milliseconds, instead of the next turn of the event loop. */
  readonly turn?: (() => Promise<void>) | undefined;
  /** How far it is, in bytes of the text. */
  readonly onProgress?: ((doneBytes: number, ofBytes: number) => void) | undefined;
}

export interface Compressed {
  readonly file: Uint8Array;
  readonly headerBytes: number;
  readonly numSymbols: number;
  /** The sum of the surprisals that were coded. */
  readonly bits: number;
}

/** Of the format: how the context is read in when it restarts. */
const chunkSymbols = 128;
/** Steps of one symbol between two turns. */
const stepsPerTurn = 16;
const symbolsPerProgress = 64;

/** @throws UserError when the text is too long, or the model's codec cannot hold it; CancelledError. */
export async function compress(
  { model, codec, description, weights }: TextModel,
  bytes: Uint8Array,
  settings: CodingSettings,
  options: CodingOptions = {},
): Promise<Compressed> {
  if (bytes.length > maxTextBytes) {
    throw new UserError(`expected at most ${maxTextBytes} bytes, got ${bytes.length}; split the file`);
  }
  if (weights.decode !== weights.prefill) {
    throw new UserError(`expected one kind of weights for all, got ${weights.decode} and ${weights.prefill}; name one`);
  }
  const symbols = wholeText(codec, bytes);
  if (Buffer.compare(codec.decode(symbols), bytes) !== 0) {
    throw new UserError('the vocabulary of this model cannot spell the file; choose a model that knows all bytes');
  }
  const numbers = await numbersOf(model, options);
  const encoder = new ArithmeticEncoder();
  const coder = new SymbolCoder(model.vocabulary.size);
  let nats = 0;
  let doneBytes = 0;
  await withSequence(model, options, async (append) => {
    for (const [i, symbol] of symbols.entries()) {
      const row = await append(symbols.subarray(Math.max(0, i - 1), i));
      coder.encode(encoder, row, symbol);
      nats -= row[symbol]!;
      doneBytes += codec.symbolBytes(symbol).length;
      if (i % symbolsPerProgress === 0) options.onProgress?.(doneBytes, bytes.length);
    }
  });
  const code = encoder.finish();
  const header = {
    model: modelIdentity(description, weights.decode),
    text: textDigest(bytes),
    numbers,
    length: bytes.length,
    settings,
  };
  const file = writeCompressed(header, code);
  return { file, headerBytes: file.length - code.length, numSymbols: symbols.length, bits: nats / Math.LN2 };
}

export interface DecompressOptions extends CodingOptions {
  /** Decode although what computes here differs; whether that was right, the digest of the text tells. */
  readonly anyway?: boolean;
}

/** @throws UserError when the model, what computes it, or the text that comes out is not the one of the header; CancelledError. */
export async function decompress(
  { model, codec, description, weights }: TextModel,
  { header, code }: CompressedParts,
  settings: CodingSettings,
  { anyway = false, ...options }: DecompressOptions = {},
): Promise<Uint8Array> {
  if (modelIdentity(description, weights.decode) !== header.model) {
    throw new UserError('it was written with another model, or with other weights of it; name that one');
  }
  if (!anyway) {
    const difference = settingsDifference(header.settings, settings);
    if (difference !== undefined) throw new UserError(`it was written with ${difference}; decompress it there`);
    if ((await numbersOf(model, options)) !== header.numbers) {
      throw new UserError(
        'the model computes other numbers here than where the file was written, though settings are the same: another processor or ' +
          'system; decompress it on a machine of that kind',
      );
    }
  }
  const bytes = await decodeText({ model, codec }, code, header.length, options);
  if (bytes !== undefined && textDigest(bytes) === header.text) return bytes;
  throw new UserError(
    'what came out is not the text that went in, so the model computes other numbers here than where the file was written; ' +
      'decompress it on the machine that wrote it',
  );
}

/** Undefined as soon as it cannot be right: no more symbols are decoded than the text has bytes. */
export async function decodeText(
  { model, codec }: Pick<TextModel, 'model' | 'codec'>,
  code: Uint8Array,
  length: number,
  options: CodingOptions,
): Promise<Uint8Array | undefined> {
  const decoder = new ArithmeticDecoder(code);
  const coder = new SymbolCoder(model.vocabulary.size);
  const symbols: number[] = [];
  let doneBytes = 0;
  const ended = await withSequence(model, options, async (append) => {
    for (let last = nothing; ; last = Int32Array.of(symbols.at(-1)!)) {
      const symbol = coder.decode(decoder, await append(last));
      if (symbol === codec.specials.end) return true;
      const numBytes = symbol < 0 ? 0 : codec.symbolBytes(symbol).length;
      doneBytes += numBytes;
      if (numBytes === 0 || doneBytes > length) return false;
      symbols.push(symbol);
      if (symbols.length % symbolsPerProgress === 0) options.onProgress?.(doneBytes, length);
    }
  });
  return ended && doneBytes === length ? codec.decode(Int32Array.from(symbols)) : undefined;
}

/** Adds symbols, at first none; the distribution after them. */
type Append = (symbols: Int32Array) => Promise<Float32Array>;

/** The only way that this file asks a model: the same calls for the same symbols, from a state of its own. */
async function withSequence<T>(
  model: AutoregressiveModel,
  { signal, turn = nextTurn }: CodingOptions,
  body: (append: Append) => Promise<T>,
): Promise<T> {
  let runs = 0;
  const sequence = new LongSequence(model, {
    chunkSymbols,
    turn: async () => {
      if (runs++ % stepsPerTurn === 0) await turn();
    },
  });
  try {
    return await body((symbols) => sequence.append(symbols, signal));
  } finally {
    sequence.dispose();
  }
}

const nothing = new Int32Array(0);
const askedSteps = 6;
const askedBlock = 24;

/** A digest of what the model answers to a few fixed symbols, one by one and as a block: kernels that round otherwise give another. */
async function numbersOf(model: AutoregressiveModel, options: CodingOptions): Promise<string> {
  const { size } = model.vocabulary;
  const asked = Int32Array.from({ length: askedSteps + askedBlock }, (_, i) => (i * 40503 + 7) % size);
  const hash = createHash('sha256');
  await withSequence(model, options, async (append) => {
    const add = async (symbols: Int32Array) => {
      const { buffer, byteOffset, byteLength } = await append(symbols);
      hash.update(new Uint8Array(buffer, byteOffset, byteLength));
    };
    await add(nothing);
    for (let i = 0; i < askedSteps; i++) await add(asked.subarray(i, i + 1));
    await add(asked.subarray(askedSteps));
  });
  return hash.digest('hex').slice(0, 16);
}
