// What every session does, on both runtimes.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { CancelledError } from '../../../src/base/errors.ts';
import { float32, int32, type Tensor } from '../../../src/base/tensor.ts';
import type { Session } from '../../../src/runtime/session.ts';
import { runtimes } from '../../runtimes.ts';
import { numbers, sumsAndProducts, values, withSession } from './sessions.ts';

after(() => assert.deepEqual(liveObjects(), {}));

for (const [name, runtime] of Object.entries(runtimes)) {
  const session = <T>(use: (session: Session) => Promise<T>, spinMicroseconds?: number) =>
    withSession(runtime, sumsAndProducts(), use, {
      threads: 2,
      ...(spinMicroseconds !== undefined && { spinMicroseconds }),
    });

  test(`${name}: the runtime tells its name and version`, () => {
    assert.match(runtime.name, /onnx ?runtime/i);
    assert.match(runtime.version, /^\d+\.\d+\.\d+/);
  });

  for (const spinMicroseconds of [0, 200]) {
    test(`${name}: runs the outputs asked for, spinning for ${spinMicroseconds} us`, async () => {
      await session(async (session) => {
        assert.deepEqual(session.inputNames, ['a', 'b']);
        assert.deepEqual(session.outputNames, ['sum', 'product']);
        const inputs = { a: numbers(1, 2), b: numbers(3, 4) };
        const one = await session.run(inputs, ['product']);
        assert.deepEqual(Object.keys(one), ['product']);
        assert.deepEqual(values(one['product']), [3, 8]);
        const both = await session.run(inputs, ['product', 'sum']);
        assert.deepEqual(values(both['sum']), [4, 6]);
        assert.deepEqual(both['sum']!.shape, [2]);
      }, spinMicroseconds);
    });
  }

  test(`${name}: inputs are read in place: views with an offset, and a WebAssembly memory that changes between runs`, async () => {
    await session(async (session) => {
      const memory = new WebAssembly.Memory({ initial: 1 });
      const inside = new Float32Array(memory.buffer, 1024, 3).fill(2);
      const view = Float32Array.of(9, 9, 1, 2, 3, 9).subarray(2, 5);
      const inputs = { a: float32(view, [3]), b: float32(inside, [3]) };
      assert.deepEqual(values((await session.run(inputs, ['product']))['product']), [2, 4, 6]);
      inside[1] = 10;
      assert.deepEqual(values((await session.run(inputs, ['product']))['product']), [2, 20, 6]);
    });
  });

  test(`${name}: outputs are written where the caller says, the rest is fresh`, async () => {
    await session(async (session) => {
      const memory = new WebAssembly.Memory({ initial: 1 });
      const target = float32(new Float32Array(memory.buffer, 512, 2), [2]);
      const inputs = { a: numbers(1, 2), b: numbers(3, 4) };
      const results = await session.run(inputs, ['sum', 'product'], { into: { product: target } });
      assert.equal(results['product'], target);
      assert.deepEqual(values(target), [3, 8]);
      assert.deepEqual(values(results['sum']), [4, 6]);
      inputs.a.data[0] = 10;
      await session.run(inputs, ['product'], { into: { product: target } });
      assert.deepEqual(values(target), [30, 8]);
      const other = numbers(0, 0);
      await session.run(inputs, ['product'], { into: { product: other } });
      assert.deepEqual([values(other), values(target)].flat(), [30, 8, 30, 8]);
    });
  });

  test(`${name}: room of the wrong shape or type for an output is an error, and the session goes on`, async () => {
    await session(async (session) => {
      const inputs = { a: numbers(1, 2), b: numbers(3, 4) };
      for (const wrong of [numbers(0), numbers(0, 0, 0), int32(new Int32Array(2), [2])]) {
        await assert.rejects(session.run(inputs, ['sum'], { into: { sum: wrong } }));
      }
      assert.deepEqual(values((await session.run(inputs, ['sum']))['sum']), [4, 6]);
    });
  });

  test(`${name}: shapes may differ from run to run, and may be empty`, async () => {
    await session(async (session) => {
      for (const length of [3, 0, 70, 3, 1]) {
        const a = float32(
          Float32Array.from({ length }, (_, i) => i),
          [length],
        );
        const { sum } = await session.run({ a, b: a }, ['sum']);
        assert.deepEqual(sum!.shape, [length]);
        assert.deepEqual(
          values(sum),
          values(a).map((value) => 2 * value),
        );
      }
    });
  });

  test(`${name}: numbers too small for a normal float are taken for zero, in every thread that computes`, async () => {
    await session(async (session) => {
      const many = (value: number) => float32(new Float32Array(1 << 20).fill(value), [1 << 20]);
      const large = { a: many(1e-20), b: many(1e-20) };
      const small = { a: numbers(1e-40), b: numbers(2) };
      for (const background of [false, true]) {
        const { product } = await session.run(large, ['product'], { background });
        assert.ok((product!.data as Float32Array).every((value) => value === 0));
        const { sum } = await session.run(small, ['sum'], { background });
        assert.deepEqual(values(sum), [2]);
      }
    });
  });

  test(`${name}: outputs are fresh: a later run leaves the earlier result alone`, async () => {
    await session(async (session) => {
      const first = await session.run({ a: numbers(1), b: numbers(1) }, ['sum']);
      await session.run({ a: numbers(5), b: numbers(5) }, ['sum']);
      assert.deepEqual(values(first['sum']), [2]);
    });
  });

  test(`${name}: runs asked for at once come one after another, in the background or not`, async () => {
    await session(async (session) => {
      const results = await Promise.all(
        [1, 2, 3, 4, 5, 6].map((value) =>
          session.run({ a: numbers(value), b: numbers(value) }, ['sum', 'product'], { background: value % 3 > 0 }),
        ),
      );
      assert.deepEqual(
        results.flatMap(({ sum }) => values(sum)),
        [2, 4, 6, 8, 10, 12],
      );
      assert.deepEqual(
        results.flatMap(({ product }) => values(product)),
        [1, 4, 9, 16, 25, 36],
      );
    });
  });

  test(`${name}: wrong inputs are errors`, async () => {
    await session(async (session) => {
      await assert.rejects(session.run({ a: numbers(1) }, ['sum']), /input 'b' is missing/);
      const wrongType = { a: numbers(1), b: int32(Int32Array.of(1), [1]) };
      await assert.rejects(session.run(wrongType, ['sum']), /int32.*expected.*float/s);
      await assert.rejects(session.run({ a: numbers(1), b: numbers(1) }, ['none']), /invalid output name: none/);
      const short: Tensor = { dtype: 'float32', shape: [3], data: new Float32Array(2) };
      await assert.rejects(session.run({ a: short, b: short }, ['sum']));
    });
  });

  test(`${name}: what is cancelled beforehand does not begin`, async () => {
    await session(async (session) => {
      const inputs = { a: numbers(1), b: numbers(1) };
      for (const background of [false, true]) {
        const run = session.run(inputs, ['sum'], { background, signal: AbortSignal.abort() });
        await assert.rejects(run, CancelledError);
      }
    });
  });

  test(`${name}: a session that was disposed of says so, and disposing twice is harmless`, async () => {
    const ended = await session(async (session) => session);
    ended.dispose();
    await assert.rejects(ended.run({ a: numbers(1), b: numbers(1) }, ['sum']), /disposed of; create another/);
  });

  test(`${name}: bytes that are no model and a number of threads that is none are refused`, async () => {
    await assert.rejects(runtime.createSession({ bytes: Uint8Array.of(1, 2, 3) }, { threads: 1 }));
    await assert.rejects(
      runtime.createSession({ bytes: Uint8Array.of() }, { threads: 0 }),
      /threads must be a whole number/,
    );
    await assert.rejects(runtime.createSession({ path: 'no/such/größe.onnx' }, { threads: 1 }), /no\/such\/größe/);
  });
}
