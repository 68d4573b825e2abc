// Near copies, found by their lines. The marks of a file are the hashes of each two lines that follow one another, white space removed
// and lines of fewer than 25 characters passed over: a single line, such as an import, is in many files that are no copies.
// A file is dropped when more than half of its marks are in files kept before, within its repository or in another, or three in
// ten in held-out files; or when its set of lines is that of a kept file.

const MIN_LINE = 25;
const MAX_SHARE_KEPT = 0.5;
const MAX_SHARE_HELD_OUT = 0.3;
/** Fewer marks than this say nothing. */
const MIN_MARKS = 3;

export class NearDuplicates {
  #files = new HashSet();
  #kept = new HashSet();
  #heldOut = new HashSet();

  /** Undefined, and the text is remembered, when it is new enough; else why it is not. */
  refusal(text, { heldOut = false } = {}) {
    const lines = text.split('\n').map((line) => line.replace(/\s+/g, ''));
    const whole = hash([...new Set(lines)].sort().join('\n'));
    if (this.#files.has(whole)) return 'copy';
    const marks = marksOf(lines);
    const share = (seen) => marks.filter((mark) => seen.has(mark)).length / marks.length;
    if (marks.length >= MIN_MARKS) {
      if (!heldOut && share(this.#heldOut) > MAX_SHARE_HELD_OUT) return 'copy of held-out text';
      if (share(heldOut ? this.#heldOut : this.#kept) > MAX_SHARE_KEPT) return 'near copy';
    }
    this.#files.add(whole);
    for (const mark of marks) (heldOut ? this.#heldOut : this.#kept).add(mark);
    return undefined;
  }
}

function marksOf(lines) {
  const hashes = lines.filter((line) => line.length >= MIN_LINE).map(hash);
  return hashes.slice(1).map((second, i) => join(hashes[i], second));
}

/** 53 bits, as a whole number from 1. Two 32-bit hashes in the manner of FNV-1a with different primes. */
function hash(text) {
  let high = 0x811c9dc5;
  let low = 0x9747b28c;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, 0x01000193);
    low = Math.imul(low ^ unit, 0x85ebca6b);
    low ^= low >>> 15;
  }
  return finish(high, low);
}

function join(first, second) {
  const high = Math.imul((first % 2 ** 32) ^ 0x2545f491, 0x01000193) ^ Math.floor(second / 2 ** 21);
  const low = Math.imul((second % 2 ** 32) ^ 0x9e3779b9, 0x85ebca6b) ^ Math.floor(first / 2 ** 21);
  return finish(high, low);
}

function finish(high, low) {
  const mixed = Math.imul(high ^ (high >>> 16), 0xc2b2ae35);
  return 1 + ((mixed ^ (mixed >>> 13)) >>> 0) * 2 ** 20 + ((low ^ (low >>> 16)) >>> 12);
}

/** Of whole numbers from 1: a Set ends at 16.7 million entries, and a gigabyte of code has more marks. Open addressing. */
class HashSet {
  #slots = new Float64Array(1 << 16);
  #size = 0;

  has(value) {
    return this.#slots[this.#slotOf(value)] !== 0;
  }

  add(value) {
    const slot = this.#slotOf(value);
    if (this.#slots[slot] !== 0) return;
    this.#slots[slot] = value;
    if (++this.#size > this.#slots.length * 0.6) this.#grow();
  }

  #slotOf(value) {
    const mask = this.#slots.length - 1;
    let slot = ((value % 2 ** 32) ^ Math.floor(value / 2 ** 20)) & mask;
    while (this.#slots[slot] !== 0 && this.#slots[slot] !== value) slot = (slot + 1) & mask;
    return slot;
  }

  #grow() {
    const old = this.#slots;
    this.#slots = new Float64Array(2 * old.length);
    for (const value of old) if (value !== 0) this.#slots[this.#slotOf(value)] = value;
  }
}
