// The Session interface over the plain onnxruntime-node binding. Inputs are read where they lie (a view with a byte offset, on
// a WebAssembly memory too); every output is copied by the binding into a new buffer; `run` blocks the thread.
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { trackLife } from '../base/disposable.ts';
import { messageOf, throwIfCancelled, UserError } from '../base/errors.ts';
import { sizeOf, type Tensor } from '../base/tensor.ts';
import type { ModelSource, RunOptions, Runtime, Session, SessionOptions } from './session.ts';
import { checkThreads, configEntries } from './sessionSettings.ts';

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
    background: false,
    inPlace: false,
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
  checkThreads(options.threads);
  const settings: InferenceSession.SessionOptions = {
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    interOpNumThreads: 1,
    intraOpNumThreads: options.threads,
    extra: Object.fromEntries(configEntries(options)),
  };
  const session =
    'path' in source
      ? await binding.InferenceSession.create(source.path, settings)
      : await binding.InferenceSession.create(source.bytes, settings);
  return new OrtNodeSession(binding, session);
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

  async run(
    inputs: Readonly<Record<string, Tensor>>,
    outputs: readonly string[],
    { into = {}, signal }: RunOptions = {},
  ): Promise<Record<string, Tensor>> {
    throwIfCancelled(signal);
    if (this.#disposed) throw new Error('session.run: the session was disposed of; create another');
    const feeds: Record<string, OrtTensor> = {};
    for (const name in inputs) feeds[name] = this.#lend(inputs[name]!);
    const fetched = await this.#session.run(feeds, outputs);
    const results: Record<string, Tensor> = {};
    for (const name of outputs) {
      const result = toTensor(name, fetched[name]);
      results[name] = into[name] ? copyInto(name, result, into[name]) : result;
    }
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

function copyInto(name: string, result: Tensor, target: Tensor): Tensor {
  const [got, wanted] = [result, target].map(({ dtype, shape }) => `${dtype} [${shape.join(', ')}]`);
  if (got !== wanted) throw new Error(`session.run: output ${name}: expected room for ${got}, got ${wanted}`);
  if (result.dtype === 'int64' || target.dtype === 'int64')
    (target.data as BigInt64Array).set(result.data as BigInt64Array);
  else target.data.set(result.data);
  return target;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
