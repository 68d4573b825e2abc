// The one door to ONNX Runtime, seen from outside: no other room knows which binding is behind it.
import type { Disposable } from '../base/disposable.ts';
import type { Tensor } from '../base/tensor.ts';

/** ONNX bytes, or a file whose external data lies in the same folder. */
export type ModelSource = { readonly bytes: Uint8Array } | { readonly path: string };

export interface SessionOptions {
  /** Threads inside one operator. */
  readonly threads: number;
  /**
   * How long an idle thread of the session burns its core before it sleeps, in microseconds; 0: not at all. Without it the library's
   * own time holds, a good deal longer: best for one session that steps without pause on a machine that is otherwise idle, and costly
   * where anything else wants the cores (a training step then took 1389 ms of processor time, with 200 us 802 ms).
   */
  readonly spinMicroseconds?: number;
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
