// Token healing. What was typed may end inside what training saw as one symbol ('\n  ' of '\n    ', 'retu' of 'return'), and a
// model that is shown the stump believes that nothing longer came. So the last typed symbols are dropped and made again,
// under the constraint that the bytes made begin with the bytes typed.
import type { SymbolId } from '../base/model.ts';
import type { SymbolIndex } from '../codecs/layout.ts';
import type { TextCodec } from '../codecs/text.ts';

export interface Healed {
  readonly symbols: Int32Array;
  /** The bytes of the dropped symbols. */
  readonly typed: Uint8Array;
}

/**
 * One symbol is dropped always, more only while they belong to one word, one indentation or one run of punctuation. Of 80 lines
 * begun that a small model had seen it completed 58 so, and 50 with one symbol dropped.
 */
const maxDropped = 4;

/** A codec with a symbol per byte or character has nothing to heal: its symbols never reach beyond what was typed. */
export function dropTyped(codec: TextCodec, symbols: Int32Array): Healed {
  if (codec.kind !== 'bpe' || symbols.length === 0) return { symbols, typed: new Uint8Array(0) };
  let kept = symbols.length - 1;
  while (kept > 0 && symbols.length - kept < maxDropped && areOnePiece(codec, symbols[kept - 1]!, symbols[kept]!)) {
    kept -= 1;
  }
  return { symbols: symbols.subarray(0, kept), typed: codec.decode(symbols.subarray(kept)) };
}

/** Whether both may lie in one pretoken, judged by the bytes that meet. */
function areOnePiece(codec: TextCodec, left: SymbolId, right: SymbolId): boolean {
  const leftBytes = codec.symbolBytes(left);
  const [first, second] = codec.symbolBytes(right);
  const last = leftBytes.at(-1);
  if (first === undefined || last === undefined) return false;
  const kind = classOf(first);
  const lastKind = classOf(last);
  if (kind === 'letter') {
    // A word takes the character before it along, ' word' or '.word', and ends at a hump.
    if (lastKind === 'letter') return isUpper(last) || !isUpper(first);
    return lastKind !== 'digit' && leftBytes.length === 1;
  }
  const beginsWord = second !== undefined && classOf(second) === 'letter';
  return kind !== 'digit' && kind === lastKind && !beginsWord;
}

type ByteClass = 'blank' | 'digit' | 'letter' | 'mark';

/** What lies beyond ASCII is mostly letters. */
function classOf(byte: number): ByteClass {
  if (byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d) return 'blank';
  if (byte >= 0x30 && byte <= 0x39) return 'digit';
  return isUpper(byte) || (byte >= 0x61 && byte <= 0x7a) || byte >= 0x80 ? 'letter' : 'mark';
}

function isUpper(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

/** What is left to be made of the typed bytes; `allowed` is undefined once they are all there. */
export class TypedConstraint {
  readonly #index: SymbolIndex;
  readonly #codec: TextCodec;
  #left: Uint8Array;

  constructor(codec: TextCodec, index: SymbolIndex, typed: Uint8Array) {
    this.#codec = codec;
    this.#index = index;
    this.#left = typed;
  }

  get allowed(): Int32Array | undefined {
    if (this.#left.length === 0) return undefined;
    const whole = this.#index.startingWith(this.#left);
    const parts = this.#index.properPrefixesOf(this.#left);
    const allowed = new Int32Array(whole.length + parts.length);
    allowed.set(whole);
    allowed.set(parts, whole.length);
    return allowed;
  }

  /** Whether nothing of what was typed is left to be made after this symbol, which is allowed. Special symbols make nothing. */
  isMetBy(symbol: SymbolId): boolean {
    return this.#codec.symbolBytes(symbol).length >= Math.max(1, this.#left.length);
  }

  /** Takes note of a symbol that was allowed; how many of its bytes were typed. */
  accept(symbol: SymbolId): number {
    const typed = Math.min(this.#left.length, this.#codec.symbolBytes(symbol).length);
    this.#left = this.#left.subarray(typed);
    return typed;
  }
}
