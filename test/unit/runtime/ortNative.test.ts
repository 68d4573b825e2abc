// What only the native runtime does: it leaves the thread free, stops when it is told to, and gives back all that it took.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { liveObjects } from '../../../src/base/disposable.ts';
import { CancelledError, UserError } from '../../../src/base/errors.ts';
import { float32 } from '../../../src/base/tensor.ts';
import { Graph } from '../../../src/graph/graph.ts';
import { toOnnx } from '../../../src/graph/onnx.ts';
import { loadKoffi } from '../../../src/runtime/foreignFunctions.ts';
import { type OrtApi, type OrtLibrary, openOrtLibrary } from '../../../src/runtime/ortApi.ts';
import { nativeRuntimeOver, openNativeRuntime } from '../../../src/runtime/ortNative.ts';
import { numbers, sumsAndProducts, values, withSession } from './sessions.ts';

after(() => assert.deepEqual(liveObjects(), {}));

const runtime = openNativeRuntime();
const size = 256;

/** So many products of matrices, one after the other; no operator is long. */
function products(count: number): Uint8Array {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [size, size]);
  let product = x;
  for (let i = 0; i < count; i++) product = graph.op('MatMul', [product, x]);
  graph.output('y', product);
  return toOnnx(graph, { parameters: 'inputs' });
}

/** Every power of it is exact. */
function identity() {
  const data = new Float32Array(size * size);
  for (let i = 0; i < size; i++) data[i * size + i] = 1;
  return { x: float32(data, [size, size]) };
}

test('a run in the background leaves the thread free', async () => {
  await withSession(runtime, products(1000), async (session) => {
    let isOver = false;
    const run = session.run(identity(), ['y'], { background: true }).finally(() => {
      isOver = true;
    });
    let turns = 0;
    while (!isOver) {
      await turn();
      turns += 1;
    }
    assert.ok(turns > 1, `${turns} turns of the event loop`);
    assert.equal((await run)['y']!.data[0], 1);
  });
});

test('a run in the background stops when it is told to, a hundred times, and the session goes on', async () => {
  // Half a second, so that it is not over before this thread gets its turn again.
  await withSession(runtime, products(1000), async (session) => {
    for (let i = 0; i < 100; i++) {
      const stopping = new AbortController();
      const run = session.run(identity(), ['y'], { background: true, signal: stopping.signal });
      if (i % 2 > 0) await turn();
      stopping.abort();
      await assert.rejects(run, CancelledError);
    }
    assert.equal((await session.run(identity(), ['y']))['y']!.data[0], 1);
  });
});

test('a session that is disposed of stops what runs in the background, and is freed after it', async () => {
  const session = await runtime.createSession({ bytes: products(1000) }, { threads: 1 });
  const run = session.run(identity(), ['y'], { background: true });
  const next = session.run(identity(), ['y']);
  session.dispose();
  assert.deepEqual(liveObjects(), { session: 1 });
  await assert.rejects(run, CancelledError);
  await assert.rejects(next, /disposed of/);
  assert.deepEqual(liveObjects(), {});
});

test('an array whose memory moved away is refused, and one over shared memory is not', async () => {
  await withSession(runtime, sumsAndProducts(), async (session) => {
    const inputs = { a: numbers(0, 0), b: numbers(1, 2) };
    assert.deepEqual(values((await session.run(inputs, ['sum']))['sum']), [1, 2]);
    const buffer = inputs.a.data.buffer as ArrayBuffer;
    structuredClone(buffer, { transfer: [buffer] });
    await assert.rejects(session.run(inputs, ['sum']), /a: expected 2 elements for \[2\], got 0/);

    const sum = float32(new Float32Array(new SharedArrayBuffer(128), 64, 2), [2]);
    await session.run({ a: numbers(3, 4), b: numbers(1, 2) }, ['sum'], { into: { sum } });
    assert.deepEqual(values(sum), [4, 6]);
  });
});

test('an output may be written over the input that it is made of', async () => {
  await withSession(runtime, sumsAndProducts(), async (session) => {
    const a = numbers(1, 2, 3);
    for (let i = 0; i < 3; i++) await session.run({ a, b: a }, ['sum'], { into: { sum: a } });
    assert.deepEqual(values(a), [8, 16, 24]);
  });
});

/** The library, with every value counted that is made and given back. */
function counted(library: OrtLibrary): { library: OrtLibrary; numValues: () => number } {
  let count = 0;
  const counting = <Name extends 'CreateTensorWithDataAsOrtValue' | 'ReleaseValue'>(name: Name, by: number) => {
    const call = library.api[name] as (...all: unknown[]) => unknown;
    return ((...all: unknown[]) => {
      count += by;
      return call(...all);
    }) as OrtApi[Name];
  };
  const api = {
    ...library.api,
    CreateTensorWithDataAsOrtValue: counting('CreateTensorWithDataAsOrtValue', 1),
    ReleaseValue: counting('ReleaseValue', -1),
  };
  return { library: { ...library, api }, numValues: () => count };
}

test('10,000 runs leave nothing behind: every value is given back, and memory stays flat', async () => {
  const { library, numValues } = counted(openOrtLibrary());
  const length = 1 << 13;
  const warmUp = 2000;
  let before = 0;
  let numFresh = 0;
  await withSession(nativeRuntimeOver(library), sumsAndProducts(), async (session) => {
    const target = float32(new Float32Array(length), [length]);
    for (let i = 0; i < warmUp + 10_000; i++) {
      if (i === warmUp) before = process.memoryUsage.rss();
      const a = float32(new Float32Array(length - (i % 2)), [length - (i % 2)]);
      const into = i % 4 === 0 ? { into: { sum: target } } : {};
      if (i % 100 === 99) await assert.rejects(session.run({ a, b: target }, ['sum']));
      else if (i % 4 !== 0 || a.data.length !== length) {
        await session.run({ a, b: a }, ['sum'], { background: i % 50 === 7 });
        numFresh += 1;
      } else await session.run({ a, b: a }, ['sum'], into);
    }
  });
  // What the library made itself was never counted as made.
  assert.equal(numValues(), -numFresh);
  const grownMb = (process.memoryUsage.rss() - before) / 2 ** 20;
  // Each run hands over 64 KiB: kept, they were 640 MiB.
  assert.ok(grownMb < 96, `memory grew by ${grownMb.toFixed(0)} MiB`);
});

test('the library that was loaded is the one that the package declares', () => {
  assert.equal(openOrtLibrary(), openOrtLibrary());
  assert.match(openOrtLibrary().version, /^1\.\d+\.\d+$/);
});

test('where koffi has no binary, the error says what does without', () => {
  const load = () => {
    throw new Error("Cannot find module '@koromix/koffi'\nRequire stack: ...");
  };
  assert.throws(
    () => loadKoffi(load),
    (error: Error) =>
      error instanceof UserError && /no usable binary for .*\(.*koffi'\); choose the plain/.test(error.message),
  );
});

/** What a script prints that runs by itself, as a bundle of the kind that is shipped. */
async function outputOf(entry: string): Promise<string> {
  const script = path.resolve('out', `${path.basename(entry, '.ts')}-${process.pid}.js`);
  const esbuild: typeof import('esbuild') = createRequire(path.resolve('package.json'))('esbuild');
  const { common } = (await import(pathToFileURL(path.resolve('scripts/build.mjs')).href)) as { common: object };
  await esbuild.build({ ...common, entryPoints: [entry], outfile: script });
  try {
    const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8', timeout: 60_000 });
    assert.equal(status, 0, stderr);
    return stdout;
  } finally {
    rmSync(script);
  }
}

test('a process that exits does not wait for what it runs in the background', async () => {
  assert.equal(await outputOf('test/unit/runtime/exiting.ts'), '');
});

test('where the runtime is opened first, what runs in the background flushes denormals too', async () => {
  assert.equal(await outputOf('test/unit/runtime/flushing.ts'), 'here 0, aside 0\n');
});
