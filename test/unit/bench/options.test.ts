// The command line of the benchmark.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupNames, readOptions } from '../../../bench/options.ts';

test('everything is measured unless groups are named', () => {
  assert.deepEqual(readOptions([]), {
    groups: groupNames,
    rounds: 5,
    minutes: 5,
    json: false,
    write: false,
    model: undefined,
    threads: 0,
    runtime: 'native',
    python: undefined,
  });
  assert.deepEqual(readOptions(['editor', 'engine', '--rounds', '2', '--json']), {
    ...readOptions([]),
    groups: ['engine', 'editor'],
    rounds: 2,
    json: true,
  });
  assert.equal(readOptions(['--help']), undefined);
});

test('what is wrong is said', () => {
  const check = (args: string[], message: RegExp) => assert.throws(() => readOptions(args), message);
  check(['engines'], /there is no group engines; choose from engine, /);
  check(['--rounds', '0'], /--rounds: expected a whole number from 1 to 1000, got 0/);
  check(['--threads', 'two'], /--threads: expected a whole number from 0 to 1000, got two/);
  check(['--runtime', 'auto'], /--runtime: expected native or plain, got auto/);
  check(['engine', '--write'], /--write needs all groups/);
  check(['--fast'], /Unknown option '--fast'/);
});
