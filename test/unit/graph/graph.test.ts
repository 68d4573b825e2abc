import assert from 'node:assert/strict';
import { test } from 'node:test';
import { float32, float64 } from '../../../src/base/tensor.ts';
import { Graph } from '../../../src/graph/graph.ts';
import { lowered } from '../../../src/graph/lowering.ts';
import { printGraph } from '../../../src/graph/printer.ts';

test('nodes are named by their address, a repeated one by its number', () => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [2]);
  const names = graph.scope('layers.0', () =>
    graph.scope('attention', () => [graph.add(x, x).name, graph.add(x, x).name, graph.mul(x, x).name]),
  );
  assert.deepEqual(names, ['layers.0/attention/Add', 'layers.0/attention/Add.2', 'layers.0/attention/Mul']);
  assert.equal(graph.add(x, x).name, 'Add');
});

test('a scope ends with its body, also when that throws', () => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [2]);
  assert.throws(() =>
    graph.scope('broken', () => {
      throw new Error('no');
    }),
  );
  assert.equal(graph.add(x, x).name, 'Add');
});

test('constants are interned by type, shape and content', () => {
  const graph = new Graph();
  const ones = (shape: number[]) => graph.constant(float32(Float32Array.of(1, 1), shape));
  assert.equal(ones([2]), ones([2]));
  assert.notEqual(ones([2]), ones([1, 2]));
  assert.notEqual(ones([2]), graph.constant(float64(Float64Array.of(1, 1), [2])));
  assert.notEqual(graph.scalar(0), graph.scalar(-0));
  assert.equal(graph.scalar(0.5), graph.scalar(0.5));
  assert.equal(graph.initializers.size, 6);
});

test('shape errors name the node, what was expected and what came', () => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [2, 3]);
  const y = graph.input('y', 'float32', [4, 5]);
  const check = (build: () => unknown, message: RegExp) =>
    assert.throws(() => graph.scope('layers.0', build), { name: 'RangeError', message });
  check(
    () => graph.op('Gemm', [x, y]),
    /^layers\.0\/Gemm: expected inner extents to agree, got \[2, 3\] and \[4, 5\]$/,
  );
  check(() => graph.add(x, y), /^layers\.0\/Add: broadcast: shapes \[2, 3\] and \[4, 5\] do not agree$/);
  check(() => graph.reshape(x, [5]), /expected as many elements as \[2, 3\], got shape \[5\]/);
  check(() => graph.transpose(x, [0, 2]), /expected a permutation of the axes of \[2, 3\], got \[0,2\]/);
  check(() => graph.op('Slice', [x], { axis: 1, start: 2, end: 4 }), /0 <= start < end <= 3, got start 2, end 4/);
  check(() => graph.op('Concat', [x, y], { axis: 0 }), /expected equal extents on the other axes/);
  check(() => graph.add(x, graph.input('i', 'int32', [2, 3])), /expected one element type, got float32 and int32/);
});

test('lowering leaves out what no output needs, and opens composites below their own address', () => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [2, 3]);
  const weight = graph.parameter('weight', [4, 3]);
  const targets = graph.input('targets', 'int32', [2]);
  graph.add(x, x);
  const lossNats = graph.scope('head', () => graph.op('LinearCrossEntropy', [x, weight, targets]));
  graph.output('lossNats', lossNats);
  const names = lowered(graph, 'float32').nodes.map(({ name }) => name);
  assert.deepEqual(
    names,
    ['Gemm', 'Softmax', 'Reshape', 'GatherElements', 'Clip', 'Log', 'ReduceMean', 'Neg'].map(
      (op) => `head/LinearCrossEntropy/${op}`,
    ),
  );
  assert.ok(lowered(graph, 'float64').nodes.every(({ outputs: [y] }) => y?.dtype !== 'float32'));
});

test('a value of another graph is refused', () => {
  const stranger = new Graph().input('stranger', 'float32', [1]);
  const graph = new Graph();
  graph.output('y', graph.op('Neg', [stranger]));
  assert.throws(() => lowered(graph, 'float32'), /stranger belongs to another graph/);
});

test('a printed graph', () => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', ['time', 2]);
  const weight = graph.parameter('weight', [3, 2]);
  const y = graph.scope('layers.0', () => graph.op('Gemm', [x, weight], { transB: true }));
  graph.output('y', graph.mul(y, graph.scalar(0.5)));
  assert.equal(
    printGraph(graph),
    `input x float32[time, 2]
parameter weight float32[3, 2]
layers.0/Gemm = Gemm(x, weight, transB: true) float32[time, 3]
Mul = Mul(layers.0/Gemm, constants/0.5) float32[time, 3]
output y = Mul
`,
  );
});

test('a loop is one node, its body stands below it', () => {
  const graph = new Graph();
  const state = graph.input('state', 'float32', [2]);
  const rows = graph.input('rows', 'float32', ['time', 2]);
  const factor = graph.parameter('factor', [2]);
  const { states } = graph.loop({ states: [state], sequences: [rows], shared: [factor] }, (body, [s], [row], [f]) => {
    const sum = body.op('Add', [body.op('Mul', [s!, f!]), row!]);
    return { states: [sum], rows: [sum] };
  });
  graph.output('last', states[0]!);
  assert.equal(
    printGraph(graph),
    `input state float32[2]
input rows float32[time, 2]
parameter factor float32[2]
Scan = Scan(state, rows, factor, numStates: 1, numSequences: 1, reverse: false) float32[2], float32[time, 2]
  input state0 float32[2]
  input row0 float32[2]
  input shared0 float32[2]
  Mul = Mul(state0, shared0) float32[2]
  Add = Add(Mul, row0) float32[2]
  output nextState0 = Add
  output nextRow0 = Add
output last = Scan
`,
  );
});

test('a loop whose state changes its shape is refused', () => {
  const graph = new Graph();
  const state = graph.input('state', 'float32', [1]);
  const rows = graph.input('rows', 'float32', [4, 2]);
  const loop = { states: [state], sequences: [rows], shared: [] };
  assert.throws(
    () => graph.loop(loop, (body, [s], [row]) => ({ states: [body.op('Add', [s!, row!])], rows: [] })),
    /Scan: expected nextState0 \[1\], got \[2\]/,
  );
});

test('a lowered recurrence keeps what its gradient needs only where there is one', () => {
  const graph = new Graph();
  const gate = (name: string) => graph.input(name, 'float32', [5, 2, 3]);
  const weight = (name: string) => graph.parameter(name, [3, 3]);
  const keep = graph.input('keep', 'float32', [5, 2, 1]);
  const hidden = graph.input('hidden', 'float32', [2, 3]);
  const gates = [gate('reset'), gate('update'), gate('candidate')] as const;
  const weights = [weight('resetWeight'), weight('updateWeight'), weight('candidateWeight')] as const;
  const outputs = graph.all('Gru', [...gates, keep, hidden, ...weights, graph.parameter('bias', [3])]);
  graph.output('y', outputs[0]);
  assert.equal(lowered(graph, 'float32').nodes.at(-1)!.outputs.length, 2);
  graph.output('reset', outputs[3]);
  assert.equal(lowered(graph, 'float32').nodes.at(-1)!.outputs.length, 8);
});
