// Training: one step of each family at the shape it is usually measured at, on random symbols. The peer is the same model in PyTorch,
// asked for its step right after ours. Session by session, since idle threads spin.
import os from 'node:os';
import { Random } from '../src/base/random.ts';
import { type AnyArchitecture, architectureNamed } from '../src/models/registry.ts';
import type { Runtime } from '../src/runtime/session.ts';
import type { CarriedStates } from '../src/train/carriedStates.ts';
import { Muon } from '../src/train/muon.ts';
import { AdamW } from '../src/train/optimizer.ts';
import type { ParameterMemory } from '../src/train/parameterMemory.ts';
import { TrainSession } from '../src/train/trainSession.ts';
import { type BenchContext, forRounds } from './context.ts';
import { gemmPeak } from './gemmPeak.ts';
import { defaultShape } from './model.ts';
import { findPyTorch, PyTorchPeer } from './peers/pytorch.ts';
import { plainPixelCnn } from './pixels.ts';
import { usefulFlops } from './trainFlops.ts';

type OptimizerName = 'muon' | 'adamw';

interface TrainTask {
  /** In the names of figures. */
  readonly name: string;
  readonly architecture: string;
  readonly config: object;
  readonly batch: number;
  readonly time: number;
  readonly optimizers: readonly OptimizerName[];
  /** In bench/peers. */
  readonly peer: string;
}

const tasks: readonly TrainTask[] = [
  // As `chainrule train` takes it by default.
  {
    name: 'gpt',
    architecture: 'gpt',
    config: defaultShape,
    batch: 4,
    time: 512,
    optimizers: ['muon', 'adamw'],
    peer: 'gpt.py',
  },
  {
    name: 'gpt256',
    architecture: 'gpt',
    config: {
      ...defaultShape,
      vocabularySize: 4096,
      hiddenSize: 256,
      numLayers: 4,
      numHeads: 4,
      numKeyValueHeads: 4,
      intermediateSize: 704,
    },
    batch: 8,
    time: 256,
    optimizers: ['adamw'],
    peer: 'gpt.py',
  },
  {
    name: 'charRnn',
    architecture: 'charRnn',
    config: { vocabularySize: 96, startSymbol: 0, embeddingSize: 256, hiddenSize: 256, numLayers: 1 },
    batch: 32,
    time: 128,
    optimizers: ['adamw'],
    peer: 'charRnn.py',
  },
  {
    name: 'pixelCnn',
    architecture: 'pixelCnn',
    config: plainPixelCnn,
    batch: 16,
    time: 784,
    optimizers: ['adamw'],
    peer: 'pixelCnn.py',
  },
];
const learningRate = 0.002;
const settings = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clipNorm: 1 };
const threadCounts = [1, 2].filter((count) => count <= os.availableParallelism());

export async function trainBench(bench: BenchContext): Promise<void> {
  const python = findPyTorch(bench.options.python);
  const runtime = await bench.runtime();
  if (python === undefined) {
    const asked = bench.options.python ?? 'python3';
    bench.note(`Training has no peer here: ${asked} has no PyTorch (pip install torch, or --python FILE).`);
  }
  for (const task of tasks) {
    const { config, batch, time } = task;
    const peer =
      python === undefined ? undefined : await PyTorchPeer.start(python, { script: task.peer, config, batch, time });
    try {
      if (peer && task === tasks[0])
        bench.note(`Training's peer is PyTorch ${peer.version}, eager, on the same number of threads.`);
      for (const threads of threadCounts) await timeThreads(bench, runtime, task, peer, threads);
    } finally {
      peer?.dispose();
    }
  }
}

async function timeThreads(
  bench: BenchContext,
  runtime: Runtime,
  task: TrainTask,
  peer: PyTorchPeer | undefined,
  threads: number,
): Promise<void> {
  const ours = await Trainer.create(runtime, task, threads);
  const symbols = task.batch * task.time;
  try {
    if (peer && peer.numParameters !== ours.numParameters) {
      const counts = `the peer has ${peer.numParameters} parameters, ours ${ours.numParameters}`;
      throw new Error(`train: ${counts}; mend ${task.peer}`);
    }
    const measure = async (optimizer: OptimizerName) => ({
      ours: symbols / (await ours.time(optimizer)),
      theirs: peer && symbols / (await peer.time({ optimizer, threads, steps: 1 })),
    });
    // Not between the rounds: the step after it would find its caches cold.
    const peak = await gemmPeak(runtime, threads);
    for (const optimizer of task.optimizers) await measure(optimizer); // First steps allocate.
    const rounds = new Map<string, string[]>();
    await forRounds(bench, `train ${task.name}, threads: ${threads}`, async () => {
      for (const optimizer of task.optimizers) {
        const speed = await measure(optimizer);
        const name = `train/${task.name}/${optimizer}/${threads}`;
        const versus = speed.theirs === undefined ? '' : `:${Math.round(speed.theirs)}`;
        rounds.set(name, [...(rounds.get(name) ?? []), `${Math.round(speed.ours)}${versus}`]);
        bench.recorder.add(
          name,
          'symbols/s',
          speed.ours,
          ...(speed.theirs === undefined ? [] : [{ name: 'PyTorch', value: speed.theirs }]),
        );
        // What Muon computes is no product of the model's.
        if (optimizer === 'adamw') {
          const achieved = (usefulFlops(task) / symbols) * speed.ours * 1e-9;
          bench.recorder.add(`gemmShare/${task.name}/${threads}`, 'GFLOP/s', achieved, {
            name: 'GEMM peak',
            value: peak,
          });
        }
      }
    });
    for (const [name, values] of rounds) bench.note(`All rounds of ${name}: ${values.join(', ')}.`);
  } finally {
    ours.dispose();
  }
}

class Trainer {
  readonly #memory: ParameterMemory;
  readonly #session: TrainSession;
  readonly #optimizers: ReadonlyMap<OptimizerName, AdamW | Muon>;
  /** Carried from step to step, where the model is recurrent. */
  readonly #states: CarriedStates;
  #step = 0;

  static async create(runtime: Runtime, task: TrainTask, threads: number): Promise<Trainer> {
    const { batch, time } = task;
    const architecture: AnyArchitecture = architectureNamed(task.architecture);
    const config = architecture.parseConfig(task.config);
    const random = new Random(1);
    const memory = TrainSession.memoryFor(runtime, { architecture, config, batch, time, threads });
    memory.initialize(random);
    const session = await TrainSession.create(runtime, { architecture, config, batch, time, threads }, memory);
    const row = new Int32Array(time + 1);
    // The last symbol of an image's vocabulary is the start symbol, which is never a target.
    const numSymbols = architecture.vocabularySize(config) - (architecture.consumes === 'image' ? 1 : 0);
    for (let i = 0; i < batch; i++) {
      for (let t = 0; t <= time; t++) row[t] = random.nextInteger(numSymbols);
      session.setRow(i, row);
    }
    const optimizers = new Map<OptimizerName, AdamW | Muon>([['adamw', new AdamW(memory, settings)]]);
    if (task.optimizers.includes('muon')) optimizers.set('muon', await Muon.create(runtime, memory, settings, threads));
    return new Trainer(memory, session, optimizers, batch);
  }

  private constructor(
    memory: ParameterMemory,
    session: TrainSession,
    optimizers: ReadonlyMap<OptimizerName, AdamW | Muon>,
    batch: number,
  ) {
    this.#memory = memory;
    this.#session = session;
    this.#optimizers = optimizers;
    this.#states = session.newStates(batch);
  }

  get numParameters(): number {
    return this.#memory.slots.reduce((sum, { length }) => sum + length, 0);
  }

  /** Seconds of one step. */
  async time(optimizer: OptimizerName): Promise<number> {
    const startedAt = performance.now();
    this.#step += 1;
    await this.#session.run({ accumulate: false, from: { states: this.#states, firstSlot: 0 } });
    await this.#optimizers.get(optimizer)!.update(this.#step, learningRate);
    return (performance.now() - startedAt) / 1000;
  }

  dispose(): void {
    this.#session.dispose();
    for (const optimizer of this.#optimizers.values()) if (optimizer instanceof Muon) optimizer.dispose();
  }
}
