// Data-parallel training: a batch is cut into shards of equal size, one session each, all at work at once. At two threads inside every
// operator those that cannot be divided (Scan, Scatter, Pad, Transpose) leave a core idle; a shard keeps its core through the whole
// graph. Each shard writes its gradients to a region of its own, and they are added in the order of the shards:
//
//   gradients <- shard 0     scratch 0 <- shard 1     scratch 1 <- shard 2 ...     gradients = (gradients + scratch 0 + ...) / shards
//
// so that the same shards give the same bits, whichever is ready first.
import type { Runtime } from '../runtime/session.ts';
import type { ParameterMemory } from './parameterMemory.ts';
import kernelBytes from './sum.wasm';

interface Kernel {
  add(target: number, source: number, count: number): void;
  scale(target: number, count: number, factor: number): void;
}

/** Runs in the background are threads of Node's pool, which has four. */
const mostShards = 4;

/** The most that there are threads for and that divide the batch; one where a run blocks the thread. */
export function numShards({ background }: Pick<Runtime, 'background'>, batch: number, threads: number): number {
  let shards = background ? Math.min(mostShards, threads) : 1;
  while (batch % shards !== 0) shards -= 1;
  return shards;
}

/** How many scratch regions a memory needs: what replaces the gradients begins in their own region, what is added to them does not. */
export function numScratch(shards: number, accumulation: number): number {
  return accumulation > 1 ? shards : shards - 1;
}

export class GradientSum {
  readonly #memory: ParameterMemory;
  readonly #kernel: Kernel;

  constructor(memory: ParameterMemory) {
    this.#memory = memory;
    const instance = new WebAssembly.Instance(new WebAssembly.Module(kernelBytes), { env: { memory: memory.memory } });
    this.#kernel = instance.exports as unknown as Kernel;
  }

  /** The mean over the shards, in the region of the first; and added to the gradients when that is a scratch region. */
  take(shards: number, accumulate: boolean): void {
    const { regionLength } = this.#memory;
    const gradients = this.#memory.address('gradients');
    const scratch = (index: number) => this.#memory.scratchAddress(index);
    const target = accumulate ? scratch(0) : gradients;
    for (let shard = 1; shard < shards; shard++) {
      this.#kernel.add(target, scratch(accumulate ? shard : shard - 1), regionLength);
    }
    if (shards > 1) this.#kernel.scale(target, regionLength, 1 / shards);
    if (accumulate) this.#kernel.add(gradients, target, regionLength);
  }
}
