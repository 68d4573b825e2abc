// From the text around the cursor to the symbols the model is asked with. Two aims: fit a budget whatever the document's size,
// so only a bounded window is ever encoded, and change as little as possible from one keystroke to the next:
//
//   document   start, path, P..., L...                      L, the begun line, ends before the symbols that are healed
//   infill     start, path, suffix, S..., prefix, P..., middle, L...
//
// S does not change while one types before it. P begins at a line start behind a multiple of a quantum of the document's
// offset, so it moves once in many lines and not with each character. The hole begins where the line does, as many did in
// training, not at the cursor: the model then goes on from the symbols before it without a mark in between. Of 80 lines that a
// small model had seen (a million symbols of training) it gave 35 so, and 14 with the mark at the cursor.
import { canInfill, documentSymbols, headerSymbols, infillSymbols } from '../codecs/layout.ts';
import type { TextCodec } from '../codecs/text.ts';
import { dropTyped } from './healing.ts';
import { isBlank } from './lines.ts';

export interface PromptSource {
  /** Relative to the workspace, with forward slashes; '' for none. */
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

export interface Prompt {
  /** The start symbol first. */
  readonly symbols: Int32Array;
  /** Bytes the model makes again before it goes on. */
  readonly typed: Uint8Array;
  readonly layout: 'document' | 'infill';
}

const maxPathLength = 160;
const suffixShare = 0.25;
/** The window of text that is encoded holds no more than this per symbol of the budget. */
const maxCharactersPerSymbol = 5;
/** The window's start moves by this share of it. */
const quantumShare = 1 / 8;
/** A longer line is cut: at most twice as much of it comes after the mark. */
const maxLineSymbols = 64;
const lineFeed = 0x0a;
/** Of the brackets and quotes that an editor closes. */
const maxClosed = 64;
/** Marks of the layout: suffix, prefix, middle. */
const numMarks = 3;

/** `budget`: the most symbols that the prompt may have, dropped ones included. */
export function buildPrompt(codec: TextCodec, { path, before, after }: PromptSource, budget: number): Prompt {
  const shownPath = path === '' ? undefined : path.slice(-maxPathLength);
  const header = headerSymbols(codec, shownPath);
  // A context too small for its path goes without.
  const usedPath = header.length <= budget / 4 ? shownPath : undefined;
  const room = Math.max(0, budget - numMarks - (usedPath === undefined ? 1 : header.length));
  const suffixRoom = Math.floor(room * suffixShare);
  const infill = canInfill(codec) && suffixRoom > 0 && !isBlank(after.slice(0, suffixRoom * maxCharactersPerSymbol));
  const suffix = infill ? suffixSymbols(codec, after, suffixRoom) : new Int32Array(0);
  const { symbols: prefix, typed } = dropTyped(codec, prefixSymbols(codec, before, room - suffix.length));
  if (!infill) {
    const symbols = documentSymbols(codec, { path: usedPath, text: prefix, ended: false });
    return { symbols, typed, layout: 'document' };
  }
  const begun = lineBegin(codec, prefix);
  const head = infillSymbols(codec, { path: usedPath, prefix: prefix.subarray(0, begun), suffix });
  const symbols = new Int32Array(head.length + prefix.length - begun);
  symbols.set(head);
  symbols.set(prefix.subarray(begun), head.length);
  return { symbols, typed, layout: 'infill' };
}

/**
 * What copies are made from at that place: what follows the cursor, then what stands before it up to where the prompt ends; between them the
 * start symbol, which is never copied. No path and no other marks, so that nothing else is. `budget`: the most symbols.
 */
export function copiedSymbols(
  codec: TextCodec,
  { before, after }: Omit<PromptSource, 'path'>,
  budget: number,
): Int32Array {
  const suffix = suffixSymbols(codec, after, Math.floor(budget * suffixShare));
  const { symbols: prefix } = dropTyped(codec, prefixSymbols(codec, before, budget - suffix.length - 1));
  if (suffix.length === 0) return prefix;
  const symbols = new Int32Array(suffix.length + 1 + prefix.length);
  symbols.set(suffix);
  symbols[suffix.length] = codec.specials.start;
  symbols.set(prefix, suffix.length + 1);
  return symbols;
}

/** The last symbol with a line feed, which begins the last line; in a long line a place that does not move with each symbol. */
function lineBegin(codec: TextCodec, symbols: Int32Array): number {
  const farthest = Math.max(0, Math.floor(symbols.length / maxLineSymbols) - 1) * maxLineSymbols;
  for (let at = symbols.length - 1; at > farthest; at--) {
    if (codec.symbolBytes(symbols[at]!).includes(lineFeed)) return at;
  }
  return farthest;
}

/**
 * What follows without the brackets and quotes that an editor closes by itself, where the rest of the line has nothing else. They come
 * and go with the typing, and each time all of the prompt would be another; the hole then ends with the line, as most did in training.
 * What the model says of them again is for the review to see to.
 */
export function behindClosed(after: string): string {
  const [closed = ''] = /^[)\]}"'`;,\t ]*/.exec(after.slice(0, maxClosed)) ?? [];
  return /^\r?\n|^$/.test(after.slice(closed.length, closed.length + 2)) ? after.slice(closed.length) : after;
}

/** How many symbols it takes to say what one of the default model's says, which is 3.3 bytes of source code. */
export function shortnessOf({ kind }: TextCodec): number {
  return kind === 'bpe' ? 1 : 3.3;
}

function suffixSymbols(codec: TextCodec, after: string, room: number): Int32Array {
  const end = characterBoundary(after, Math.min(after.length, room * maxCharactersPerSymbol));
  const symbols = codec.encodeText(toLineFeeds(after.slice(0, end)));
  // The last symbol of a cut text may be a stump.
  const whole = end < after.length ? symbols.subarray(0, -1) : symbols;
  return whole.subarray(0, room);
}

function prefixSymbols(codec: TextCodec, before: string, room: number): Int32Array {
  const maxLength = room * maxCharactersPerSymbol;
  const quantum = Math.max(1, Math.floor(maxLength * quantumShare));
  let step = Math.max(0, Math.ceil((before.length - maxLength) / quantum));
  for (;;) {
    const from = windowBegin(before, step * quantum, quantum);
    const symbols = codec.encodeText(toLineFeeds(before.slice(from)));
    const excess = symbols.length - room;
    if (excess <= 0) return symbols;
    const dropped = codec.decodeText(symbols.subarray(0, excess)).length;
    step = Math.max(step + 1, Math.ceil((from + dropped) / quantum));
  }
}

/** The first line start at or after an offset; the offset itself where the next line is far. */
function windowBegin(text: string, offset: number, maxSearch: number): number {
  if (offset === 0 || offset >= text.length) return Math.min(offset, text.length);
  const distance = text.slice(offset - 1, offset + maxSearch).indexOf('\n');
  return distance < 0 ? characterBoundary(text, offset) : offset + distance;
}

/** Moves an offset that would split a surrogate pair behind it. */
function characterBoundary(text: string, offset: number): number {
  const isInside = /[\uDC00-\uDFFF]/.test(text.charAt(offset)) && /[\uD800-\uDBFF]/.test(text.charAt(offset - 1));
  return isInside ? offset + 1 : offset;
}

export function toLineFeeds(text: string): string {
  return text.includes('\r') ? text.replaceAll('\r\n', '\n') : text;
}
