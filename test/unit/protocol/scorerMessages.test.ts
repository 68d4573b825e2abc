// What all messages of the scorer have in common.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { deserialize, serialize } from 'node:v8';
import { UserError } from '../../../src/base/errors.ts';
import {
  readFromScorer,
  readToScorer,
  scorerLimits,
  scorerMessageNames,
} from '../../../src/protocol/scorerMessages.ts';
import { fromScorer, toScorer } from './scorerExamples.ts';

const wires = [
  { read: readToScorer, messages: toScorer, names: scorerMessageNames.toScorer, heading: 'to the scorer' },
  { read: readFromScorer, messages: fromScorer, names: scorerMessageNames.fromScorer, heading: 'from the scorer' },
] as const;

function checkRefused(read: (value: unknown) => unknown, value: unknown, naming: RegExp): void {
  assert.throws(
    () => read(value),
    (error) => error instanceof UserError && naming.test(error.message) && error.message.length < 400,
    `${JSON.stringify(value)?.slice(0, 100)} should be refused, naming ${naming}`,
  );
}

for (const { read, messages, names, heading } of wires) {
  test(`${heading}: every message has an example, and survives the wire unchanged`, () => {
    for (const message of messages) assert.deepEqual(read(deserialize(serialize(message))), message);
    assert.deepEqual([...new Set(messages.map(({ kind }) => kind))].sort(), [...names].sort());
  });

  test(`${heading}: a message without one of its fields, or with another, is refused`, () => {
    for (const message of messages) {
      for (const field of Object.keys(message)) {
        const partial = Object.fromEntries(Object.entries(message).filter(([name]) => name !== field));
        checkRefused(read, partial, new RegExp(field));
      }
      checkRefused(read, { ...message, surplus: 1 }, /surplus/);
    }
  });

  test(`${heading}: the guide names every message, and no other`, () => {
    const guide = readFileSync('src/README.md', 'utf8');
    const table = guide.split(`| ${heading} | |\n| --- | --- |\n`)[1]?.split('\n\n')[0] ?? '';
    const listed = table
      .split('\n')
      .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map((match) => match[1]!));
    assert.deepEqual(listed.sort(), [...names].sort());
  });
}

test('what is no message of the wire is refused', () => {
  for (const value of [undefined, null, 1, 'hello', [], {}]) checkRefused(readToScorer, value, /message to the scorer/);
  checkRefused(readToScorer, { kind: 'constructor' }, /kind/);
  checkRefused(readFromScorer, { kind: 'hello', protocolVersion: 1 }, /kind/);
});

test('numbers and texts are bounded', () => {
  const exampleOf = (wanted: string) => toScorer.find(({ kind }) => kind === wanted);
  const configure = exampleOf('configure');
  const describeModel = exampleOf('describeModel');
  for (const threads of [0, 1.5, scorerLimits.threads + 1, Number.NaN]) {
    checkRefused(readToScorer, { ...configure, threads }, /threads/);
  }
  checkRefused(readToScorer, { ...configure, logLevel: 'loud' }, /logLevel/);
  checkRefused(readToScorer, { ...describeModel, request: -1 }, /request/);
  checkRefused(readToScorer, { ...describeModel, modelPath: 'x'.repeat(scorerLimits.pathLength + 1) }, /modelPath/);
  const failed = { kind: 'failed', request: 1, cancelled: false };
  assert.ok(readFromScorer({ ...failed, reason: 'x'.repeat(scorerLimits.reasonLength) }));
  checkRefused(readFromScorer, { ...failed, reason: 'x'.repeat(scorerLimits.reasonLength + 1) }, /reason/);
});
