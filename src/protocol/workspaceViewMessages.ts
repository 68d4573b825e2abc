// The wire between the shell and two pages: the likelihood of a workspace, and the bits of a change. One row per message, checked on both
// sides. Many files come in pieces, the first of which puts the earlier ones away.
import type { JsonObject } from '../base/json.ts';
import { countOf, type MessageOf, readMessage, rowsOf, textOf, textsOf } from './messageTable.ts';
import {
  readFileScore,
  readHunkScore,
  scoringOrders,
  unscoredReasons,
  workspaceLimits,
} from './workspaceScoringMessages.ts';

export const workspaceViewLimits = {
  textLength: 4000,
  rows: 64,
  filesAtOnce: 2000,
  changedFiles: 2000,
} as const;

/** Bytes of one file that are scored, and of all together. */
export const fileByteChoices = [2 ** 14, 2 ** 16, 2 ** 18, 2 ** 20] as const;
export const totalByteChoices = [2 ** 20, 2 ** 23, 2 ** 26, 2 ** 30] as const;

export interface WorkspaceChoices {
  readonly order: (typeof scoringOrders)[number];
  readonly maxFileBytes: (typeof fileByteChoices)[number];
  readonly maxBytes: (typeof totalByteChoices)[number];
}

export const defaultChoices: WorkspaceChoices = { order: 'size', maxFileBytes: 2 ** 16, maxBytes: 2 ** 23 };

export const runPhases = ['idle', 'running', 'done', 'stopped', 'failed'] as const;
export type RunPhase = (typeof runPhases)[number];

const origin = 'message of a view';

const toWorkspaceView = {
  /** Everything but the files. */
  state: (m: JsonObject) => ({
    ...readRunState(m),
    choices: readWorkspaceChoices(m.object('choices')),
    leftOut: rowsOf(m, 'leftOut', workspaceViewLimits.rows, (row) => ({
      reason: text(row, 'reason'),
      numFiles: countOf(row, 'numFiles'),
      examples: textsOf(row, 'examples', workspaceLimits.examples, workspaceLimits.pathLength),
    })),
  }),
  files: (m: JsonObject) => ({
    /** 0 puts away what was told before; others are added, or replace those of their path. */
    first: countOf(m, 'first'),
    files: rowsOf(m, 'files', workspaceViewLimits.filesAtOnce, readFileScore),
  }),
};

export const workspaceActions = ['start', 'cancel', 'chooseModel', 'exportCsv', 'exportJson', 'showLog'] as const;

const fromWorkspaceView = {
  ready: () => ({}),
  choose: (m: JsonObject) => ({ choices: readWorkspaceChoices(m.object('choices')) }),
  act: (m: JsonObject) => ({ action: m.oneOf('action', workspaceActions) }),
  /** A file, as it was told. */
  open: (m: JsonObject) => ({ path: textOf(m, 'path', workspaceLimits.pathLength) }),
};

export const changeStatuses = ['modified', 'added', 'deleted', 'renamed', 'conflict'] as const;

const toChangeView = {
  state: (m: JsonObject) => ({
    ...readRunState(m),
    numFiles: countOf(m, 'numFiles'),
  }),
  /** One file at a time: a change may be long. */
  file: (m: JsonObject) => ({
    /** In order; 0 puts away what was told before. */
    index: m.integer('index', { min: 0, max: workspaceViewLimits.changedFiles - 1 }),
    path: textOf(m, 'path', workspaceLimits.pathLength),
    /** Of a renamed one; ''. */
    oldPath: textOf(m, 'oldPath', workspaceLimits.pathLength),
    status: m.oneOf('status', changeStatuses),
    unscored: m.oneOf('unscored', unscoredReasons),
    detail: textOf(m, 'detail', workspaceLimits.reasonLength),
    hunks: rowsOf(m, 'hunks', workspaceLimits.hunks, readHunkScore),
    numLeftOut: countOf(m, 'numLeftOut'),
  }),
};

export const changeActions = ['refresh', 'cancel', 'chooseModel', 'exportJson', 'showLog'] as const;

const fromChangeView = {
  ready: () => ({}),
  act: (m: JsonObject) => ({ action: m.oneOf('action', changeActions) }),
  /** A line of the new file, or of the old one. */
  open: (m: JsonObject) => ({
    index: m.integer('index', { min: 0, max: workspaceViewLimits.changedFiles - 1 }),
    line: m.integer('line', { min: 0 }),
    side: m.oneOf('side', ['added', 'removed']),
  }),
};

export type ToWorkspaceView = MessageOf<typeof toWorkspaceView>;
export type FromWorkspaceView = MessageOf<typeof fromWorkspaceView>;
export type WorkspaceState = Extract<ToWorkspaceView, { kind: 'state' }>;
export type ToChangeView = MessageOf<typeof toChangeView>;
export type FromChangeView = MessageOf<typeof fromChangeView>;
export type ChangeState = Extract<ToChangeView, { kind: 'state' }>;
export type ChangedFile = Extract<ToChangeView, { kind: 'file' }>;

/** Each throws a UserError that names the field, when the value is no message of that wire. */
export const readToWorkspaceView = (value: unknown) => readMessage(toWorkspaceView, value, origin);
export const readFromWorkspaceView = (value: unknown) => readMessage(fromWorkspaceView, value, origin);
export const readToChangeView = (value: unknown) => readMessage(toChangeView, value, origin);
export const readFromChangeView = (value: unknown) => readMessage(fromChangeView, value, origin);

export function readWorkspaceChoices(choices: JsonObject): WorkspaceChoices {
  const value = {
    order: choices.oneOf('order', scoringOrders),
    maxFileBytes: choices.oneOf('maxFileBytes', fileByteChoices),
    maxBytes: choices.oneOf('maxBytes', totalByteChoices),
  };
  choices.rejectUnknownKeys();
  return value;
}

function text(message: JsonObject, name: string): string {
  return textOf(message, name, workspaceViewLimits.textLength);
}

/** How far a run is, for a person. */
function readRunState(m: JsonObject) {
  return {
    title: text(m, 'title'),
    phase: m.oneOf('phase', runPhases),
    /** One sentence, also read out by screen readers when it changes. */
    headline: text(m, 'headline'),
    /** What is worth knowing beside it, such as what was cut; ''. */
    note: text(m, 'note'),
    progress: m.nullable('progress', (name) => m.number(name, { min: 0, max: 1 })),
    model: text(m, 'model'),
  };
}
