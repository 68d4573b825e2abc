// A binary heap of (count, pair), the largest count first and the smallest pair among equals, so that ties are decided the
// same way on every machine. Entries are never changed: the trainer compares a popped count with the live one.

export class PairHeap {
  #counts: number[] = [];
  #pairs: number[] = [];

  get size(): number {
    return this.#counts.length;
  }

  push(count: number, pair: number): void {
    let at = this.#counts.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isAfter(parent, count, pair)) break;
      this.#counts[at] = this.#counts[parent]!;
      this.#pairs[at] = this.#pairs[parent]!;
      at = parent;
    }
    this.#counts[at] = count;
    this.#pairs[at] = pair;
  }

  pop(): { count: number; pair: number } | undefined {
    const count = this.#counts[0];
    const pair = this.#pairs[0];
    if (count === undefined || pair === undefined) return undefined;
    const lastCount = this.#counts.pop()!;
    const lastPair = this.#pairs.pop()!;
    if (this.#counts.length > 0) this.#sink(lastCount, lastPair);
    return { count, pair };
  }

  #sink(count: number, pair: number): void {
    const { length } = this.#counts;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && this.#isAfter(child, this.#counts[child + 1]!, this.#pairs[child + 1]!)) child += 1;
      if (this.#isAfter(child, count, pair)) break;
      this.#counts[at] = this.#counts[child]!;
      this.#pairs[at] = this.#pairs[child]!;
      at = child;
    }
    this.#counts[at] = count;
    this.#pairs[at] = pair;
  }

  /** Whether the entry at a place comes after (count, pair). */
  #isAfter(at: number, count: number, pair: number): boolean {
    const other = this.#counts[at]!;
    return other === count ? this.#pairs[at]! > pair : other < count;
  }
}
