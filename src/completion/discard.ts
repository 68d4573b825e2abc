// What of a suggestion is worth showing: a prefix of it, or nothing and why. A suggestion never repeats what already follows
// the cursor. Only the end is ever cut, so the probability of what is left stays that of its symbols.
import {
  type Indentation,
  indentColumns,
  isBlank,
  isWord,
  lineAfter,
  lineBefore,
  nextLine,
  openerOf,
} from './lines.ts';

export type DropReason = 'blank' | 'notText' | 'repetition' | 'alreadyThere' | 'improbable';

export type Review =
  | { readonly kind: 'keep'; readonly length: number }
  | { readonly kind: 'drop'; readonly reason: DropReason };

export interface ReviewContext {
  readonly before: string;
  readonly after: string;
  readonly indentation: Indentation;
}

export function review(text: string, context: ReviewContext): Review {
  const readable = cutControls(text);
  if (isBlank(readable)) return { kind: 'drop', reason: readable === text ? 'blank' : 'notText' };
  if (isDegenerate(readable)) return { kind: 'drop', reason: 'repetition' };
  const restOfLine = lineAfter(context.after);
  let kept = trimmed(cutAtNextLine(cutAtCloser(readable, context), context), restOfLine);
  // What is left may end in the same way again.
  for (let length = -1; kept.length !== length; ) {
    length = kept.length;
    kept = trimmed(cutAtRestOfLine(kept, restOfLine), restOfLine);
  }
  if (isBlank(kept)) return { kind: 'drop', reason: 'alreadyThere' };
  return { kind: 'keep', length: kept.length };
}

/** Up to the first character that no source text holds. */
function cutControls(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x7f || code === 0xfffd || (code < 0x20 && code !== 0x09 && code !== 0x0a)) return text.slice(0, i);
  }
  return text;
}

const maxPeriod = 60;
const minRepeats = 4;
const minRepeatedLength = 24;
const minRepeatedShare = 0.6;

/** Whether the text ended in a loop: a unit with a word in it, over and over, or three equal lines. Rulers are no loops. */
export function isDegenerate(text: string): boolean {
  for (let period = 1; period <= Math.min(maxPeriod, text.length / minRepeats); period++) {
    let from = text.length - period;
    while (from > 0 && text[from - 1] === text[from - 1 + period]) from -= 1;
    const length = text.length - from;
    const loops =
      length >= minRepeatedLength && length >= minRepeats * period && length >= minRepeatedShare * text.length;
    if (loops && hasWord(text.slice(-period))) return true;
  }
  const lines = text.split('\n');
  return lines.some((line, i) => hasWord(line) && line === lines[i + 1] && line === lines[i + 2]);
}

/** Cuts where the text says what stands in the line already: all of it, or at its end the beginning of it. */
function cutAtRestOfLine(text: string, restOfLine: string): string {
  const rest = restOfLine.trim();
  // How many closing brackets belong here is counted elsewhere.
  if (rest === '' || openerOf[rest.charAt(0)] !== undefined) return text;
  const lastLine = text.lastIndexOf('\n') + 1;
  const whole = text.lastIndexOf(rest);
  // Nothing but closing marks may come after it: `x);` before `)` is `x`.
  if (whole >= lastLine && /^[\s)\]}'"`;,]*$/.test(text.slice(whole + rest.length)) && !splitsWord(text, whole, rest)) {
    return text.slice(0, whole);
  }
  for (let length = Math.min(rest.length - 1, text.length - lastLine); length > 0; length--) {
    const at = text.length - length;
    if (!text.endsWith(rest.slice(0, length))) continue;
    const isMarks = !hasWord(rest.slice(0, length));
    if (isMarks || (length >= 3 && !splitsWord(text, at, rest))) return text.slice(0, at);
  }
  return text;
}

/** Cuts at a closing bracket that nothing in the text opens and that stands after the cursor already. */
function cutAtCloser(text: string, { before, after, indentation }: ReviewContext): string {
  const head = after.trimStart();
  const closer = head.charAt(0);
  const opener = openerOf[closer];
  if (opener === undefined) return text;
  const atLineEnd = isBlank(lineAfter(after));
  const headColumns = indentColumns(nextLine(after) ?? '', indentation.tabSize);
  let allowed = count(lineBefore(before), opener) - count(lineBefore(before), closer);
  for (const character of head) {
    if (character === closer) allowed -= 1;
    else if (!/[\s)\]}]/.test(character)) break;
  }
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    i = skipString(text, i);
    const character = text.charAt(i);
    if (character === opener) depth += 1;
    if (character !== closer) continue;
    if (depth > 0) {
      depth -= 1;
      continue;
    }
    const lineStart = text.lastIndexOf('\n', i) + 1;
    const leadsLine = lineStart > 0 && isBlank(text.slice(lineStart, i));
    if (leadsLine && atLineEnd) {
      // Both begin their lines: brackets of one block close in one column.
      if (indentColumns(text.slice(lineStart), indentation.tabSize) === headColumns) return text.slice(0, i);
    } else if (allowed <= 0) {
      return text.slice(0, i);
    } else {
      allowed -= 1;
    }
  }
  return text;
}

/** Cuts before the first line that is the next line of the document. */
function cutAtNextLine(text: string, { before, after }: ReviewContext): string {
  const next = nextLine(after);
  if (next === undefined) return text;
  const lines = text.split('\n');
  let at = 0;
  for (const [i, line] of lines.entries()) {
    const whole = i === 0 ? lineBefore(before) + line : line;
    if (!isBlank(line) && areSameLine(whole, next)) return text.slice(0, Math.max(0, at - 1));
    at += line.length + 1;
  }
  return text;
}

/** Lines without a word (`}`, `);`) say where they belong by their indentation alone. */
function areSameLine(a: string, b: string): boolean {
  return hasWord(a) ? a.trim() === b.trim() : a.trimEnd() === b.trimEnd();
}

/** Blanks at the end show nothing, except between the text and what follows it in the line without one. */
function trimmed(text: string, restOfLine: string): string {
  const lastLine = text.slice(text.lastIndexOf('\n') + 1);
  return isBlank(restOfLine.charAt(0)) || isBlank(lastLine) ? text.trimEnd() : text;
}

/** Where a string literal that begins here ends within its line; the place itself where none does. */
function skipString(text: string, at: number): number {
  const quote = text.charAt(at);
  if (quote !== '"' && quote !== "'" && quote !== '`') return at;
  for (let i = at + 1; i < text.length && text.charAt(i) !== '\n'; i++) {
    if (text.charAt(i) === '\\') i += 1;
    else if (text.charAt(i) === quote) return i;
  }
  return at;
}

function splitsWord(text: string, at: number, rest: string): boolean {
  return at > 0 && isWord(text.charAt(at - 1)) && isWord(rest.charAt(0));
}

function hasWord(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}
