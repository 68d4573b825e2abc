// The sessions of a run. One graph computes loss and gradients, another only the loss, for validation. Both take the parameters as
// inputs, which lie in the ParameterMemory and are read there; the binding returns gradients in fresh buffers, which are
// copied (or added) into the memory once per run.

import { gradients } from '../autodiff/gradients.ts';
import { DisposableStore } from '../base/disposable.ts';
import { int32, type Tensor } from '../base/tensor.ts';
import { toOnnx } from '../graph/onnx.ts';
import type { AnyArchitecture } from '../models/registry.ts';
import type { Runtime, Session } from '../runtime/session.ts';
import type { ParameterMemory } from './parameterMemory.ts';

const lossName = 'lossNats';

/** Training shares the machine with the person at it, and a run's operators follow each other closely. */
export const spinMicroseconds = 200;

export interface TrainSessionOptions {
  readonly architecture: AnyArchitecture;
  readonly config: unknown;
  readonly batch: number;
  readonly time: number;
  readonly threads: number;
}

export class TrainSession {
  /** [batch, time], to be filled before each run. */
  readonly symbols: Int32Array;
  readonly targets: Int32Array;
  readonly #memory: ParameterMemory;
  readonly #inputs: Record<string, Tensor>;
  readonly #withGradients: Session;
  readonly #lossOnly: Session;
  readonly #outputs: readonly string[];
  readonly #store: DisposableStore;

  static async create(runtime: Runtime, options: TrainSessionOptions, memory: ParameterMemory): Promise<TrainSession> {
    const store = new DisposableStore();
    const settings = { threads: options.threads, spinMicroseconds };
    try {
      const withGradients = store.add(await runtime.createSession({ bytes: gradientModel(options) }, settings));
      const lossOnly = store.add(await runtime.createSession({ bytes: lossModel(options) }, settings));
      return new TrainSession(options, memory, withGradients, lossOnly, store);
    } catch (error) {
      store.dispose();
      throw error;
    }
  }

  private constructor(
    { batch, time }: TrainSessionOptions,
    memory: ParameterMemory,
    withGradients: Session,
    lossOnly: Session,
    store: DisposableStore,
  ) {
    this.symbols = new Int32Array(batch * time);
    this.targets = new Int32Array(batch * time);
    this.#memory = memory;
    this.#withGradients = withGradients;
    this.#lossOnly = lossOnly;
    this.#store = store;
    this.#inputs = {
      symbols: int32(this.symbols, [batch, time]),
      targets: int32(this.targets, [batch, time]),
      ...Object.fromEntries(memory.tensors('parameters')),
    };
    this.#outputs = [lossName, ...memory.slots.map(({ spec }) => gradientName(spec.name))];
  }

  /** The rows, each of time + 1 symbols: inputs are all but the last, targets all but the first. */
  setRow(index: number, row: Int32Array): void {
    const time = row.length - 1;
    this.symbols.set(row.subarray(0, time), index * time);
    this.targets.set(row.subarray(1), index * time);
  }

  /** The mean loss; the gradients replace those in the memory, or are added to them. */
  async run({ accumulate }: { accumulate: boolean }): Promise<number> {
    const results = await this.#withGradients.run(this.#inputs, this.#outputs);
    for (const [name, { data: sum }] of this.#memory.tensors('gradients')) {
      const gradient = floatData(results, gradientName(name));
      if (accumulate) for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + gradient[i]!;
      else sum.set(gradient);
    }
    return floatData(results, lossName)[0]!;
  }

  async loss(): Promise<number> {
    return floatData(await this.#lossOnly.run(this.#inputs, [lossName]), lossName)[0]!;
  }

  dispose(): void {
    this.#store.dispose();
  }
}

function gradientModel({ architecture, config, batch, time }: TrainSessionOptions): Uint8Array {
  const { graph, lossNats } = architecture.buildTrain(config, batch, time);
  const derivatives = gradients(graph, lossNats, graph.parameters);
  graph.output(lossName, lossNats);
  graph.parameters.forEach(({ name }, i) => {
    graph.output(gradientName(name), derivatives[i]!);
  });
  return toOnnx(graph, { parameters: 'inputs' });
}

function lossModel({ architecture, config, batch, time }: TrainSessionOptions): Uint8Array {
  const { graph, lossNats } = architecture.buildTrain(config, batch, time);
  graph.output(lossName, lossNats);
  return toOnnx(graph, { parameters: 'inputs' });
}

function gradientName(parameter: string): string {
  return `gradient.${parameter}`;
}

function floatData(results: Readonly<Record<string, Tensor>>, name: string): Float32Array {
  const tensor = results[name];
  if (tensor?.dtype !== 'float32')
    throw new Error(`TrainSession: expected a float32 output ${name}, got ${tensor?.dtype}`);
  return tensor.data;
}
