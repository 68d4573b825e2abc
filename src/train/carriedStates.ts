// What recurrent models hand from a batch to the next, for every slot: fed into a run, replaced by what comes out of it, and set to
// zero for a slot whose row begins anew. Checkpoints keep it.
import { type FloatTensor, float32, sizeOf, type Tensor } from '../base/tensor.ts';
import type { CarriedTensor } from '../models/architecture.ts';

type Carried = Pick<CarriedTensor, 'name' | 'shape'>;

export class CarriedStates {
  /** One for each tensor, all slots one after the other. */
  readonly buffers: readonly Float32Array<ArrayBuffer>[];
  readonly #tensors: readonly Carried[];
  readonly #numSlots: number;

  /** `tensors` are of a batch, [batch, ...]; `numSlots` is a multiple of it. */
  constructor(tensors: readonly Carried[], batch: number, numSlots: number) {
    this.#tensors = tensors;
    this.#numSlots = numSlots;
    this.buffers = tensors.map(({ shape }) => new Float32Array((sizeOf(shape) / batch) * numSlots));
  }

  /** The row of this slot begins anew. */
  reset(slot: number): void {
    for (const buffer of this.buffers) {
      const size = buffer.length / this.#numSlots;
      buffer.fill(0, slot * size, (slot + 1) * size);
    }
  }

  /** Of so many slots from `firstSlot` on, read in place. */
  inputs(firstSlot: number, numSlots: number): Record<string, Tensor> {
    return Object.fromEntries(
      this.#tensors.map(({ name, shape: [, ...rest] }, i) => [
        `carried.${name}`,
        float32(this.#view(i, firstSlot, numSlots), [numSlots, ...rest]),
      ]),
    );
  }

  /** Takes over what a run of those slots left behind. */
  take(results: Readonly<Record<string, Tensor>>, firstSlot: number, numSlots: number): void {
    for (const [i, { name }] of this.#tensors.entries()) {
      const next = results[nextName(name)] as FloatTensor;
      this.#view(i, firstSlot, numSlots).set(next.data);
    }
  }

  #view(i: number, firstSlot: number, numSlots: number): Float32Array<ArrayBuffer> {
    const buffer = this.buffers[i]!;
    const size = buffer.length / this.#numSlots;
    return buffer.subarray(firstSlot * size, (firstSlot + numSlots) * size);
  }
}

/** The output that holds what a state is after the last symbol. */
export function nextName(name: string): string {
  return `next.${name}`;
}
