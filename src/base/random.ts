// Seeded random numbers: xoshiro128** (Blackman & Vigna 2018, arXiv 1805.01407), seeded by splitmix32. The state is four
// words that a checkpoint can hold, so a resumed run draws what the uninterrupted one would have drawn.

export type RandomState = readonly [number, number, number, number];

export class Random {
  #state: Uint32Array;

  constructor(seed: number | RandomState) {
    this.#state = typeof seed === 'number' ? expandSeed(seed) : Uint32Array.from(seed);
  }

  get state(): RandomState {
    const [a, b, c, d] = this.#state as unknown as [number, number, number, number];
    return [a, b, c, d];
  }

  /** Uniform over the 32-bit unsigned integers. */
  nextUint32(): number {
    const s = this.#state as unknown as [number, number, number, number];
    const result = Math.imul(rotateLeft(Math.imul(s[1], 5), 7), 9) >>> 0;
    const shifted = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotateLeft(s[3], 11);
    return result;
  }

  /** Uniform in [0, 1), 32 bits of it. */
  nextFloat(): number {
    return this.nextUint32() / 2 ** 32;
  }

  /** Uniform integer in [0, limit). */
  nextInteger(limit: number): number {
    return Math.floor(this.nextFloat() * limit);
  }

  /** Normal with mean 0 and variance 1 (Box & Muller 1958); one draw of each pair, so that the state is all there is. */
  nextNormal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.nextFloat()));
    return radius * Math.cos(2 * Math.PI * this.nextFloat());
  }

  /** Fisher-Yates, in place. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.nextInteger(i + 1);
      [items[i], items[j]] = [items[j]!, items[i]!];
    }
    return items;
  }
}

function rotateLeft(x: number, bits: number): number {
  return ((x << bits) | (x >>> (32 - bits))) >>> 0;
}

function expandSeed(seed: number): Uint32Array {
  let x = seed >>> 0;
  return Uint32Array.from({ length: 4 }, () => {
    x = (x + 0x9e3779b9) >>> 0;
    let z = x;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  });
}
