// The pure parts of the comparison with other engines.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agrees, commonPrefix, compareRows } from '../../../bench/peers/agreement.ts';
import { quantizeBlocks } from '../../../bench/peers/blockQuantization.ts';
import { roomFor, threadCounts } from '../../../bench/peers/contenders.ts';
import { formatLosses } from '../../../bench/peers/losses.ts';
import { opponentKey } from '../../../bench/peers/measure.ts';
import { readPeerOptions } from '../../../bench/peers/options.ts';
import { likeliest, prompt } from '../../../bench/peers/prompt.ts';
import { halfBits, halfValue } from '../../../src/base/half.ts';

test('every half-precision number is its own nearest, and what lies between goes to the nearer', () => {
  for (let bits = 0; bits < 0x7c00; bits++) {
    assert.equal(halfBits(halfValue(bits)), bits);
    const [low, high] = [halfValue(bits), halfValue(bits + 1)];
    if (high === Number.POSITIVE_INFINITY) continue;
    assert.equal(halfBits(low + (high - low) * 0.49), bits);
    assert.equal(halfBits(-(low + (high - low) * 0.51)), (bits + 1) | 0x8000);
    assert.equal(halfBits((low + high) / 2), bits + (bits & 1), `a tie above ${bits} goes to the even one`);
  }
  assert.equal(halfValue(halfBits(1e6)), Number.POSITIVE_INFINITY);
});

test('blocks keep their extremes and their zeros', () => {
  const weights = new Float32Array(64);
  weights.set([4, -2, 0, 1]);
  const four = quantizeBlocks(weights, 4);
  assert.deepEqual([...four.scales], [-0.5, 0]);
  assert.deepEqual([...four.codes.subarray(0, 4)], [-8, 4, 0, -2]);
  const eight = quantizeBlocks(weights, 8);
  assert.deepEqual([...eight.codes.subarray(0, 2)], [127, -64]);
  assert.throws(() => quantizeBlocks(new Float32Array(33), 4), /expected a multiple of 32 weights, got 33/);
});

test('agreement is about probabilities: a constant on all logits is nothing, a symbol as likely as the first is as good', () => {
  const ours = [1, 2, 3, 2.99];
  const check = (theirs: number[], expected: boolean) => assert.equal(agrees(compareRows(ours, theirs)), expected);
  check(ours, true);
  check(
    ours.map((logit) => logit + 100),
    true,
  );
  check([1, 2, 2.99, 3], true);
  check([1, 2, 3, 3.2], false);
  check([1, 2, 2.5, 2.99], false);
  assert.throws(() => compareRows(ours, [1]), /expected 4 symbols, got 1/);
  assert.equal(commonPrefix([1, 2, 3], [1, 2, 4]), 2);
  assert.equal(commonPrefix([1, 2], [1, 2]), 2);
});

test('prompts stay clear of the special symbols and are the same from any place', () => {
  const symbols = prompt(300, 100);
  assert.ok(symbols.every((symbol) => symbol >= 6 && symbol < 100));
  assert.deepEqual(prompt(40, 100, 260), symbols.slice(260));
  assert.equal(likeliest(Float32Array.of(1, 3, 3)), 1);
});

test('threads, room, opponents', () => {
  assert.deepEqual(threadCounts(1), [1]);
  assert.deepEqual(threadCounts(6), [1, 2, 4, 6]);
  assert.equal(roomFor([128]), 512);
  assert.equal(roomFor([128, 960]), 1024);
  assert.equal(opponentKey('llama.cpp', 'dynamicInt8'), 'llama.cpp/Q8_0');
  assert.equal(opponentKey('transformers.js', 'int4'), 'transformers.js/q4');
});

test('losses stand beside the first', () => {
  const losses = new Map([
    ['fp32', 2],
    ['int8', 2.0011],
    ['int4', 1.99],
  ]);
  assert.equal(formatLosses(losses), 'fp32 2.0000, int8 +0.0011, int4 -0.0100');
});

test('the command line', () => {
  const all = readPeerOptions([])!;
  assert.deepEqual([all.rounds, all.contexts, all.shapes], [7, [128, 512, 960], ['a', 'b', 'c', 'default']]);
  const some = readPeerOptions(['--shapes', 'default,a', '--only', 'llama.cpp,decode', '--contexts', '64'])!;
  assert.deepEqual([some.shapes, some.peers, some.parts], [['a', 'default'], ['llama.cpp'], ['decode']]);
  assert.deepEqual(readPeerOptions(['--only', 'prefill'])!.peers, all.peers);
  assert.equal(readPeerOptions(['--help']), undefined);
  const check = (args: string[], message: RegExp) => assert.throws(() => readPeerOptions(args), message);
  check(['--shapes', 'd'], /--shapes: expected some of a, b, c, default, got d/);
  check(['--rounds', '0'], /--rounds: expected whole numbers from 1 to 1000, got 0/);
  check(['--contexts', '128,4096'], /--contexts: expected whole numbers from 1 to 2048, got 4096/);
});
