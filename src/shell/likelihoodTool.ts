// What an agent gets for a text, a file of the workspace or a unified diff: JSON with sums, lines and the most surprising places, and tokens
// as far as they were asked for.

import { UserError } from '../base/errors.ts';
import { type JsonObject, jsonObject } from '../base/json.ts';
import type { FromScorer } from '../protocol/scorerMessages.ts';
import { type HunkScore, type LineScore, workspaceLimits } from '../protocol/workspaceScoringMessages.ts';
import type { ScorerClient } from './scorerClient.ts';
import { readingPlace } from './workspacePlace.ts';

type Part = Extract<FromScorer, { kind: 'scoredSubmission' }>['parts'][number];

export interface AgentInput {
  readonly type: 'text' | 'file' | 'diff';
  readonly text: string;
  readonly path: string;
  readonly maxTokens: number;
}

const defaultTokens = 200;
/** Of lines and hunks with few bits nobody reads: an answer holds so many of each. */
const toldLines = 200;
const toldPlaces = 10;
const toldHunkLines = 12;

/** @throws UserError naming the field. */
export function readAgentInput(value: unknown): AgentInput {
  const input = jsonObject(value, 'input', 'pass {"text"}, {"path"} or {"diff"}');
  const optional = (name: string, most: number) =>
    input.optional(name, (one) => {
      const text = input.string(one);
      if (text.length > most) throw input.problem(one, `at most ${most} characters; pass a part of it`);
      return text;
    });
  const [text, diff] = [
    optional('text', workspaceLimits.submittedLength),
    optional('diff', workspaceLimits.submittedLength),
  ];
  const path = optional('path', workspaceLimits.pathLength) ?? '';
  const maxTokens =
    input.optional('maxTokens', (name) => input.integer(name, { min: 0, max: workspaceLimits.tokens })) ??
    defaultTokens;
  input.rejectUnknownKeys();
  if (text !== undefined && diff !== undefined) throw given(input, 'both');
  if (diff !== undefined) return { type: 'diff', text: diff, path: '', maxTokens };
  if (text !== undefined) return { type: 'text', text, path, maxTokens };
  if (path === '') throw given(input, 'none of them');
  return { type: 'file', text: '', path, maxTokens };
}

function given(input: JsonObject, what: string): UserError {
  return new UserError(`${input.place.file}: expected "text", "diff" or "path", got ${what}; ${input.place.remedy}`);
}

/** JSON. @throws UserError, CancelledError. */
export async function scoreForAgent(
  value: unknown,
  { scorer, modelPath }: { readonly scorer: Pick<ScorerClient, 'ask'>; readonly modelPath: string },
  signal: AbortSignal,
): Promise<string> {
  const input = readAgentInput(value);
  const place = readingPlace();
  if (input.type === 'file' && !('roots' in place)) throw new UserError(`${input.path} is not read: ${place.reason}`);
  // Without folders that may be read, a diff is scored from what it shows itself.
  const roots = 'roots' in place ? [...place.roots] : [];
  const { parts } = await scorer.ask({ kind: 'scoreSubmission', modelPath, ...input, roots }, 'scoredSubmission', {
    signal,
  });
  return JSON.stringify(agentAnswer(input.type, parts));
}

/** Plain data of bounded size; numbers rounded to what a reader can use, sums exact. */
export function agentAnswer(type: AgentInput['type'], parts: readonly Part[]): object {
  const total = parts.reduce((sum, { added }) => ({ bits: sum.bits + added.bits, bytes: sum.bytes + added.bytes }), {
    bits: 0,
    bytes: 0,
  });
  const units = 'bits = -log2 of the probability that the local model gave; fewer bits: more likely';
  if (type === 'diff') return { units, total: sums(total), files: parts.map(filePart) };
  const [part] = parts;
  if (part === undefined) throw new UserError('nothing was scored');
  const { path, numSymbols, numLines, lines, tokens, places } = part;
  return {
    units,
    ...(path !== '' && { path }),
    ...sums(total),
    numTokens: numSymbols,
    numLines,
    lines: lines.slice(0, toldLines).map(lineOf),
    ...(numLines > toldLines && { linesLeftOut: numLines - toldLines }),
    mostSurprisingLines: places.slice(0, toldPlaces).map(lineOf),
    tokens: tokens.map(({ text, line, bits, rank }) => ({ text, line, bits: rounded(bits), rank })),
    ...(numSymbols > tokens.length && { tokensLeftOut: numSymbols - tokens.length }),
  };
}

const contexts = {
  file: 'the whole file',
  applied: 'the file in the workspace, which has this change',
  notYetApplied: 'the file in the workspace with this change made',
  alone: 'nothing but what the diff shows',
} as const;

function filePart({ path, problem, context, added, removed, hunks, places }: Part): object {
  if (problem !== '') return { path, problem };
  return {
    path,
    given: contexts[context],
    added: sums(added),
    removed: sums(removed),
    mostSurprisingLines: places.slice(0, toldPlaces).map(lineOf),
    hunks: hunks.slice(0, toldLines).map(hunkOf),
    ...(hunks.length > toldLines && { hunksLeftOut: hunks.length - toldLines }),
  };
}

function hunkOf({ oldStart, oldLines, newStart, newLines, added, removed, lines }: HunkScore): object {
  return {
    at: `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    added: sums(added),
    removed: sums(removed),
    lines: lines.slice(0, toldHunkLines).map(({ kind, ...line }) => ({ kind, ...lineOf(line) })),
  };
}

function lineOf({ line, text, bits, bytes }: LineScore) {
  return { line, text: text.slice(0, 200), bits: rounded(bits), bitsPerByte: rounded(bits / bytes) };
}

function sums({ bits, bytes }: { readonly bits: number; readonly bytes: number }) {
  return { bits, bytes, bitsPerByte: bytes > 0 ? bits / bytes : null };
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
