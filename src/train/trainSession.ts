// The sessions of a run. One graph computes loss and gradients, another only the loss, for validation. Both take the parameters as
// inputs, which lie in the ParameterMemory and are read there; gradients are written there too, or come in fresh buffers where they are
// added to what is there. States that a recurrent model carries on go in and out of both. They come in fresh buffers: the way back
// through the graph reads where they came from after the way forth has made the next ones.
import { gradients } from '../autodiff/gradients.ts';
import { DisposableStore } from '../base/disposable.ts';
import { int32, type Tensor } from '../base/tensor.ts';
import { toOnnx } from '../graph/onnx.ts';
import type { CarriedTensor, TrainGraph } from '../models/architecture.ts';
import type { AnyArchitecture } from '../models/registry.ts';
import type { Runtime, Session } from '../runtime/session.ts';
import { blockSizeOf } from './blockSize.ts';
import { CarriedStates, nextName } from './carriedStates.ts';
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

/** Whose states a run goes on from, and leaves there. */
export interface Continuation {
  readonly states: CarriedStates;
  /** Of the batch. */
  readonly firstSlot: number;
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
  /** Where gradients go that replace the last ones, by the name of the output. */
  readonly #gradients: Readonly<Record<string, Tensor>>;
  readonly #carried: readonly Pick<CarriedTensor, 'name' | 'shape'>[];
  readonly #batch: number;
  readonly #store: DisposableStore;

  static async create(runtime: Runtime, options: TrainSessionOptions, memory: ParameterMemory): Promise<TrainSession> {
    const store = new DisposableStore();
    const settings = { threads: options.threads, spinMicroseconds };
    try {
      const blockSize = await blockSizeOf(runtime);
      const { bytes, carried } = gradientModel(options, blockSize);
      const withGradients = store.add(await runtime.createSession({ bytes }, settings));
      const lossOnly = store.add(await runtime.createSession({ bytes: lossModel(options, blockSize) }, settings));
      return new TrainSession(options, memory, { withGradients, lossOnly, carried, store });
    } catch (error) {
      store.dispose();
      throw error;
    }
  }

  private constructor(
    { batch, time }: TrainSessionOptions,
    memory: ParameterMemory,
    parts: {
      readonly withGradients: Session;
      readonly lossOnly: Session;
      readonly carried: readonly Pick<CarriedTensor, 'name' | 'shape'>[];
      readonly store: DisposableStore;
    },
  ) {
    this.symbols = new Int32Array(batch * time);
    this.targets = new Int32Array(batch * time);
    this.#memory = memory;
    this.#batch = batch;
    this.#withGradients = parts.withGradients;
    this.#lossOnly = parts.lossOnly;
    this.#carried = parts.carried;
    this.#store = parts.store;
    this.#inputs = {
      symbols: int32(this.symbols, [batch, time]),
      targets: int32(this.targets, [batch, time]),
      ...Object.fromEntries(memory.tensors('parameters')),
    };
    this.#gradients = Object.fromEntries(
      [...memory.tensors('gradients')].map(([name, tensor]) => [gradientName(name), tensor]),
    );
    this.#outputs = [lossName, ...memory.slots.map(({ spec }) => gradientName(spec.name))];
  }

  /** The rows, each of time + 1 symbols: inputs are all but the last, targets all but the first. */
  setRow(index: number, row: Int32Array): void {
    const time = row.length - 1;
    this.symbols.set(row.subarray(0, time), index * time);
    this.targets.set(row.subarray(1), index * time);
  }

  /** Zeros, for as many slots; a multiple of the batch. */
  newStates(numSlots: number): CarriedStates {
    return new CarriedStates(this.#carried, this.#batch, numSlots);
  }

  /** The mean loss; the gradients replace those in the memory, or are added to them. Without `from` every row begins anew. */
  async run({ accumulate, from }: { accumulate: boolean; from?: Continuation }): Promise<number> {
    const into = accumulate ? {} : this.#gradients;
    const results = await this.#runFrom(this.#withGradients, this.#outputs, from, into);
    if (accumulate) {
      for (const [name, { data: sum }] of this.#memory.tensors('gradients')) {
        const gradient = floatData(results, gradientName(name));
        for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + gradient[i]!;
      }
    }
    return floatData(results, lossName)[0]!;
  }

  async loss(from?: Continuation): Promise<number> {
    return floatData(await this.#runFrom(this.#lossOnly, [lossName], from), lossName)[0]!;
  }

  async #runFrom(
    session: Session,
    outputs: readonly string[],
    from: Continuation | undefined,
    into: Readonly<Record<string, Tensor>> = {},
  ) {
    const { states, firstSlot } = from ?? { states: this.newStates(this.#batch), firstSlot: 0 };
    const names = this.#carried.map(({ name }) => nextName(name));
    const inputs = this.#carried.length > 0 ? { ...this.#inputs, ...states.inputs(firstSlot) } : this.#inputs;
    const results = await session.run(inputs, [...outputs, ...names], { into });
    states.take(results, firstSlot);
    return results;
  }

  dispose(): void {
    this.#store.dispose();
  }
}

function gradientModel({ architecture, config, batch, time }: TrainSessionOptions, blockSize: number) {
  const built = architecture.buildTrain(config, batch, time);
  const { graph, lossNats, carried = [] } = built;
  const derivatives = gradients(graph, lossNats, graph.parameters);
  outputLoss(built);
  graph.parameters.forEach(({ name }, i) => {
    graph.output(gradientName(name), derivatives[i]!);
  });
  return { bytes: toOnnx(graph, { parameters: 'inputs', blockSize }), carried };
}

function lossModel({ architecture, config, batch, time }: TrainSessionOptions, blockSize: number): Uint8Array {
  const built = architecture.buildTrain(config, batch, time);
  outputLoss(built);
  return toOnnx(built.graph, { parameters: 'inputs', blockSize });
}

function outputLoss({ graph, lossNats, carried = [] }: TrainGraph): void {
  graph.output(lossName, lossNats);
  for (const { name, next } of carried) graph.output(nextName(name), next);
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
