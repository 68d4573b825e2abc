// The scorer's receivers for folders, changes and what an agent hands in. Folders are scored in idle time, file by file, so that whoever
// looks at colors or asks for something goes first; their scores are remembered.
import { createHash } from 'node:crypto';
import { lstat, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { throwIfCancelled, UserError } from '../base/errors.ts';
import { isSecretPath } from '../base/secretPaths.ts';
import { utf8 } from '../codecs/text.ts';
import { classifyText } from '../files/classify.ts';
import { nodeFileSystem } from '../files/fileSystem.ts';
import type { LeftOut } from '../files/leftOut.ts';
import { whyUnreadable } from '../files/walk.ts';
import { hunksBetween, scoreHunks } from '../likelihood/changes.ts';
import { type FoldersReport, type ScoredFile, scoreFolders } from '../likelihood/folders.ts';
import type { ToScorer } from '../protocol/scorerMessages.ts';
import { type UnscoredReason, workspaceLimits } from '../protocol/workspaceScoringMessages.ts';
import { hunkRow } from './hunkRows.ts';
import { RememberedScores } from './rememberedScores.ts';
import type { Receivers } from './scorerRole.ts';
import type { ScoringDesk } from './scoringDesk.ts';
import { scoreSubmission } from './submission.ts';

type Message<Kind extends ToScorer['kind']> = Extract<ToScorer, { kind: Kind }>;

/** How long a page may lack what is known already, and how long what was computed may be lost with the process. */
const tellMs = 150;
const saveMs = 20_000;

export function workspaceScoring(desk: ScoringDesk): Receivers<'scoreFolders' | 'scoreChange' | 'scoreSubmission'> {
  let cache: Promise<RememberedScores> | undefined;
  const opened = () => {
    cache ??= RememberedScores.open(desk.storagePath, (problem) => desk.log('warning', problem));
    return cache;
  };
  return {
    scoreFolders: (question) =>
      desk.take(question.request, async (signal) => folders(desk, question, await opened(), signal)),
    scoreChange: (question) => desk.take(question.request, (signal) => change(desk, question, signal)),
    scoreSubmission: (question) =>
      desk.take(question.request, (signal) =>
        desk.shelf.withText(question.modelPath, async (model) => {
          const parts = await desk.baton.run(
            'asked',
            (turn) => scoreSubmission(model, question, { signal, turn }),
            signal,
          );
          throwIfCancelled(signal);
          desk.send({ kind: 'scoredSubmission', request: question.request, parts });
        }),
      ),
  };
}

async function folders(
  desk: ScoringDesk,
  { request, modelPath, roots, order, maxFileBytes, maxBytes }: Message<'scoreFolders'>,
  cache: RememberedScores,
  signal: AbortSignal,
): Promise<void> {
  const modelKey = await modelKeyOf(modelPath);
  const { clock } = desk;
  let pending: ScoredFile[] = [];
  let [toldAt, savedAt] = [clock.now(), clock.now()];
  let progress = { done: 0, total: 0 };
  const tell = () => {
    toldAt = clock.now();
    while (pending.length > 0) {
      const files = pending.slice(0, workspaceLimits.filesAtOnce).map(fileRow);
      pending = pending.slice(workspaceLimits.filesAtOnce);
      desk.send({ kind: 'folderFiles', request, files });
    }
    desk.send({ kind: 'folderProgress', request, ...progress });
  };
  try {
    await desk.shelf.withText(modelPath, async (model) => {
      const files = scoreFolders(roots, {
        ...{ model, modelKey, order, maxFileBytes, maxBytes, memory: cache, signal },
        limits: { maxFiles: workspaceLimits.files },
        compute: (work) => desk.baton.run('idle', work, signal),
        onProgress: (done, total) => {
          progress = { done, total };
        },
      });
      let report: FoldersReport;
      for (;;) {
        const next = await files.next();
        throwIfCancelled(signal);
        if (next.done) {
          report = next.value;
          break;
        }
        pending.push(next.value);
        if (clock.now() - toldAt >= tellMs) tell();
        if (clock.now() - savedAt >= saveMs) {
          await cache.save();
          savedAt = clock.now();
        }
      }
      tell();
      // Before the answer: who has it may count on what is remembered.
      await cache.save();
      const { leftOut, stoppedBy, numUnseen } = report;
      desk.send({ kind: 'scoredFolders', request, leftOut: leftOut.map(leftOutRow), stoppedBy, numUnseen });
    });
  } finally {
    // Also when it was cancelled: what was computed need not be computed again.
    await cache.save();
  }
}

/** Its description holds the hashes of all its files. */
async function modelKeyOf(modelPath: string): Promise<string> {
  try {
    return createHash('sha256')
      .update(await readFile(path.join(modelPath, 'model.json')))
      .digest('hex');
  } catch {
    throw new UserError(`${modelPath}: expected a model folder with a model.json, got none; choose another model`);
  }
}

function fileRow({ path: name, absolutePath, language, sizeBytes, bytes, bits, numSymbols, remembered }: ScoredFile) {
  return { path: name, absolutePath, language, sizeBytes, bytes, bits, numSymbols, remembered };
}

function leftOutRow({ reason, count, examples }: LeftOut) {
  return {
    reason,
    numFiles: count,
    examples: examples.map(({ path: name, detail }) =>
      (detail === undefined ? name : `${name}: ${detail}`).slice(0, workspaceLimits.pathLength),
    ),
  };
}

/** Shown as its reason; no bug. */
class Unscored extends Error {
  readonly reason: UnscoredReason;

  constructor(reason: UnscoredReason, detail = '') {
    super(detail);
    this.reason = reason;
  }
}

async function change(
  desk: ScoringDesk,
  { request, modelPath, path: label, newFile, oldContent }: Message<'scoreChange'>,
  signal: AbortSignal,
): Promise<void> {
  const told = { kind: 'scoredChange' as const, request, unscored: '' as UnscoredReason, detail: '', numLeftOut: 0 };
  try {
    const old = oldContent === null ? null : readSide(label, Buffer.from(oldContent, 'base64'));
    const now = newFile === '' ? null : readSide(label, await readNow(newFile));
    const { hunks, onlyLineEnds } = hunksBetween({ old, now });
    if (onlyLineEnds) throw new Unscored('lineEnds');
    const taken = hunks.slice(0, workspaceLimits.hunks);
    const scored = await desk.shelf.withText(modelPath, (model) =>
      desk.baton.run('asked', (turn) => scoreHunks(model, { old, now }, taken, { signal, turn }), signal),
    );
    throwIfCancelled(signal);
    const rows = scored.map((hunk) => hunkRow(hunk, { old, now }));
    desk.send({ ...told, hunks: rows, numLeftOut: hunks.length - taken.length });
  } catch (error) {
    if (!(error instanceof Unscored)) throw error;
    desk.send({ ...told, unscored: error.reason, detail: error.message, hunks: [] });
  }
}

/** Links are not followed: of these git keeps the name they lead to, which is no text of the workspace. */
async function readNow(file: string): Promise<Uint8Array> {
  let isFile: boolean;
  try {
    isFile = (await lstat(file)).isFile();
    // A folder on the way may be a link.
    if (isFile && isSecretPath(await realpath(file))) throw new Unscored('secret');
    if (isFile) return await nodeFileSystem.read(file, workspaceLimits.changedBytes + 1);
  } catch (error) {
    if (error instanceof Unscored) throw error;
    throw new Unscored(whyUnreadable(error));
  }
  throw new Unscored('notAFile');
}

/** As text in UTF-8, by the rules of what is read at all; an empty one takes part, since lines may come or go. */
function readSide(label: string, bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return bytes;
  if (bytes.length > workspaceLimits.changedBytes) throw new Unscored('tooLarge');
  const judged = classifyText(label, bytes, bytes.length);
  if (judged.kind === 'text') return utf8(judged.decoded.text);
  if (judged.kind === 'empty') return bytes;
  throw new Unscored(judged.kind, judged.detail);
}
