import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { deserialize, serialize } from 'node:v8';
import { UserError } from '../../../src/base/errors.ts';
import {
  bounded,
  limits,
  messageNames,
  readToHost,
  readToShell,
  type ToHost,
  type ToShell,
} from '../../../src/protocol/hostMessages.ts';

const toHost: ToHost[] = [
  { kind: 'hello', protocolVersion: 1 },
  {
    kind: 'configure',
    modelPath: '/models/a',
    threads: 2,
    weights: 'auto',
    storagePath: '/storage',
    logLevel: 'debug',
    workAhead: true,
  },
  { kind: 'open', document: 1, version: 0, languageId: 'c', path: 'a.c', text: 'x' },
  { kind: 'change', document: 1, version: 1, length: 3, edits: [{ start: 0, end: 1, text: 'abc' }] },
  { kind: 'close', document: 1 },
  {
    kind: 'complete',
    request: 7,
    document: 1,
    version: 1,
    offset: 3,
    replaceLength: 2,
    replacement: 'abc',
    multiline: 'auto',
    maxSymbols: 64,
    maxSuggestions: 3,
    insertSpaces: true,
    tabSize: 4,
    deadlineMs: 2000,
  },
  {
    kind: 'explain',
    request: 8,
    document: 1,
    version: 1,
    offset: 3,
    replaceLength: 0,
    replacement: '',
    multiline: 'auto',
    maxSymbols: 64,
    insertSpaces: true,
    tabSize: 4,
    deadlineMs: 2000,
    shown: 'x = 1;',
  },
  { kind: 'prepare', document: 1, version: 1, offset: 3, maxSymbols: 64 },
  { kind: 'cancel', request: 7 },
  { kind: 'reportMemory' },
  { kind: 'shutdown' },
];

const toShell: ToShell[] = [
  { kind: 'ready', protocolVersion: 1, pid: 42 },
  { kind: 'status', state: 'failed', detail: 'no such folder' },
  { kind: 'reopen', document: 1 },
  { kind: 'suggestion', request: 7, texts: ['x', 'y'], numSymbols: 1, elapsedMs: 2.5 },
  {
    kind: 'explanation',
    request: 8,
    numPromptSymbols: 40,
    layout: 'infill',
    typed: 're',
    logProbNats: -1.5,
    symbols: [
      {
        kind: 'text',
        text: 'return',
        logProb: -1.5,
        isShown: true,
        numTyped: 2,
        numPossible: 9,
        copiedShare: 0.25,
        rank: 1,
        alternatives: [{ kind: 'bytes', text: 'E6 97', logProb: -2 }],
      },
    ],
  },
  { kind: 'nothing', request: 7, reason: 'superseded' },
  { kind: 'failed', request: 7, reason: 'broken' },
  { kind: 'log', level: 'info', text: 'hello' },
  { kind: 'memory', residentBytes: 1, heapBytes: 1, numDocuments: 0, documentLength: 0 },
];

test('every message survives the wire unchanged', () => {
  for (const message of toHost) assert.deepEqual(readToHost(deserialize(serialize(message))), message);
  for (const message of toShell) assert.deepEqual(readToShell(deserialize(serialize(message))), message);
});

test('these examples cover every message', () => {
  assert.deepEqual([...new Set(toHost.map(({ kind }) => kind))].sort(), [...messageNames.toHost].sort());
  assert.deepEqual([...new Set(toShell.map(({ kind }) => kind))].sort(), [...messageNames.toShell].sort());
});

function checkRefused(read: (value: unknown) => unknown, value: unknown, naming: RegExp): void {
  assert.throws(
    () => read(value),
    (error) => error instanceof UserError && naming.test(error.message) && error.message.length < 400,
    `${JSON.stringify(value)?.slice(0, 100)} should be refused, naming ${naming}`,
  );
}

test('the guide names every message, and no other', () => {
  const guide = readFileSync('src/README.md', 'utf8');
  const listed = (heading: string) => {
    const table = guide.split(`| ${heading} | |\n| --- | --- |\n`)[1]?.split('\n\n')[0] ?? '';
    return table
      .split('\n')
      .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map((match) => match[1]));
  };
  assert.deepEqual(listed('to the engine').sort(), [...messageNames.toHost].sort());
  assert.deepEqual(listed('to the shell').sort(), [...messageNames.toShell].sort());
});

test('a message without one of its fields is refused', () => {
  for (const [read, messages] of [
    [readToHost, toHost],
    [readToShell, toShell],
  ] as const) {
    for (const message of messages) {
      for (const field of Object.keys(message)) {
        const partial = Object.fromEntries(Object.entries(message).filter(([name]) => name !== field));
        checkRefused(read, partial, new RegExp(field));
      }
    }
  }
});

test('malformed messages are refused, whatever they are', () => {
  for (const value of [undefined, null, 1, 'hello', [], {}, () => 1])
    checkRefused(readToHost, value, /message to the host/);
  checkRefused(readToHost, { kind: 'constructor' }, /kind/);
  checkRefused(readToHost, { kind: 'ready', protocolVersion: 1, pid: 1 }, /kind/);
  checkRefused(readToHost, { kind: 'cancel', request: 7, more: 1 }, /more/);
  checkRefused(readToHost, { kind: 'cancel', request: -1 }, /request/);
  checkRefused(readToHost, { kind: 'cancel', request: 0.5 }, /request/);
  checkRefused(readToHost, { kind: 'cancel', request: Number.NaN }, /request/);
  checkRefused(
    readToHost,
    {
      kind: 'configure',
      modelPath: '',
      threads: -1,
      weights: 'auto',
      storagePath: '',
      logLevel: 'info',
      workAhead: true,
    },
    /threads/,
  );
  checkRefused(
    readToHost,
    {
      kind: 'configure',
      modelPath: '',
      threads: 1,
      weights: 'auto',
      storagePath: '',
      logLevel: 'loud',
      workAhead: true,
    },
    /logLevel/,
  );
  checkRefused(readToShell, { kind: 'status', state: 'happy', detail: '' }, /state/);
});

test('edits must be well formed and few', () => {
  const change = (edits: unknown) => ({ kind: 'change', document: 1, version: 1, length: 0, edits });
  checkRefused(readToHost, change('none'), /edits/);
  checkRefused(readToHost, change([{ start: 2, end: 1, text: '' }]), /edits\[0\]/);
  checkRefused(readToHost, change([{ start: 0, end: 0 }]), /edits\[0\]/);
  const many = Array.from({ length: limits.editsPerChange + 1 }, () => ({ start: 0, end: 0, text: '' }));
  checkRefused(readToHost, change(many), /at most/);
});

test('a suggestion is a few texts, at least one', () => {
  const suggestion = (texts: unknown) => ({ kind: 'suggestion', request: 7, texts, numSymbols: 1, elapsedMs: 0 });
  const longest = 'x'.repeat(limits.suggestionLength);
  assert.ok(readToShell(suggestion(Array.from({ length: limits.suggestions }, () => longest))));
  checkRefused(readToShell, suggestion('x'), /texts/);
  checkRefused(readToShell, suggestion([]), /1 to 3 texts/);
  checkRefused(readToShell, suggestion([1]), /texts\[0\]/);
  checkRefused(readToShell, suggestion(['a', 'b', 'c', 'd']), /1 to 3 texts/);
  checkRefused(readToShell, suggestion([`${longest}x`]), /1 to 3 texts/);
  const [complete] = toHost.filter(({ kind }) => kind === 'complete');
  checkRefused(readToHost, { ...complete, maxSuggestions: limits.suggestions + 1 }, /maxSuggestions/);
});

test('texts are bounded', () => {
  const open = {
    kind: 'open',
    document: 1,
    version: 0,
    languageId: 'c',
    path: 'a.c',
  };
  const longest = 'x'.repeat(limits.documentLength);
  assert.ok(readToHost({ ...open, text: longest }));
  checkRefused(readToHost, { ...open, text: `${longest}x` }, /text/);
  assert.equal(bounded('abcdef', 3), 'abc');
  assert.equal(bounded('ab', 3), 'ab');
});
