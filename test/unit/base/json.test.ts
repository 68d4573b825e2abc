import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonObject, jsonObject, parseJson } from '../../../src/base/json.ts';

function check(fields: unknown, read: (reader: JsonObject) => unknown, message: string): void {
  assert.throws(() => read(jsonObject(fields, 'a.json')), { name: 'UserError', message });
}

test('readers return what fits', () => {
  const reader = jsonObject(
    {
      size: 3,
      rate: 0.5,
      name: 'x',
      on: true,
      kind: 'b',
      inner: { deep: 1 },
      items: ['a', 'b'],
      shape: [2, 3],
      none: null,
    },
    'a.json',
  );
  assert.equal(reader.integer('size', { min: 1, max: 3 }), 3);
  assert.equal(reader.number('rate'), 0.5);
  assert.equal(reader.string('name'), 'x');
  assert.equal(reader.boolean('on'), true);
  assert.equal(reader.oneOf('kind', ['a', 'b']), 'b');
  assert.equal(reader.object('inner').integer('deep'), 1);
  assert.deepEqual(reader.strings('items'), ['a', 'b']);
  assert.deepEqual(reader.integers('shape'), [2, 3]);
  assert.equal(
    reader.nullable('none', (name) => reader.integer(name)),
    null,
  );
  assert.equal(
    reader.optional('missing', (name) => reader.integer(name)),
    undefined,
  );
  assert.equal(
    reader.optional('size', (name) => reader.integer(name)),
    3,
  );
  assert.deepEqual(reader.unknownKeys(), []);
});

test('errors name the file, the path, what was expected and what came', () => {
  check([], (r) => r, 'a.json: expected an object, got []');
  check({}, (r) => r.integer('size'), 'a.json: size: expected an integer, got nothing');
  check({ size: 1.5 }, (r) => r.integer('size', { min: 1 }), 'a.json: size: expected an integer >= 1, got 1.5');
  check({ size: 9 }, (r) => r.number('size', { min: 1, max: 3 }), 'a.json: size: expected a number from 1 to 3, got 9');
  check({ size: 9 }, (r) => r.number('size', { max: 3 }), 'a.json: size: expected a number <= 3, got 9');
  check({ name: null }, (r) => r.string('name'), 'a.json: name: expected a string, got null');
  check({ on: 'yes' }, (r) => r.boolean('on'), 'a.json: on: expected true or false, got "yes"');
  check({ kind: 'c' }, (r) => r.oneOf('kind', ['a', 'b']), 'a.json: kind: expected one of "a", "b", got "c"');
  check(
    { inner: [{ deep: 'x' }] },
    (r) => r.list('inner', (item) => item).length && r.strings('inner'),
    'a.json: inner[0]: expected a string, got {"deep":"x"}',
  );
  check(
    { a: { b: { c: [1, -2] } } },
    (r) => r.object('a').object('b').integers('c', { min: 0 }),
    'a.json: a.b.c[1]: expected an integer >= 0, got -2',
  );
  check(
    { text: 'x'.repeat(500) },
    (r) => r.integer('text'),
    `a.json: text: expected an integer, got "${'x'.repeat(76)}...`,
  );
});

test('inherited fields are no fields', () =>
  check({}, (r) => r.string('toString'), 'a.json: toString: expected a string, got nothing'));

test('a field that nobody asked for is an error where that is wanted', () => {
  check(
    { size: 1, sise: 2 },
    (r) => r.integer('size') && r.rejectUnknownKeys(),
    'a.json: sise: expected no such field (known: size), got 2',
  );
});

test('the remedy ends the message', () => {
  assert.throws(() => jsonObject({}, 'a.json', 'export it again').integer('size'), {
    message: 'a.json: size: expected an integer, got nothing; export it again',
  });
  assert.throws(
    () => parseJson('{"a":', 'a.json', 'export it again'),
    /^UserError: a.json: expected JSON, .*; export it again$/,
  );
});

test('of many choices only the first are told', () => {
  const choices = Array.from({ length: 100 }, (_, i) => `choice${i}`);
  const few = choices.slice(0, 17);
  const told = few.map((choice) => JSON.stringify(choice));
  check(
    { kind: 'x' },
    (r) => r.oneOf('kind', choices),
    `a.json: kind: expected one of the 100 that begin with ${told.join(', ')}, got "x"`,
  );
  check({ kind: 'x' }, (r) => r.oneOf('kind', few), `a.json: kind: expected one of ${told.join(', ')}, got "x"`);
});
