// What an agent hands in to be scored: a text, a file of the workspace, or a unified diff, whose hunks are given as much of their file as
// there is. Of the workspace no file is read that training would not read: none outside of it, ignored, or holding secrets.
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../base/errors.ts';
import { isSecretPath } from '../base/secretPaths.ts';
import { utf8 } from '../codecs/text.ts';
import type { TextModel } from '../engine/loadModel.ts';
import { decodeText } from '../files/decode.ts';
import { nodeFileSystem } from '../files/fileSystem.ts';
import { isIgnored, rulesAbove, rulesFromGlobs, rulesInFolder } from '../files/ignoreRules.ts';
import type { SourceRoot } from '../files/roots.ts';
import { findSecret } from '../files/secrets.ts';
import type { SurprisalOptions } from '../likelihood/bits.ts';
import { type ScoredText, scoreText } from '../likelihood/byteBits.ts';
import { scoreHunks } from '../likelihood/changes.ts';
import { linesOf } from '../likelihood/lineDiff.ts';
import { placeDiff } from '../likelihood/placeDiff.ts';
import { type DiffFile, parseUnifiedDiff } from '../likelihood/unifiedDiff.ts';
import type { FromScorer, ToScorer } from '../protocol/scorerMessages.ts';
import { type LineScore, workspaceLimits } from '../protocol/workspaceScoringMessages.ts';
import { hunkRow, lineText, told } from './hunkRows.ts';

type Question = Extract<ToScorer, { kind: 'scoreSubmission' }>;
export type SubmissionPart = Extract<FromScorer, { kind: 'scoredSubmission' }>['parts'][number];
type Options = Pick<SurprisalOptions, 'signal' | 'turn'>;

const secretByName = 'it may hold secrets by its name, and is not read';
const nothing = { bytes: 0, bits: 0 };
const emptyPart = {
  ...{ problem: '', context: 'file' as const, added: nothing, removed: nothing, numSymbols: 0, numLines: 0 },
  ...{ hunks: [], lines: [], tokens: [], places: [] },
};

/** @throws UserError for what cannot be scored at all. @throws CancelledError */
export async function scoreSubmission(
  model: Pick<TextModel, 'model' | 'codec'>,
  { type, text, path: name, roots, maxTokens }: Question,
  options: Options,
): Promise<SubmissionPart[]> {
  if (type === 'text' && isSecretPath(name)) throw new UserError(`${name}: ${secretByName}`);
  if (type === 'text') return [await wholePart(model, name, text, maxTokens, options)];
  if (type === 'file') {
    const found = await readAllowed(roots, name);
    if (found.text === undefined) throw new UserError(`${name}: ${found.problem}`);
    return [await wholePart(model, name, found.text, maxTokens, options)];
  }
  const files = parseUnifiedDiff(text);
  if (files.length > workspaceLimits.submittedFiles) {
    throw new UserError(
      `expected a diff of at most ${workspaceLimits.submittedFiles} files, got ${files.length}; pass a part of it`,
    );
  }
  const parts: SubmissionPart[] = [];
  for (const file of files) parts.push(await diffPart(model, file, roots, options));
  return parts;
}

async function wholePart(
  model: Pick<TextModel, 'model' | 'codec'>,
  name: string,
  text: string,
  maxTokens: number,
  options: Options,
): Promise<SubmissionPart> {
  const bytes = utf8(text);
  const scored = await scoreText(model, bytes, { ...options, rank: true });
  const lines = linesOf(bytes).map(
    (range, index): LineScore => ({
      line: index + 1,
      text: lineText(bytes.subarray(range.from, range.to)),
      bytes: range.to - range.from,
      bits: told(scored.byteBits.between(range)),
    }),
  );
  return {
    ...emptyPart,
    path: name,
    added: { bytes: bytes.length, bits: told(scored.byteBits.total) },
    numSymbols: scored.symbols.length,
    lines: lines.slice(0, workspaceLimits.submittedLines),
    numLines: lines.length,
    tokens: tokensOf(scored, model, bytes, maxTokens),
    places: mostSurprising(lines),
  };
}

function tokensOf(
  { symbols, starts, surprisal, rank }: ScoredText,
  { codec }: Pick<TextModel, 'codec'>,
  bytes: Uint8Array,
  most: number,
): SubmissionPart['tokens'] {
  let [line, read] = [1, 0];
  return Array.from(symbols.subarray(0, most), (symbol, index) => {
    for (; read < starts[index]!; read++) if (bytes[read] === 0x0a) line += 1;
    const text = Buffer.from(codec.symbolBytes(symbol)).toString('utf8').slice(0, workspaceLimits.tokenLength);
    return {
      text: symbol === codec.specials.end ? '<end>' : text,
      line,
      bits: told(surprisal[index]! / Math.LN2),
      rank: (rank?.[index] ?? 0) + 1,
    };
  });
}

/** Lines, the one with the most bits first. */
function mostSurprising(lines: readonly LineScore[]): LineScore[] {
  return lines.toSorted((a, b) => b.bits - a.bits).slice(0, workspaceLimits.places);
}

async function diffPart(
  model: Pick<TextModel, 'model' | 'codec'>,
  file: DiffFile,
  roots: readonly SourceRoot[],
  options: Options,
): Promise<SubmissionPart> {
  const name = (file.newPath ?? file.oldPath ?? '').slice(0, workspaceLimits.pathLength);
  const part = { ...emptyPart, path: name, context: 'alone' as const };
  if (file.binary) return { ...part, problem: 'it is binary, which no text model reads' };
  // A file that was renamed shows lines of what it was.
  if (isSecretPath(name) || isSecretPath(file.oldPath ?? '')) return { ...part, problem: secretByName };
  // A rename that is not made yet has its text under the old name.
  const names = [file.newPath, file.oldPath].filter((one) => one !== null && one !== '');
  let content: string | undefined;
  for (const one of new Set(names)) content ??= (await readAllowed(roots, one!)).text;
  const placed = placeDiff(file, content);
  const sides = {
    old: placed.old === null ? null : utf8(placed.old),
    now: placed.now === null ? null : utf8(placed.now),
  };
  const hunks = await scoreHunks(model, sides, placed.hunks.slice(0, workspaceLimits.hunks), options);
  const rows = hunks.map((hunk) => hunkRow(hunk, sides));
  const sum = (side: 'added' | 'removed') =>
    rows.reduce(
      (total, hunk) => ({ bytes: total.bytes + hunk[side].bytes, bits: total.bits + hunk[side].bits }),
      nothing,
    );
  const added = hunks.flatMap(({ lines }) => lines).filter(({ kind }) => kind === 'added');
  const shown = added.map(({ line, range, bits }) => ({
    line,
    bits: told(bits),
    bytes: range.to - range.from,
    text: lineText(sides.now!.subarray(range.from, range.to)),
  }));
  return {
    ...part,
    context: placed.context,
    added: sum('added'),
    removed: sum('removed'),
    hunks: rows,
    numLines: shown.length,
    places: mostSurprising(shown),
  };
}

interface Allowed {
  readonly text?: string;
  /** Why there is none. */
  readonly problem: string;
}

/** A file by its path below a root, below a root's parent (`root/file`), or whole. Never rejects. */
export async function readAllowed(roots: readonly SourceRoot[], name: string): Promise<Allowed> {
  if (isSecretPath(name)) return { problem: secretByName };
  let problem = 'it is in no folder of the workspace, or not there; give its path relative to a folder that is open';
  for (const root of roots) {
    const rootPath = await realpath(root.path).catch(() => undefined);
    if (rootPath === undefined) continue;
    const candidates = path.isAbsolute(name)
      ? [name]
      : [path.join(rootPath, name), path.join(path.dirname(rootPath), name)];
    for (const candidate of candidates) {
      // Links are resolved, so that none leads out of the workspace.
      const real = await realpath(candidate).catch(() => undefined);
      if (real === undefined) continue;
      const relative = path.relative(rootPath, real).split(path.sep).join('/');
      if (relative === '' || relative === '..' || relative.startsWith('../') || path.isAbsolute(relative)) continue;
      const read = await readInside(rootPath, relative, root.excludes);
      if (read.text !== undefined) return read;
      problem = read.problem;
    }
  }
  return { problem };
}

async function readInside(root: string, relative: string, excludes: readonly string[]): Promise<Allowed> {
  if (isSecretPath(relative)) return { problem: secretByName };
  if (relative.split('/').includes('.git')) return { problem: 'it belongs to git, and is not read' };
  if (await isLeftOut(root, relative, excludes)) return { problem: 'it is ignored in this workspace, and not read' };
  let bytes: Uint8Array;
  try {
    bytes = await nodeFileSystem.read(path.join(root, relative), workspaceLimits.changedBytes + 1);
  } catch {
    return { problem: 'it cannot be read' };
  }
  if (bytes.length > workspaceLimits.changedBytes) {
    return { problem: `it has more than ${workspaceLimits.changedBytes} bytes; pass a part of it as text` };
  }
  const decoded = decodeText(bytes);
  if (decoded === undefined) return { problem: 'it is no text in UTF-8 or UTF-16' };
  if (findSecret(relative, decoded.text) !== undefined)
    return { problem: 'it seems to hold a secret, and is not read' };
  return { text: decoded.text, problem: '' };
}

/** As a walk would find: a file is ignored when it or any folder above it is. */
async function isLeftOut(root: string, relative: string, excludes: readonly string[]): Promise<boolean> {
  const globs = rulesFromGlobs(excludes);
  let rules = await rulesAbove(root);
  const parts = relative.split('/');
  for (let depth = 0; depth < parts.length; depth++) {
    rules = await rulesInFolder(root, parts.slice(0, depth).join('/'), rules);
    const below = parts.slice(0, depth + 1).join('/');
    const isFolder = depth < parts.length - 1;
    if (isIgnored(globs, below, isFolder) || isIgnored(rules, below, isFolder)) return true;
  }
  return false;
}
