// Types first; the reader and writer follow.
import type { FloatTensor } from '../base/tensor.ts';

/** Where a tensor's bytes lie, from the start of the FILE, as ONNX external data wants it. */
export interface TensorLocation {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
}

export interface SafetensorsIndex {
  readonly tensors: ReadonlyMap<string, TensorLocation>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly sizeBytes: number;
}

export declare function writeSafetensors(
  path: string,
  tensors: Iterable<readonly [name: string, tensor: FloatTensor]>,
  metadata?: Readonly<Record<string, string>>,
): Promise<void>;
export declare function safetensorsIndex(path: string): Promise<SafetensorsIndex>;
export declare function readSafetensors(path: string, names?: readonly string[]): Promise<Map<string, FloatTensor>>;
