// Arithmetic coding: a message becomes one number of [0, 1), written with as few bytes as tell it from the numbers of other messages. A range
// coder with carry (G. Martin, "Range encoding", 1979) whose intervals are cut as Witten, Neal and Cleary cut them (CACM 30(6), 1987):
//
//   bytes that are out | low, 96 bits     the message lies in [low, low + range), and 2^88 <= range <= 2^96
//                                         a symbol keeps [floor(range * c / total), floor(range * (c + f) / total)) of it
//
// Products have 149 bits, so numbers are of arbitrary length: some 1 us for each symbol, beside a step of the model. What cutting down to
// whole numbers costs is at most total / (f * 2^88) of a symbol's interval: with f / total >= 2^-24 less than 2^-63 bits.

const windowBits = 96n;
const windowEnd = 1n << windowBits;
const shortest = 1n << 88n;
const rest = shortest - 1n;
const windowBytes = 12;
/** Of frequencies: sums and differences of them are exact, and no interval is empty. */
const mostTotal = 2 ** 52;

export class ArithmeticEncoder {
  #low = 0n;
  #range = windowEnd;
  #bytes = new Uint8Array(256);
  #length = 0;

  /** A symbol that has `frequency` of `total`, behind others that have `cumulative` together. */
  encode(cumulative: number, frequency: number, total: number): void {
    checkInterval(cumulative, frequency, total);
    const begin = share(this.#range, cumulative, total);
    this.#range = share(this.#range, cumulative + frequency, total) - begin;
    this.#raise(this.#low + begin);
    while (this.#range < shortest) {
      this.#push(Number(this.#low >> 88n));
      this.#low = (this.#low & rest) << 8n;
      this.#range <<= 8n;
    }
  }

  /** The bytes: at most one more than the bits of the message fill. Zeros at the end are left out, the decoder reads them anyway. */
  finish(): Uint8Array {
    const end = this.#low + this.#range;
    // The roundest number of the interval; a step of 2^80 always meets it, since no range is smaller.
    for (let step = windowEnd; ; step >>= 8n) {
      const value = ((this.#low + step - 1n) / step) * step;
      if (value >= end) continue;
      this.#raise(value);
      break;
    }
    for (; this.#low > 0n; this.#low = (this.#low & rest) << 8n) this.#push(Number(this.#low >> 88n));
    while (this.#length > 0 && this.#bytes[this.#length - 1] === 0) this.#length -= 1;
    return this.#bytes.slice(0, this.#length);
  }

  /** What overflows is carried into the bytes that are out: a run of 255 takes it once, and then is a run of 0. */
  #raise(low: bigint): void {
    this.#low = low & (windowEnd - 1n);
    if (low < windowEnd) return;
    let at = this.#length - 1;
    while (this.#bytes[at] === 255) this.#bytes[at--] = 0;
    this.#bytes[at]! += 1;
  }

  #push(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const longer = new Uint8Array(2 * this.#length);
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    this.#bytes[this.#length++] = byte;
  }
}

/** Any bytes decode to something: whoever asks knows when to end, and whether it was right. */
export class ArithmeticDecoder {
  readonly #bytes: Uint8Array;
  #at = 0;
  /** How far the number lies above the begin of the interval. */
  #code = 0n;
  #range = windowEnd;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    for (let i = 0; i < windowBytes; i++) this.#read();
  }

  /** Below `total`; the next symbol is the one with cumulative <= target < cumulative + frequency. */
  target(total: number): number {
    // The largest t with floor(range * t / total) <= code, which is range * t < (code + 1) * total.
    return Number(((this.#code + 1n) * BigInt(total) - 1n) / this.#range);
  }

  /** The same numbers that the encoder was given. */
  take(cumulative: number, frequency: number, total: number): void {
    checkInterval(cumulative, frequency, total);
    const begin = share(this.#range, cumulative, total);
    this.#range = share(this.#range, cumulative + frequency, total) - begin;
    this.#code -= begin;
    while (this.#range < shortest) {
      this.#read();
      this.#range <<= 8n;
    }
  }

  #read(): void {
    this.#code = (this.#code << 8n) | BigInt(this.#bytes[this.#at] ?? 0);
    this.#at += 1;
  }
}

function share(range: bigint, count: number, total: number): bigint {
  return (range * BigInt(count)) / BigInt(total);
}

function checkInterval(cumulative: number, frequency: number, total: number): void {
  if (cumulative >= 0 && frequency >= 1 && cumulative + frequency <= total && total <= mostTotal) return;
  throw new RangeError(
    `arithmetic coding: expected an interval within [0, ${total}), at most 2^52, got ${frequency} behind ${cumulative}`,
  );
}
