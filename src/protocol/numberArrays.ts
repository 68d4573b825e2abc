// Arrays of numbers in messages, as binary: both wires carry typed arrays as they are. One of another type, or longer than said, or with
// what is no number in it, is refused where it enters.
import type { JsonObject } from '../base/json.ts';

/** Numbers in one message; longer arrays go in pieces. */
export const pieceLength = 16_384;

/** Infinity is a number here: what a model holds for impossible has it. */
export function floatsOf(message: JsonObject, name: string, most: number = pieceLength): Float32Array {
  const value = message.raw(name);
  if (!(value instanceof Float32Array) || value.length > most) {
    throw message.problem(name, `a Float32Array of at most ${most} numbers`);
  }
  for (const one of value) if (Number.isNaN(one)) throw message.problem(name, 'numbers only');
  return value;
}

/** Not below 0. */
export function countsOf(message: JsonObject, name: string, most: number = pieceLength): Int32Array {
  const value = message.raw(name);
  if (!(value instanceof Int32Array) || value.length > most) {
    throw message.problem(name, `an Int32Array of at most ${most} numbers`);
  }
  for (const one of value) if (one < 0) throw message.problem(name, 'numbers >= 0 only');
  return value;
}

export function bytesOf(message: JsonObject, name: string, most: number): Uint8Array {
  const value = message.raw(name);
  if (!(value instanceof Uint8Array) || value.length > most) {
    throw message.problem(name, `a Uint8Array of at most ${most} bytes`);
  }
  return value;
}

/** A piece of what one model makes of a text: of tokens from `first` on. */
export function readTokenPiece(m: JsonObject) {
  const piece = {
    first: m.integer('first', { min: 0 }),
    /** Where each token begins, in UTF-16 units. */
    starts: countsOf(m, 'starts'),
    /** Surprisal and expected surprisal, in bits. */
    bits: floatsOf(m, 'bits'),
    entropy: floatsOf(m, 'entropy'),
    /** How many symbols were likelier. */
    rank: countsOf(m, 'rank'),
  };
  for (const name of ['bits', 'entropy', 'rank'] as const) {
    if (piece[name].length !== piece.starts.length) throw m.problem(name, `${piece.starts.length} numbers`);
  }
  return piece;
}
