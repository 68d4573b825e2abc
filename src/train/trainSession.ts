// The sessions of a run. One graph computes loss and gradients, for a shard of the batch; another only the loss, for validation. Both take
// the parameters as inputs, which lie in the ParameterMemory and are read there; gradients are written there too. States that a
// recurrent model carries on go in and out of both. They come in fresh buffers: the way back through the graph reads where they came
// from after the way forth has made the next ones.
import { gradients } from '../autodiff/gradients.ts';
import { DisposableStore } from '../base/disposable.ts';
import { int32, type Tensor } from '../base/tensor.ts';
import { toOnnx } from '../graph/onnx.ts';
import type { CarriedTensor, TrainGraph } from '../models/architecture.ts';
import type { AnyArchitecture } from '../models/registry.ts';
import type { Runtime, Session } from '../runtime/session.ts';
import { blockSizeOf } from './blockSize.ts';
import { CarriedStates, nextName } from './carriedStates.ts';
import { ParameterMemory } from './parameterMemory.ts';
import { GradientSum, numScratch, numShards } from './shards.ts';

const lossName = 'lossNats';

/** Training shares the machine with the person at it, and a run's operators follow each other closely. */
export const spinMicroseconds = 200;

export interface TrainSessionOptions {
  readonly architecture: AnyArchitecture;
  readonly config: unknown;
  readonly batch: number;
  readonly time: number;
  readonly threads: number;
  /** Batches whose gradients may be added before an update; default 1. */
  readonly accumulation?: number;
}

/** Whose states a run goes on from, and leaves there. */
export interface Continuation {
  readonly states: CarriedStates;
  /** Of the batch. */
  readonly firstSlot: number;
}

type Carried = Pick<CarriedTensor, 'name' | 'shape'>;

/** A part of the batch, and the session that computes it. */
interface Shard {
  readonly session: Session;
  /** Rows from here on. */
  readonly first: number;
  readonly inputs: Readonly<Record<string, Tensor>>;
}

export class TrainSession {
  /** [batch, time], to be filled before each run. */
  readonly symbols: Int32Array;
  readonly targets: Int32Array;
  readonly #memory: ParameterMemory;
  readonly #sum: GradientSum;
  readonly #shards: readonly Shard[];
  readonly #whole: Shard;
  readonly #outputs: readonly string[];
  readonly #carried: readonly Carried[];
  readonly #batch: number;
  readonly #store: DisposableStore;

  /** A memory with room for what the sessions of these options write. */
  static memoryFor(runtime: Runtime, options: TrainSessionOptions): ParameterMemory {
    const { architecture, config, batch, threads, accumulation = 1 } = options;
    const scratch = numScratch(numShards(runtime, batch, threads), accumulation);
    return new ParameterMemory(architecture.parameters(config), scratch);
  }

  static async create(runtime: Runtime, options: TrainSessionOptions, memory: ParameterMemory): Promise<TrainSession> {
    const { batch, threads, accumulation = 1 } = options;
    const count = numShards(runtime, batch, threads);
    if (memory.numScratch < numScratch(count, accumulation)) {
      throw new RangeError(`TrainSession: expected a memory of memoryFor, got one with ${memory.numScratch} to spare`);
    }
    const store = new DisposableStore();
    try {
      const blockSize = await blockSizeOf(runtime);
      const open = async (bytes: Uint8Array, threads: number) =>
        store.add(await runtime.createSession({ bytes }, { threads, spinMicroseconds }));
      const bytes = gradientModel({ ...options, batch: batch / count }, blockSize);
      const sessions: Session[] = [];
      while (sessions.length < count) sessions.push(await open(bytes, Math.max(1, Math.floor(threads / count))));
      const loss = lossModel(options, blockSize);
      const whole = await open(loss.bytes, threads);
      return new TrainSession(options, memory, { sessions, whole, carried: loss.carried, store });
    } catch (error) {
      store.dispose();
      throw error;
    }
  }

  private constructor(
    { batch, time }: TrainSessionOptions,
    memory: ParameterMemory,
    parts: {
      readonly sessions: readonly Session[];
      readonly whole: Session;
      readonly carried: readonly Carried[];
      readonly store: DisposableStore;
    },
  ) {
    this.symbols = new Int32Array(batch * time);
    this.targets = new Int32Array(batch * time);
    this.#memory = memory;
    this.#sum = new GradientSum(memory);
    this.#batch = batch;
    this.#carried = parts.carried;
    this.#store = parts.store;
    const parameters = Object.fromEntries(memory.tensors('parameters'));
    const shard = (session: Session, first: number, rows: number): Shard => {
      const part = (all: Int32Array) => int32(all.subarray(first * time, (first + rows) * time), [rows, time]);
      return { session, first, inputs: { ...parameters, symbols: part(this.symbols), targets: part(this.targets) } };
    };
    const rows = batch / parts.sessions.length;
    this.#shards = parts.sessions.map((session, index) => shard(session, index * rows, rows));
    this.#whole = shard(parts.whole, 0, batch);
    this.#outputs = memory.slots.map(({ spec }) => gradientName(spec.name));
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
    const numShards = this.#shards.length;
    const losses = this.#shards.map((shard, index) =>
      this.#runShard(shard, this.#gradientsOf(index, accumulate), from, numShards > 1),
    );
    // One that failed is told when none reads or writes the memory any more.
    await Promise.allSettled(losses);
    let sum = 0;
    for (const loss of losses) sum += await loss;
    this.#sum.take(numShards, accumulate);
    return sum / numShards;
  }

  /** On what is not trained on: the whole batch at once. */
  loss(from?: Continuation): Promise<number> {
    return this.#runShard(this.#whole, {}, from, false);
  }

  /** Where a shard writes its gradients, by the name of the output. */
  #gradientsOf(index: number, accumulate: boolean): Record<string, Tensor> {
    const tensors =
      index === 0 && !accumulate
        ? this.#memory.tensors('gradients')
        : this.#memory.scratch(accumulate ? index : index - 1);
    return Object.fromEntries([...tensors].map(([name, tensor]) => [gradientName(name), tensor]));
  }

  async #runShard(
    { session, first, inputs }: Shard,
    into: Readonly<Record<string, Tensor>>,
    from: Continuation | undefined,
    background: boolean,
  ): Promise<number> {
    const numRows = inputs['symbols']!.shape[0]!;
    const { states, firstSlot } = from ?? { states: this.newStates(this.#batch), firstSlot: 0 };
    const slot = firstSlot + first;
    const names = this.#carried.map(({ name }) => nextName(name));
    const gradients = session === this.#whole.session ? [] : this.#outputs;
    const all = this.#carried.length > 0 ? { ...inputs, ...states.inputs(slot, numRows) } : inputs;
    const results = await session.run(all, [lossName, ...gradients, ...names], { into, background });
    states.take(results, slot, numRows);
    return floatData(results, lossName)[0]!;
  }

  dispose(): void {
    this.#store.dispose();
  }
}

function gradientModel({ architecture, config, batch, time }: TrainSessionOptions, blockSize: number): Uint8Array {
  const built = architecture.buildTrain(config, batch, time);
  const { graph, lossNats } = built;
  const derivatives = gradients(graph, lossNats, graph.parameters);
  outputLoss(built);
  graph.parameters.forEach(({ name }, i) => {
    graph.output(gradientName(name), derivatives[i]!);
  });
  return toOnnx(graph, { parameters: 'inputs', blockSize });
}

function lossModel({ architecture, config, batch, time }: TrainSessionOptions, blockSize: number) {
  const built = architecture.buildTrain(config, batch, time);
  outputLoss(built);
  return { bytes: toOnnx(built.graph, { parameters: 'inputs', blockSize }), carried: built.carried ?? [] };
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
