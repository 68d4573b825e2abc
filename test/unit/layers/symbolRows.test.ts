import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CausalConvolution, numTaps, weightShapes } from '../../../src/layers/causalConvolution.ts';
import { type KeptInput, statesOf, tapOffsets } from '../../../src/layers/symbolRows.ts';

const square: CausalConvolution = { name: 'square', inputs: 6, outputs: 6, mask: 'B', above: 1, left: 1, right: 1 };
const _ = undefined;

/** Offsets of the rows that the symbols of a line read; undefined for taps outside of the image. */
function check(
  kept: Partial<KeptInput>,
  width: number,
  channels: number,
  expected: readonly (readonly unknown[])[],
): void {
  const whole = { layer: square, state: 's', part: 0, width: 1, ...kept };
  const lines = tapOffsets(whole, { width, height: 9, channels });
  const inside = lines.map((row) => row.map((offset) => (offset < -1000 ? undefined : offset)));
  assert.deepEqual(inside.slice(0, expected.length), expected);
  assert.equal(lines.length, width * channels);
}

test('mask B of grey: three places above, one to the left, its own', () =>
  check({}, 4, 1, [
    [_, -4, -3, _, 0],
    [-5, -4, -3, -1, 0],
    [-5, -4, -3, -1, 0],
    [-5, -4, _, -1, 0],
  ]));

test('mask A of values: a value is in the row after its own, and its own place is not seen', () => {
  const layer: CausalConvolution = { ...square, mask: 'A', inputs: 1 };
  check({ layer, afterStart: true }, 4, 1, [
    [_, -3, -2, _],
    [-4, -3, -2, 0],
  ]);
});

test('three channels: all of other pixels, at its own place those before and itself', () => {
  const layer: CausalConvolution = { ...square, above: 0, right: 0 };
  check({ layer }, 2, 3, [
    [_, _, _, 0, _, _],
    [_, _, _, -1, 0, _],
    [_, _, _, -2, -1, 0],
    [-3, -2, -1, 0, _, _],
    [-4, -3, -2, -1, 0, _],
    [-5, -4, -3, -2, -1, 0],
  ]);
});

test('a stack that is behind reads its own row to the right, up to where it has come', () => {
  const layer: CausalConvolution = { ...square, mask: 'none' };
  const kept = { layer, allGroups: true, inputLag: 2, lag: 3 };
  check(kept, 4, 1, [
    [-6, -5, -4, -2, -1, 0], // Stands for the second pixel of the line above.
    [-6, -5, -4, -2, -1, 0],
    [-6, -5, _, -2, -1, _],
    [_, -5, -4, _, -1, 0],
  ]);
  assert.throws(
    () => check({ ...kept, lag: 2 }, 4, 1, []),
    /square: expected taps that are known, got one 1 rows ahead/,
  );
});

test('weights are those of the places and groups that are seen', () => {
  const shapes = (layer: CausalConvolution, channels: number) =>
    weightShapes(layer, channels).map(({ name, shape }) => [name, ...shape]);
  assert.deepEqual(shapes(square, 1), [['square.weight', 6, 5 * 6]]);
  assert.deepEqual(shapes({ ...square, mask: 'A' }, 1), [['square.weight', 6, 4 * 6]]);
  assert.deepEqual(shapes({ ...square, mask: 'none' }, 3), [['square.weight', 6, 6 * 6]]);
  assert.deepEqual(shapes({ ...square, mask: 'A' }, 3), [
    ['square.red.weight', 2, 4 * 6],
    ['square.green.weight', 2, 4 * 6 + 2],
    ['square.blue.weight', 2, 4 * 6 + 4],
  ]);
  assert.deepEqual([numTaps({ ...square, mask: 'A' }, 1), numTaps({ ...square, mask: 'A' }, 3)], [4, 5]);
});

test('layers that read the same share a part of a state', () => {
  const part = (state: string, index: number, width: number) => ({ layer: square, state, part: index, width });
  const states = statesOf([part('values', 0, 1), part('features', 0, 4), part('values', 0, 1), part('features', 1, 2)]);
  assert.deepEqual(
    [...states],
    [
      ['values', [1]],
      ['features', [4, 2]],
    ],
  );
});
