// Types first; the reader and writer follow.
import type { TextCodec } from '../codecs/text.ts';

export interface StateTensor {
  readonly name: string;
  /** 'past' marks the axis along which the state grows. */
  readonly shape: readonly (number | 'past')[];
  readonly kind: 'appended' | 'replaced';
  readonly axis?: number;
}

export type CodecDescription =
  | { readonly kind: 'bytes' }
  | { readonly kind: 'characters'; readonly file: 'characters.json' }
  | { readonly kind: 'bpe'; readonly file: 'tokenizer.json' };

export interface Provenance {
  readonly data: string;
  readonly steps: number;
  readonly symbols: number;
  readonly seed: number;
  readonly trainedAt?: string;
}

export interface ModelDescription {
  readonly formatVersion: 1;
  readonly architecture: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly vocabularySize: number;
  /** Null: unbounded. */
  readonly contextLength: number | null;
  readonly codec: CodecDescription;
  readonly state: readonly StateTensor[];
  readonly provenance: Provenance;
  readonly bitsPerByte: number | null;
  /** File name -> sha256 in hexadecimal. */
  readonly files: Readonly<Record<string, string>>;
}

export interface ModelFolder {
  readonly dir: string;
  readonly description: ModelDescription;
  readonly codec: TextCodec;
}

export declare function readModelFolder(dir: string, options: { verify: boolean }): Promise<ModelFolder>;
export declare function writeModelDescription(dir: string, description: Omit<ModelDescription, 'files'>): Promise<void>;
export declare function writeCodec(dir: string, codec: TextCodec): Promise<CodecDescription>;
