// The one door to ONNX Runtime, seen from outside: no other room knows which binding is behind it.
import type { Disposable } from '../base/disposable.ts';
import type { Tensor } from '../base/tensor.ts';

/** ONNX bytes, or a file whose external data lies in the same folder. */
export type ModelSource = { readonly bytes: Uint8Array } | { readonly path: string };

export interface SessionOptions {
  /** Threads inside one operator. */
  readonly threads: number;
  /**
   * Whether idle threads burn their core waiting for the next operator. Right for training, where there always is one (off: 1.3 times
   * slower); wrong beside other sessions. Default: on.
   */
  readonly spinning?: boolean;
}

export interface Session extends Disposable {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Runs the whole graph and returns the outputs named. The thread is blocked meanwhile; inputs are read in place, outputs
   * are fresh. @throws Error when an input is missing or has the wrong type or shape.
   */
  run(inputs: Readonly<Record<string, Tensor>>, outputs: readonly string[]): Promise<Record<string, Tensor>>;
}

export interface Runtime {
  readonly name: string;
  readonly version: string;
  createSession(source: ModelSource, options: SessionOptions): Promise<Session>;
}
