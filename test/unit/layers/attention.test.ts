import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Graph } from '../../../src/graph/graph.ts';
import { rotaryTables } from '../../../src/layers/attention.ts';
import { timeMajorRows } from '../../../src/layers/embedding.ts';

test('the angle of pair i at position t is t base^(-2i/D)', () => {
  const graph = new Graph();
  const { cos, sin } = rotaryTables(graph, 3, 4, 100);
  const check = (table: typeof cos, wave: (angle: number) => number) =>
    assert.deepEqual(
      Array.from(graph.initializers.get(table)!.data, Number),
      [0, 0, 1, 0.1, 2, 0.2].map((angle) => Math.fround(wave(angle))),
    );
  check(cos, Math.cos);
  check(sin, Math.sin);
});

test('rows are time-major', () => {
  const graph = new Graph();
  assert.deepEqual(timeMajorRows(graph, graph.input('batched', 'int32', [4, 6])).shape, [24]);
  const alone = graph.input('alone', 'int32', ['time']);
  assert.equal(timeMajorRows(graph, alone), alone);
});
