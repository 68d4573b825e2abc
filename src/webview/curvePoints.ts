// The points of a curve as a page holds them: pieces come and take their places, in buffers that grow.
import type { CurvePoints } from '../protocol/webviewMessages.ts';

export class CurveBuffer {
  #steps = new Float64Array(1024);
  #values = new Float64Array(1024);
  #length = 0;

  /** What there was from that index on is replaced. False when points before it are missing. */
  take(from: number, { steps, values }: CurvePoints): boolean {
    if (from > this.#length) return false;
    const length = from + steps.length;
    if (length > this.#steps.length) {
      this.#steps = grown(this.#steps, length);
      this.#values = grown(this.#values, length);
    }
    this.#steps.set(steps, from);
    this.#values.set(values, from);
    this.#length = length;
    return true;
  }

  get length(): number {
    return this.#length;
  }

  /** Valid until the next piece. */
  line(scale = 1): { readonly xs: Float64Array; readonly ys: Float64Array } {
    const ys = this.#values.subarray(0, this.#length);
    return { xs: this.#steps.subarray(0, this.#length), ys: scale === 1 ? ys : ys.map((value) => value * scale) };
  }
}

function grown(buffer: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(Math.max(length, 2 * buffer.length));
  larger.set(buffer);
  return larger;
}
