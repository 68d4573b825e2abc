// A session of the C API. Each run names its inputs and outputs and hands over one value for each:
//
//   inputs    values over the caller's arrays, read where they lie
//   outputs   values over the caller's arrays (`into`), written where they lie; or none, and the library makes one, which is copied out
//
// `Run` with such values does what an IoBinding does, and needs no second object that must be kept equal to what the caller wants.
import { trackLife } from '../base/disposable.ts';
import { CancelledError, throwIfCancelled } from '../base/errors.ts';
import type { Tensor } from '../base/tensor.ts';
import { copyOfValue, LendingPlace } from './lentTensor.ts';
import type { OrtLibrary, Status } from './ortApi.ts';
import type { RunOptions, Session } from './session.ts';

/** One input or output. */
interface Port {
  readonly name: string;
  /** Where its name lies, zero at the end, as the library wants it. */
  readonly nameAddress: bigint;
  readonly place: LendingPlace;
}

/** Ends each run that is in the background now. Node waits for them before it lets a process exit. */
const stops = new Set<() => void>();
process.on('exit', () => {
  for (const stop of stops) stop();
});

export class NativeSession implements Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly #library: OrtLibrary;
  readonly #session: bigint;
  readonly #runOptions: bigint;
  readonly #inputs: ReadonlyMap<string, Port>;
  readonly #outputs: ReadonlyMap<string, Port>;
  /** What the addresses of the ports point to. */
  readonly #names: Buffer;
  /** The arguments of a run; one at a time needs them. */
  readonly #arguments: {
    readonly inputNames: BigUint64Array;
    readonly inputs: BigUint64Array;
    readonly outputNames: BigUint64Array;
    readonly outputs: BigUint64Array;
  };
  readonly #endLife = trackLife('session');
  /** Kept when a run in the background is over and its values are released. */
  #running: Promise<void> | undefined;
  #disposed = false;

  /** Takes over the native session. */
  constructor(library: OrtLibrary, memoryInfo: bigint, session: bigint) {
    this.#library = library;
    this.#session = session;
    const { api } = library;
    this.#runOptions = library.made((out) => api.CreateRunOptions(out));
    this.inputNames = namesOf(library, session, api.SessionGetInputCount, api.SessionGetInputName);
    this.outputNames = namesOf(library, session, api.SessionGetOutputCount, api.SessionGetOutputName);
    this.#names = Buffer.from([...this.inputNames, ...this.outputNames].map((name) => `${name}\0`).join(''));
    let nameAddress = library.addressOf(this.#names);
    const ports = (names: readonly string[]) =>
      new Map(
        names.map((name) => {
          const port = { name, nameAddress, place: new LendingPlace(library, memoryInfo, name) };
          nameAddress += BigInt(Buffer.byteLength(name) + 1);
          return [name, port];
        }),
      );
    this.#inputs = ports(this.inputNames);
    this.#outputs = ports(this.outputNames);
    this.#arguments = {
      inputNames: new BigUint64Array(this.#inputs.size),
      inputs: new BigUint64Array(this.#inputs.size),
      outputNames: new BigUint64Array(this.#outputs.size),
      outputs: new BigUint64Array(this.#outputs.size),
    };
  }

  async run(
    inputs: Readonly<Record<string, Tensor>>,
    outputs: readonly string[],
    { into = {}, background = false, signal }: RunOptions = {},
  ): Promise<Record<string, Tensor>> {
    while (this.#running) await this.#running;
    throwIfCancelled(signal);
    if (this.#disposed) throw new Error('session.run: the session was disposed of; create another');
    let ended = () => {};
    if (background) {
      this.#running = new Promise((resolve) => {
        ended = resolve;
      });
    }
    try {
      this.#lendInputs(inputs);
      this.#lendOutputs(outputs, into);
      if (background) await this.#runAside(outputs.length, signal);
      else this.#library.check(this.#runHere(outputs.length));
      return this.#take(outputs, into);
    } finally {
      this.#releaseMade(outputs, into);
      this.#running = undefined;
      if (this.#disposed) this.#release();
      ended();
    }
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    // What runs aside is asked to stop, and releases the session when it has.
    if (this.#running) this.#library.check(this.#library.api.RunOptionsSetTerminate(this.#runOptions));
    else this.#release();
  }

  #lendInputs(inputs: Readonly<Record<string, Tensor>>): void {
    const missing = this.inputNames.find((name) => !inputs[name]);
    if (missing !== undefined) throw new Error(`session.run: input '${missing}' is missing`);
    let count = 0;
    for (const { name, nameAddress, place } of this.#inputs.values()) {
      this.#arguments.inputNames[count] = nameAddress;
      this.#arguments.inputs[count++] = place.lend(inputs[name]!);
    }
  }

  #lendOutputs(outputs: readonly string[], into: Readonly<Record<string, Tensor>>): void {
    if (new Set(outputs).size < outputs.length) throw new Error('session.run: an output is named twice');
    for (const [i, name] of outputs.entries()) {
      const port = this.#outputs.get(name);
      if (!port) throw new Error(`session.run: invalid output name: ${name}; got ${this.outputNames.join(', ')}`);
      const tensor = into[name];
      this.#arguments.outputNames[i] = port.nameAddress;
      this.#arguments.outputs[i] = tensor ? port.place.lend(tensor) : 0n;
    }
  }

  #runHere(numOutputs: number): Status {
    const { inputNames, inputs, outputNames, outputs } = this.#arguments;
    const { Run } = this.#library.api;
    return Run(this.#session, null, inputNames, inputs, this.#inputs.size, outputNames, numOutputs, outputs);
  }

  /** On a thread of Node's pool. */
  async #runAside(numOutputs: number, signal: AbortSignal | undefined): Promise<void> {
    const { api, check } = this.#library;
    const { inputNames, inputs, outputNames, outputs } = this.#arguments;
    const terminate = () => check(api.RunOptionsSetTerminate(this.#runOptions));
    signal?.addEventListener('abort', terminate, { once: true });
    stops.add(terminate);
    try {
      const status = await new Promise<Status>((resolve, reject) => {
        api.Run.async(
          ...([this.#session, this.#runOptions, inputNames, inputs, this.#inputs.size] as const),
          ...([outputNames, numOutputs, outputs] as const),
          (error, status) => (error ? reject(error) : resolve(status)),
        );
      });
      if (status && (signal?.aborted || this.#disposed)) {
        api.ReleaseStatus(status);
        throw new CancelledError('cancelled');
      }
      check(status);
    } finally {
      signal?.removeEventListener('abort', terminate);
      stops.delete(terminate);
      check(api.RunOptionsUnsetTerminate(this.#runOptions));
    }
  }

  #take(outputs: readonly string[], into: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
    const results: Record<string, Tensor> = {};
    for (const [i, name] of outputs.entries()) {
      results[name] = into[name] ?? copyOfValue(this.#library, this.#arguments.outputs[i]!, name);
    }
    return results;
  }

  /** What the library made itself. */
  #releaseMade(outputs: readonly string[], into: Readonly<Record<string, Tensor>>): void {
    for (const [i, name] of outputs.entries()) {
      const value = this.#arguments.outputs[i];
      if (value && !into[name]) this.#library.api.ReleaseValue(value);
      this.#arguments.outputs[i] = 0n;
    }
  }

  #release(): void {
    for (const { place } of [...this.#inputs.values(), ...this.#outputs.values()]) place.release();
    this.#library.api.ReleaseRunOptions(this.#runOptions);
    this.#library.api.ReleaseSession(this.#session);
    this.#endLife();
  }
}

function namesOf(
  { api, made, check, textAt }: OrtLibrary,
  session: bigint,
  count: OrtLibrary['api']['SessionGetInputCount'],
  nameAt: OrtLibrary['api']['SessionGetInputName'],
): string[] {
  const allocator = made((out) => api.GetAllocatorWithDefaultOptions(out));
  const length = Number(made((out) => count(session, out)));
  return Array.from({ length }, (_, index) => {
    const address = made((out) => nameAt(session, index, allocator, out));
    const name = textAt(address);
    check(api.AllocatorFree(allocator, address));
    return name;
  });
}
