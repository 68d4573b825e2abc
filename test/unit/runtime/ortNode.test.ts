import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { UserError } from '../../../src/base/errors.ts';
import { float32, int32, type Tensor } from '../../../src/base/tensor.ts';
import { Graph } from '../../../src/graph/graph.ts';
import { toOnnx } from '../../../src/graph/onnx.ts';
import { openRuntime } from '../../../src/runtime/ortNode.ts';
import type { Session } from '../../../src/runtime/session.ts';

after(() => assert.deepEqual(liveObjects(), {}));

/** sum = a + b, product = a b, over [n]. */
async function withSession<T>(use: (session: Session) => Promise<T>, spinMicroseconds?: number): Promise<T> {
  const graph = new Graph();
  const [a, b] = [graph.input('a', 'float32', ['n']), graph.input('b', 'float32', ['n'])];
  graph.output('sum', graph.add(a, b));
  graph.output('product', graph.mul(a, b));
  const bytes = toOnnx(graph, { parameters: 'inputs' });
  const runtime = await openRuntime();
  const session = await runtime.createSession(
    { bytes },
    { threads: 2, ...(spinMicroseconds === undefined ? {} : { spinMicroseconds }) },
  );
  try {
    return await use(session);
  } finally {
    session.dispose();
  }
}

const numbers = (...values: number[]) => float32(Float32Array.from(values), [values.length]);
const values = (tensor: Tensor | undefined) => [...((tensor?.data ?? []) as Float32Array)];

test('the runtime tells its name and version', async () => {
  const { name, version } = await openRuntime();
  assert.equal(name, 'onnxruntime-node');
  assert.match(version, /^\d+\.\d+\.\d+/);
});

test('where the native library does not load, the error says for which platforms there is one', async () => {
  const load = () => Promise.reject(new Error('Cannot find module onnxruntime_binding.node\nRequire stack: ...'));
  await assert.rejects(openRuntime(load), (error: Error) => {
    assert.ok(error instanceof UserError);
    assert.match(error.message, /no usable binary for \w+-\w+ \(Cannot find module .*\.node\); use linux-x64,/);
    return true;
  });
});

for (const spinMicroseconds of [0, 200]) {
  test(`runs the outputs asked for, spinning for ${spinMicroseconds} us`, async () => {
    await withSession(async (session) => {
      assert.deepEqual(session.inputNames, ['a', 'b']);
      assert.deepEqual(session.outputNames, ['sum', 'product']);
      const inputs = { a: numbers(1, 2), b: numbers(3, 4) };
      const one = await session.run(inputs, ['product']);
      assert.deepEqual(Object.keys(one), ['product']);
      assert.deepEqual(values(one['product']), [3, 8]);
      const both = await session.run(inputs, ['sum', 'product']);
      assert.deepEqual(values(both['sum']), [4, 6]);
    }, spinMicroseconds);
  });
}

test('inputs are read in place: views with an offset, and a WebAssembly memory that changes between runs', async () => {
  await withSession(async (session) => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const inside = new Float32Array(memory.buffer, 1024, 3).fill(2);
    const view = Float32Array.of(9, 9, 1, 2, 3, 9).subarray(2, 5);
    const inputs = { a: float32(view, [3]), b: float32(inside, [3]) };
    assert.deepEqual(values((await session.run(inputs, ['product']))['product']), [2, 4, 6]);
    inside[1] = 10;
    assert.deepEqual(values((await session.run(inputs, ['product']))['product']), [2, 20, 6]);
  });
});

test('numbers too small for a normal float are taken for zero, in the thread that asks and in those that help', async () => {
  await withSession(async (session) => {
    const many = (value: number) => float32(new Float32Array(1 << 20).fill(value), [1 << 20]);
    const { product } = await session.run({ a: many(1e-20), b: many(1e-20) }, ['product']);
    assert.ok(values(product).every((value) => value === 0));
    const { sum } = await session.run({ a: numbers(1e-40), b: numbers(2) }, ['sum']);
    assert.deepEqual(values(sum), [2]);
  });
});

test('outputs are fresh: a later run leaves the earlier result alone', async () => {
  await withSession(async (session) => {
    const first = await session.run({ a: numbers(1), b: numbers(1) }, ['sum']);
    await session.run({ a: numbers(5), b: numbers(5) }, ['sum']);
    assert.deepEqual(values(first['sum']), [2]);
  });
});

test('wrong inputs are errors', async () => {
  await withSession(async (session) => {
    await assert.rejects(session.run({ a: numbers(1) }, ['sum']), /input 'b' is missing/);
    const wrongType = { a: numbers(1), b: int32(Int32Array.of(1), [1]) };
    await assert.rejects(session.run(wrongType, ['sum']), /int32.*expected.*float/s);
    await assert.rejects(session.run({ a: numbers(1), b: numbers(1) }, ['none']), /invalid output name: none/);
  });
});

test('a session that was disposed of says so, and disposing twice is harmless', async () => {
  const session = await withSession(async (session) => session);
  session.dispose();
  await assert.rejects(session.run({ a: numbers(1), b: numbers(1) }, ['sum']), /disposed of; create another/);
});

test('bytes that are no model and a number of threads that is none are refused', async () => {
  const runtime = await openRuntime();
  await assert.rejects(runtime.createSession({ bytes: Uint8Array.of(1, 2, 3) }, { threads: 1 }));
  await assert.rejects(
    runtime.createSession({ bytes: Uint8Array.of() }, { threads: 0 }),
    /threads must be a whole number/,
  );
});
