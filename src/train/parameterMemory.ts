// One WebAssembly memory for all that an optimizer touches, so that a SIMD kernel updates it and the runtime reads it in place:
//
//   | pad | parameters ........ | gradients ......... | first moments ..... | second moments .... | scratch, if any ... |
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
  readonly #scratch: readonly ReadonlyMap<string, FloatTensor>[];

  /**
   * `numScratch`: further regions for gradients, to be added to others.
   * @throws UserError when so many copies of the parameters exceed what one memory can address.
   */
  constructor(specs: readonly ParameterSpec[], numScratch = 0) {
    let offset = 0;
    this.slots = specs.map((spec) => {
      const slot = { spec, offset, length: sizeOf(spec.shape) };
      offset += Math.ceil(slot.length / alignFloats) * alignFloats;
      return slot;
    });
    this.regionLength = offset;
    const numRegions = regionNames.length + numScratch;
    const pages = Math.ceil((padBytes + offset * 4 * numRegions) / pageBytes);
    if (pages > maxPages) {
      const most = Math.floor((maxPages * pageBytes) / 4 / numRegions / 1e6);
      throw new UserError(
        `the model has ${Math.round(offset / 1e6)} million parameters, but at most ${most} million can be trained; choose a smaller config`,
      );
    }
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.#views = {
      parameters: this.#viewsAt(this.address('parameters')),
      gradients: this.#viewsAt(this.address('gradients')),
      first: this.#viewsAt(this.address('first')),
      second: this.#viewsAt(this.address('second')),
    };
    this.#scratch = Array.from({ length: numScratch }, (_, index) => this.#viewsAt(this.scratchAddress(index)));
  }

  /** By parameter name, tensors that are views: the runtime reads them in place, an update shows at once. */
  tensors(region: Region): ReadonlyMap<string, FloatTensor> {
    return this.#views[region];
  }

  get numScratch(): number {
    return this.#scratch.length;
  }

  /** As `tensors`, of a scratch region. */
  scratch(index: number): ReadonlyMap<string, FloatTensor> {
    return this.#scratch[index]!;
  }

  scratchAddress(index: number): number {
    return padBytes + (regionNames.length + index) * this.regionLength * 4;
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

  #viewsAt(start: number): ReadonlyMap<string, FloatTensor> {
    return new Map(
      this.slots.map(({ spec, offset, length }) => [
        spec.name,
        float32(new Float32Array(this.memory.buffer, start + offset * 4, length), spec.shape),
      ]),
    );
  }
}
