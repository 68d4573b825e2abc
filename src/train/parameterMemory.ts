// One WebAssembly memory for all that an optimizer touches, so that a SIMD kernel updates it and the runtime reads it in place:
//
//   | pad | parameters ........ | gradients ......... | first moments ..... | second moments .... |
//
// Each region has the same layout: the parameters in the architecture's order, each starting on a 64-byte boundary. The gaps stay zero.
import { UserError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { type FloatTensor, float32, sizeOf } from '../base/tensor.ts';
import type { ParameterSpec } from '../models/architecture.ts';

const pageBytes = 65536;
const maxPages = 65536;
const padBytes = 1024;
const alignFloats = 16;
const regionNames = ['parameters', 'gradients', 'first', 'second'] as const;

export type Region = (typeof regionNames)[number];

/** Where one parameter lies in each region. */
export interface Slot {
  readonly spec: ParameterSpec;
  /** In floats from the start of the region. */
  readonly offset: number;
  readonly length: number;
}

export class ParameterMemory {
  readonly memory: WebAssembly.Memory;
  readonly slots: readonly Slot[];
  /** Floats in each region, gaps included. */
  readonly regionLength: number;
  readonly #views: Record<Region, ReadonlyMap<string, FloatTensor>>;

  /** @throws UserError when four copies of the parameters exceed what one memory can address. */
  constructor(specs: readonly ParameterSpec[]) {
    let offset = 0;
    this.slots = specs.map((spec) => {
      const slot = { spec, offset, length: sizeOf(spec.shape) };
      offset += Math.ceil(slot.length / alignFloats) * alignFloats;
      return slot;
    });
    this.regionLength = offset;
    const pages = Math.ceil((padBytes + offset * 4 * regionNames.length) / pageBytes);
    if (pages > maxPages) {
      throw new UserError(
        `the model has ${Math.round(offset / 1e6)} million parameters, but at most 268 million can be trained; choose a smaller config`,
      );
    }
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.#views = {
      parameters: this.#viewsOf('parameters'),
      gradients: this.#viewsOf('gradients'),
      first: this.#viewsOf('first'),
      second: this.#viewsOf('second'),
    };
  }

  /** By parameter name, tensors that are views: the runtime reads them in place, an update shows at once. */
  tensors(region: Region): ReadonlyMap<string, FloatTensor> {
    return this.#views[region];
  }

  /** A whole region as one array. */
  whole(region: Region): Float32Array<ArrayBuffer> {
    return new Float32Array(this.memory.buffer, this.address(region), this.regionLength);
  }

  /** The byte address of a region, for the kernel. */
  address(region: Region): number {
    return padBytes + regionNames.indexOf(region) * this.regionLength * 4;
  }

  /** Draws the parameters in the order of their specs, so one seed gives one model. */
  initialize(random: Random): void {
    for (const { spec } of this.slots) {
      const { data } = this.tensors('parameters').get(spec.name)!;
      const how = spec.initialization;
      if (how.kind === 'constant') data.fill(how.value);
      else for (let i = 0; i < data.length; i++) data[i] = how.standardDeviation * random.nextNormal();
    }
  }

  #viewsOf(region: Region): ReadonlyMap<string, FloatTensor> {
    const start = this.address(region);
    return new Map(
      this.slots.map(({ spec, offset, length }) => [
        spec.name,
        float32(new Float32Array(this.memory.buffer, start + offset * 4, length), spec.shape),
      ]),
    );
  }
}
