// The Session interface over the plain onnxruntime-node binding. Inputs are read where they lie (a view with a byte offset, on
// a WebAssembly memory too); every output is copied by the binding into a new buffer; `run` blocks the thread.
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { trackLife } from '../base/disposable.ts';
import { messageOf, UserError } from '../base/errors.ts';
import { sizeOf, type Tensor } from '../base/tensor.ts';
import type { ModelSource, Runtime, Session, SessionOptions } from './session.ts';

type Binding = typeof import('onnxruntime-node');

/**
 * Loads the native library when first asked, so that everything that needs no model works without it. `load` is for tests.
 * @throws UserError when there is no binary for this platform.
 */
export async function openRuntime(load: () => Promise<Binding> = () => import('onnxruntime-node')): Promise<Runtime> {
  const binding = await loadBinding(load);
  return {
    name: 'onnxruntime-node',
    version: binding.env.versions.node ?? 'unknown',
    createSession: (source, options) => createSession(binding, source, options),
  };
}

async function loadBinding(load: () => Promise<Binding>): Promise<Binding> {
  try {
    const binding = await load();
    // Below errors it only reports devices it did not find.
    binding.env.logLevel = 'error';
    return binding;
  } catch (error) {
    throw new UserError(
      `onnxruntime-node has no usable binary for ${process.platform}-${process.arch} (${firstLine(messageOf(error))}); ` +
        'use linux-x64, linux-arm64, win32-x64, win32-arm64 or darwin-arm64 with glibc, and reinstall the dependencies there',
    );
  }
}

async function createSession(binding: Binding, source: ModelSource, options: SessionOptions): Promise<Session> {
  if (!Number.isInteger(options.threads) || options.threads < 1) {
    throw new RangeError(`createSession: threads must be a whole number >= 1, got ${options.threads}`);
  }
  const settings: InferenceSession.SessionOptions = {
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    interOpNumThreads: 1,
    intraOpNumThreads: options.threads,
    extra: { session: { ...flushDenormals, ...spinning(options.spinMicroseconds) } },
  };
  const session =
    'path' in source
      ? await binding.InferenceSession.create(source.path, settings)
      : await binding.InferenceSession.create(source.bytes, settings);
  return new OrtNodeSession(binding, session);
}

/**
 * A processor takes hundreds of cycles for a number below 1e-38, and models that have learned something are full of them: gradients
 * of what they are sure of. Flushed, a step of training the default model takes half the time once the first hundreds are done.
 */
const flushDenormals = { set_denormal_as_zero: '1' };

function spinning(microseconds: number | undefined): Record<string, unknown> {
  if (microseconds === undefined) return {};
  return { intra_op: microseconds > 0 ? { spin_duration_us: String(microseconds) } : { allow_spinning: '0' } };
}

class OrtNodeSession implements Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly #binding: Binding;
  readonly #session: InferenceSession;
  readonly #endLife = trackLife('session');
  #disposed = false;

  constructor(binding: Binding, session: InferenceSession) {
    this.#binding = binding;
    this.#session = session;
    this.inputNames = session.inputNames;
    this.outputNames = session.outputNames;
  }

  async run(inputs: Readonly<Record<string, Tensor>>, outputs: readonly string[]): Promise<Record<string, Tensor>> {
    if (this.#disposed) throw new Error('session.run: the session was disposed of; create another');
    const feeds: Record<string, OrtTensor> = {};
    for (const name in inputs) feeds[name] = this.#lend(inputs[name]!);
    const fetched = await this.#session.run(feeds, outputs);
    const results: Record<string, Tensor> = {};
    for (const name of outputs) results[name] = toTensor(name, fetched[name]);
    return results;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#endLife();
    // The native session is freed before `release` returns; its promise has nothing to add.
    this.#session.release().catch(() => undefined);
  }

  /** The binding's tensor over the same memory. */
  #lend(tensor: Tensor): OrtTensor {
    return new this.#binding.Tensor(tensor.dtype, tensor.data, tensor.shape);
  }
}

function toTensor(name: string, value: OrtTensor | undefined): Tensor {
  if (!value) throw new Error(`session.run: expected an output ${name}, got none`);
  const { type: dtype, dims: shape, data } = value;
  const fits = data.length === sizeOf(shape);
  if (fits && dtype === 'float32' && data instanceof Float32Array) return { dtype, shape, data };
  if (fits && dtype === 'float64' && data instanceof Float64Array) return { dtype, shape, data };
  if (fits && dtype === 'int32' && data instanceof Int32Array) return { dtype, shape, data };
  if (fits && dtype === 'int64' && data instanceof BigInt64Array) return { dtype, shape, data };
  if (fits && (dtype === 'uint8' || dtype === 'bool') && data instanceof Uint8Array) return { dtype, shape, data };
  throw new Error(`session.run: output ${name} has the unsupported type ${dtype} [${shape.join(', ')}]`);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
