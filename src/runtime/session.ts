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

export interface RunOptions {
  /**
   * Tensors of the caller that outputs are written into, by name; each has the type and the shape that comes out. After an error
   * or a cancellation nobody knows what is in them.
   */
  readonly into?: Readonly<Record<string, Tensor>>;
  /**
   * Leaves the thread free meanwhile, where the runtime can. Nothing that was handed over may be touched until the end; another run of
   * the session waits for it.
   */
  readonly background?: boolean;
  /** Ends a run in the background early, at its next operator; a run that blocks the thread looks at it only before it begins. */
  readonly signal?: AbortSignal;
}

export interface Session extends Disposable {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Runs the whole graph and returns the outputs named: the tensors of `into`, and fresh ones for the rest. Inputs are read in place.
   * @throws Error when an input is missing, or a tensor has the wrong type or shape; CancelledError.
   */
  run(
    inputs: Readonly<Record<string, Tensor>>,
    outputs: readonly string[],
    options?: RunOptions,
  ): Promise<Record<string, Tensor>>;
  /** Ends what runs in the background first. */
  dispose(): void;
}

export interface Runtime {
  readonly name: string;
  readonly version: string;
  /** Whether a run in the background leaves the thread free; otherwise it blocks it like any other. */
  readonly background: boolean;
  /** Whether a graph itself writes the outputs that are named in `into`, so that it may change a part of one; otherwise they are copied. */
  readonly inPlace: boolean;
  createSession(source: ModelSource, options: SessionOptions): Promise<Session>;
}
