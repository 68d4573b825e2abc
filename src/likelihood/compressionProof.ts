// The proof on a text in front of somebody: compressed and decompressed in memory, and its size beside the sum of the bits that are shown.
import type { TextModel } from '../engine/loadModel.ts';
import { bitsOf, wholeText } from './bits.ts';
import { type CodingOptions, compress, decodeText } from './compressedFile.ts';
import { type CodingSettings, readCompressed } from './compressedHeader.ts';

export interface CompressionProof {
  readonly originalBytes: number;
  /** Of the whole file. */
  readonly compressedBytes: number;
  readonly headerBytes: number;
  readonly numSymbols: number;
  /** As they are shown: of the whole text, by the model's cheapest way. */
  readonly bits: number;
  /** As they were coded, step by step. */
  readonly codedBits: number;
  /** Whether what was decoded is the text, byte for byte. */
  readonly identical: boolean;
}

export interface ProofOptions extends Omit<CodingOptions, 'onProgress'> {
  readonly onProgress?: (phase: 'compress' | 'decompress', doneBytes: number, ofBytes: number) => void;
  /** Recorded in the header; nobody but this process is to read it. */
  readonly settings?: CodingSettings;
}

const here: CodingSettings = { runtime: 'plain', version: '0', weights: 'fp32', threads: 1, processor: process.arch };

/** Compresses and decompresses in memory. @throws UserError when that cannot be done with this text; CancelledError. */
export async function proveCompression(
  textModel: TextModel,
  bytes: Uint8Array,
  { signal, turn, onProgress, settings = here }: ProofOptions = {},
): Promise<CompressionProof> {
  const options = (phase: 'compress' | 'decompress'): CodingOptions => ({
    signal,
    turn,
    onProgress: (done, of) => onProgress?.(phase, done, of),
  });
  const { file, headerBytes, numSymbols, bits } = await compress(textModel, bytes, settings, options('compress'));
  const { header, code } = readCompressed(file, 'the compressed text');
  const decoded = await decodeText(textModel, code, header.length, options('decompress'));
  const shown = await bitsOf(textModel.model, wholeText(textModel.codec, bytes), { signal });
  return {
    originalBytes: bytes.length,
    compressedBytes: file.length,
    headerBytes,
    numSymbols,
    bits: shown.bits,
    codedBits: bits,
    identical: decoded !== undefined && Buffer.compare(decoded, bytes) === 0,
  };
}
