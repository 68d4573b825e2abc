// A text on its way to the scoring process: its hash, and the parts in which it goes, so that neither blocks the extension host for long.
import { createHash } from 'node:crypto';
import { UserError } from '../base/errors.ts';
import { textScoringLimits } from '../protocol/textScoringMessages.ts';
import type { ScorerClient } from './scorerClient.ts';

export interface SentText {
  readonly text: string;
  /** The hash of its content. */
  readonly id: string;
  /** In UTF-8. */
  readonly numBytes: number;
}

/** A part takes some tenths of a millisecond. */
const { partLength, textLength } = textScoringLimits;
const partsAtOnce = 8;

/** @throws UserError when it is longer than what is scored. */
export async function sentText(text: string): Promise<SentText> {
  checkLength(text.length);
  const hash = createHash('sha256');
  let numBytes = 0;
  for (const [i, part] of partsOf(text).entries()) {
    hash.update(part, 'utf16le');
    numBytes += Buffer.byteLength(part);
    if (i % partsAtOnce === partsAtOnce - 1) await nextTurn();
  }
  return { text, id: hash.digest('hex'), numBytes };
}

/** All of it, however often: the process may be another than the last time, and keeps few. */
export async function sendText(scorer: Pick<ScorerClient, 'send'>, { text, id }: SentText): Promise<void> {
  let start = 0;
  for (const [i, part] of partsOf(text).entries()) {
    scorer.send({ kind: 'textPart', textId: id, start, length: text.length, text: part });
    start += part.length;
    if (i % partsAtOnce === partsAtOnce - 1) await nextTurn();
  }
}

/** In UTF-16 units. @throws UserError when it is longer than what is scored. */
export function checkLength(length: number): void {
  if (length <= textLength) return;
  const most = `${textLength / 2 ** 20} MB`;
  throw new UserError(
    `expected a text of at most ${most}, got ${(length / 2 ** 20).toFixed(1)} MB; open a shorter one`,
  );
}

/** At least one; no character is cut in two. */
export function partsOf(text: string): string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length || parts.length === 0; ) {
    let end = Math.min(text.length, at + partLength);
    if (end < text.length && text.charCodeAt(end - 1) >= 0xd800 && text.charCodeAt(end - 1) <= 0xdbff) end--;
    parts.push(text.slice(at, end));
    at = end;
  }
  return parts;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
