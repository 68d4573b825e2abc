import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { float32, type Tensor } from '../../../src/base/tensor.ts';
import { Graph } from '../../../src/graph/graph.ts';
import { type ParameterPlacement, toOnnx } from '../../../src/graph/onnx.ts';
import { ProtobufWriter } from '../../../src/graph/protobuf.ts';
import { openRuntime } from '../../../src/runtime/ortNode.ts';
import type { ModelSource } from '../../../src/runtime/session.ts';
import { withSession } from '../../tinyModels.ts';

const runtime = await openRuntime();
const folder = mkdtempSync(path.join(tmpdir(), 'chainrule-onnx-'));

after(() => {
  rmSync(folder, { recursive: true });
  assert.deepEqual(liveObjects(), {});
});

const weight = float32(Float32Array.of(1, 2, 3, 4, 5, 6), [3, 2]);
const x = float32(Float32Array.of(1, 10), [1, 2]);
const expected = [21, 43, 65];

function product(placement: ParameterPlacement): Uint8Array {
  const graph = new Graph();
  const rows = graph.input('x', 'float32', ['time', 2]);
  graph.output('y', graph.op('Gemm', [rows, graph.parameter('weight', [3, 2])], { transB: true }));
  return toOnnx(graph, { parameters: placement });
}

async function check(source: ModelSource, inputs: Record<string, Tensor>): Promise<void> {
  const session = await runtime.createSession(source, { threads: 1 });
  try {
    const { y } = await session.run(inputs, ['y']);
    assert.deepEqual(Array.from(y!.data, Number), expected);
    assert.deepEqual([...session.inputNames], Object.keys(inputs));
  } finally {
    session.dispose();
  }
}

test('parameters as inputs', () => check({ bytes: product('inputs') }, { x, weight }));

test('parameters in the model', () => check({ bytes: product({ embedded: new Map([['weight', weight]]) }) }, { x }));

test('parameters in a file beside the model, at any offset', async () => {
  const offset = 7;
  writeFileSync(path.join(folder, 'data.bin'), Buffer.concat([Buffer.alloc(offset), Buffer.from(weight.data.buffer)]));
  const tensor = { location: 'data.bin', offset, length: weight.data.byteLength };
  writeFileSync(path.join(folder, 'y.onnx'), product({ external: new Map([['weight', tensor]]) }));
  await check({ path: path.join(folder, 'y.onnx') }, { x });
});

test('a parameter without a tensor is refused by name', () => {
  assert.throws(() => product({ embedded: new Map() }), /expected a tensor for every parameter, got none for weight/);
});

test('outputs may be inputs, constants, or one value under two names', async () => {
  const graph = new Graph();
  const input = graph.input('x', 'float32', [1, 2]);
  const negative = graph.op('Neg', [input]);
  graph.output('same', input);
  graph.output('half', graph.scalar(0.5));
  graph.output('first', negative);
  graph.output('second', negative);
  const results = await withSession(runtime, toOnnx(graph, { parameters: 'inputs' }), 1, (session) =>
    session.run({ x }, session.outputNames),
  );
  assert.deepEqual(
    Object.entries(results).map(([name, { data }]) => [name, Array.from(data, Number)]),
    [
      ['same', [1, 10]],
      ['half', [0.5]],
      ['first', [-1, -10]],
      ['second', [-1, -10]],
    ],
  );
});

test('a symbolic extent may move in a reshape, but not two', () => {
  const graph = new Graph();
  const rows = graph.input('x', 'float32', ['time', 4, 'total']);
  graph.output('one', graph.reshape(rows, [2, '2*time', 'total']));
  toOnnx(graph, { parameters: 'inputs' });
  graph.output('two', graph.reshape(graph.transpose(rows, [1, 0, 2]), [2, 2, 'time', 'total']));
  const message = /two symbols move from \[4, time, total\] to \[2, 2, time, total\]/;
  assert.throws(() => toOnnx(graph, { parameters: 'inputs' }), message);
});

test('the wire format', () => {
  const check = (write: (writer: ProtobufWriter) => unknown, bytes: number[]) => {
    const writer = new ProtobufWriter();
    write(writer);
    assert.deepEqual([...writer.finish()], bytes);
  };
  check((writer) => writer.integer(1, 0), [0x08, 0]);
  check((writer) => writer.integer(1, 150), [0x08, 0x96, 0x01]);
  check((writer) => writer.integer(20, 1), [0xa0, 0x01, 1]);
  check((writer) => writer.integer(1, -1), [0x08, ...Array<number>(9).fill(0xff), 0x01]);
  check((writer) => writer.integer(1, 2 ** 40), [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20]);
  check((writer) => writer.float(2, 1), [0x15, 0, 0, 0x80, 0x3f]);
  check((writer) => writer.text(2, 'é'), [0x12, 2, 0xc3, 0xa9]);
  check((writer) => writer.message(3, (nested) => nested.integer(1, 150)), [0x1a, 3, 0x08, 0x96, 0x01]);
  check((writer) => writer.packedIntegers(4, [3, 270]), [0x22, 3, 0x03, 0x8e, 0x02]);
  check(
    (writer) => writer.bytes(1, new Uint8Array(300)).integer(1, 1),
    [0x0a, 0xac, 0x02, ...Array<number>(300).fill(0), 8, 1],
  );
});
