// From the text around the cursor to the symbols the model is asked with. Two aims: fit a budget whatever the document's size,
// so only a bounded window is ever encoded, and change as little as possible from one keystroke to the next:
//
//   document   start, path, P...                       P ends before the symbols that are healed
//   infill     start, path, suffix, S..., prefix, P..., middle
//
// S does not change while one types before it. P begins at a line start behind a multiple of a quantum of the document's
// offset, so it moves once in many lines and not with each character.
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
  return infill
    ? { symbols: infillSymbols(codec, { path: usedPath, prefix, suffix }), typed, layout: 'infill' }
    : { symbols: documentSymbols(codec, { path: usedPath, text: prefix, ended: false }), typed, layout: 'document' };
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
  const lineFeed = text.slice(offset - 1, offset + maxSearch).indexOf('\n');
  return lineFeed < 0 ? characterBoundary(text, offset) : offset + lineFeed;
}

/** Moves an offset that would split a surrogate pair behind it. */
function characterBoundary(text: string, offset: number): number {
  const isInside = /[\uDC00-\uDFFF]/.test(text.charAt(offset)) && /[\uD800-\uDBFF]/.test(text.charAt(offset - 1));
  return isInside ? offset + 1 : offset;
}

export function toLineFeeds(text: string): string {
  return text.includes('\r') ? text.replaceAll('\r\n', '\n') : text;
}
