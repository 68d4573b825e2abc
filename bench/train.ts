// Training: one step of the default shape, as `chainrule train` takes it by default (4 rows of 512 symbols), on random symbols.
// The peer is the same model in PyTorch, asked for its step right after ours. Session by session, since idle threads spin.
import os from 'node:os';
import { Random } from '../src/base/random.ts';
import { architectureNamed } from '../src/models/registry.ts';
import { openRuntime } from '../src/runtime/ortNode.ts';
import type { Runtime } from '../src/runtime/session.ts';
import { Muon } from '../src/train/muon.ts';
import { AdamW } from '../src/train/optimizer.ts';
import { ParameterMemory } from '../src/train/parameterMemory.ts';
import { TrainSession } from '../src/train/trainSession.ts';
import { type BenchContext, forRounds } from './context.ts';
import { defaultShape } from './model.ts';
import { findPyTorch, PyTorchPeer } from './peers/pytorch.ts';

const batch = 4;
const time = 512;
const learningRate = 0.002;
const settings = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clipNorm: 1 };
const optimizerNames = ['muon', 'adamw'] as const;
const threadCounts = [1, 2].filter((count) => count <= os.availableParallelism());

export async function trainBench(bench: BenchContext): Promise<void> {
  const python = findPyTorch(bench.options.python);
  const runtime = await openRuntime();
  const config = architectureNamed('gpt').parseConfig(defaultShape);
  const peer = python === undefined ? undefined : await PyTorchPeer.start(python, { config, batch, time });
  try {
    if (peer === undefined) {
      const asked = bench.options.python ?? 'python3';
      bench.note(`Training has no peer here: ${asked} has no PyTorch (pip install torch, or --python FILE).`);
    } else bench.note(`Training's peer is PyTorch ${peer.version}, eager, on the same number of threads.`);
    for (const threads of threadCounts) await timeThreads(bench, runtime, peer, threads);
  } finally {
    peer?.dispose();
  }
}

async function timeThreads(
  bench: BenchContext,
  runtime: Runtime,
  peer: PyTorchPeer | undefined,
  threads: number,
): Promise<void> {
  const ours = await Trainer.create(runtime, threads);
  try {
    if (peer && peer.numParameters !== ours.numParameters) {
      throw new Error(`train: the peer has ${peer.numParameters} parameters, ours ${ours.numParameters}; mend gpt.py`);
    }
    const measure = async (optimizer: OptimizerName) => ({
      ours: await ours.time(optimizer),
      theirs: await peer?.time({ optimizer, threads, steps: 1 }),
    });
    for (const optimizer of optimizerNames) await measure(optimizer); // First steps allocate.
    await forRounds(bench, `train, threads: ${threads}`, async () => {
      for (const optimizer of optimizerNames) {
        const seconds = await measure(optimizer);
        const symbols = batch * time;
        bench.recorder.add(
          `train/gpt/${optimizer}/${threads}`,
          'symbols/s',
          symbols / seconds.ours,
          ...(seconds.theirs === undefined ? [] : [{ name: 'PyTorch', value: symbols / seconds.theirs }]),
        );
      }
    });
  } finally {
    ours.dispose();
  }
}

type OptimizerName = (typeof optimizerNames)[number];

class Trainer {
  readonly #memory: ParameterMemory;
  readonly #session: TrainSession;
  readonly #optimizers: { readonly muon: Muon; readonly adamw: AdamW };
  #step = 0;

  static async create(runtime: Runtime, threads: number): Promise<Trainer> {
    const architecture = architectureNamed('gpt');
    const config = architecture.parseConfig(defaultShape);
    const random = new Random(1);
    const memory = new ParameterMemory(architecture.parameters(config));
    memory.initialize(random);
    const session = await TrainSession.create(runtime, { architecture, config, batch, time, threads }, memory);
    const row = new Int32Array(time + 1);
    for (let i = 0; i < batch; i++) {
      for (let t = 0; t <= time; t++) row[t] = random.nextInteger(defaultShape.vocabularySize);
      session.setRow(i, row);
    }
    const muon = await Muon.create(runtime, memory, settings, threads);
    return new Trainer(memory, session, { muon, adamw: new AdamW(memory, settings) });
  }

  private constructor(memory: ParameterMemory, session: TrainSession, optimizers: { muon: Muon; adamw: AdamW }) {
    this.#memory = memory;
    this.#session = session;
    this.#optimizers = optimizers;
  }

  get numParameters(): number {
    return this.#memory.slots.reduce((sum, { length }) => sum + length, 0);
  }

  /** Seconds of one step. */
  async time(optimizer: OptimizerName): Promise<number> {
    const startedAt = performance.now();
    this.#step += 1;
    await this.#session.run({ accumulate: false });
    await this.#optimizers[optimizer].update(this.#step, learningRate);
    return (performance.now() - startedAt) / 1000;
  }

  dispose(): void {
    this.#session.dispose();
    this.#optimizers.muon.dispose();
  }
}
