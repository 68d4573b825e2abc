// Which runtime is taken, and the test that decides: whether it sees what is wrong, and what its process answers.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { liveObjects } from '../../../src/base/disposable.ts';
import type { RuntimeChoice } from '../../../src/base/runtimeChoice.ts';
import type { Tensor } from '../../../src/base/tensor.ts';
import { Graph } from '../../../src/graph/graph.ts';
import { toOnnx } from '../../../src/graph/onnx.ts';
import { chooseRuntime, runtimeOpener, tryOutAside } from '../../../src/runtime/chooseRuntime.ts';
import { selfTest, selfTestModel } from '../../../src/runtime/selfTest.ts';
import type { Runtime, Session } from '../../../src/runtime/session.ts';
import { runtimes } from '../../runtimes.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'chainrule runtime '));
after(() => {
  rmSync(folder, { recursive: true });
  assert.deepEqual(liveObjects(), {});
});

async function chosen(choice: RuntimeChoice, tryOut: () => Promise<void>) {
  const lines: string[] = [];
  const runtime = await chooseRuntime({ choice, tryOut, log: (level, text) => lines.push(`${level} ${text}`) });
  return { name: runtime.name, lines };
}

const fails = () => Promise.reject(new Error('sum at 3: expected 4, got 5'));
const never = () => assert.fail('a choice that is forced is not tried out');

test('the native runtime is taken when its test passes, the plain one with a warning when it does not', async () => {
  const passes = async () => {};
  assert.deepEqual(await chosen('auto', passes), { name: runtimes.native.name, lines: [] });
  const { name, lines } = await chosen('auto', fails);
  assert.equal(name, runtimes.plain.name);
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /^warning The native runtime does not work here \(sum at 3: .*\); the plain one/);
});

test('either can be forced', async () => {
  assert.deepEqual(await chosen('native', never), { name: runtimes.native.name, lines: [] });
  assert.deepEqual(await chosen('plain', never), { name: runtimes.plain.name, lines: [] });
});

test('a process chooses once', async () => {
  let numTests = 0;
  const open = runtimeOpener({
    choice: 'auto',
    log: () => undefined,
    tryOut: async () => {
      numTests += 1;
    },
  });
  const [first, second] = await Promise.all([open(), open()]);
  assert.equal(first, second);
  assert.equal(numTests, 1);
});

test('the model of the self-test is the one that is described', () => {
  const graph = new Graph();
  const a = graph.input('a', 'float32', ['n', 8]);
  const b = graph.input('b', 'float32', [8, 8]);
  const c = graph.input('c', 'float32', [8]);
  const product = graph.op('MatMul', [a, b]);
  graph.output('product', product);
  graph.output('sum', graph.add(product, c));
  assert.equal(selfTestModel, Buffer.from(toOnnx(graph, { parameters: 'inputs' })).toString('base64'));
});

for (const [name, runtime] of Object.entries(runtimes)) {
  test(`the ${name} runtime passes the self-test`, () => selfTest(runtime));
}

/** A runtime that does one thing wrong. */
function spoiled(spoil: (outputs: Record<string, Tensor>) => Record<string, Tensor>): Runtime {
  return {
    ...runtimes.native,
    createSession: async (source, options): Promise<Session> => {
      const session = await runtimes.native.createSession(source, options);
      return {
        inputNames: session.inputNames,
        outputNames: session.outputNames,
        run: async (...all) => spoil(await session.run(...all)),
        dispose: () => session.dispose(),
      };
    },
  };
}

test('the self-test sees a wrong number, and an output that is not where it should be', async () => {
  const offByOne = spoiled((outputs) => {
    outputs['sum']!.data[0] = Number(outputs['sum']!.data[0]) + 1;
    return outputs;
  });
  await assert.rejects(selfTest(offByOne), /sum at 0: expected -?\d+, got/);
  const elsewhere = spoiled((outputs) => {
    const sum = outputs['sum'] as Extract<Tensor, { dtype: 'float32' }>;
    return { ...outputs, sum: { ...sum, data: sum.data.slice() } };
  });
  await assert.rejects(selfTest(elsewhere), /output in place/);
});

test('the process of the self-test answers by its exit status; a crash or a missing script is a no', async () => {
  const script = (name: string, text: string) => {
    const file = path.join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  await tryOutAside(script('fine.js', ''));
  await assert.rejects(tryOutAside(script('wrong.js', 'console.error("a wrong number"); process.exitCode = 1')), {
    message: 'a wrong number',
  });
  await assert.rejects(tryOutAside(script('crash.js', 'process.kill(process.pid, "SIGSEGV")')), /ended by SIGSEGV/);
  await assert.rejects(tryOutAside(path.join(folder, 'none.js')), /none\.js, which would try it out, is missing/);
});

test('the bundle that is shipped passes where the native library is, and says what is wrong where it is not', async () => {
  // The bundler is found from here at run time; it cannot be bundled itself.
  const esbuild: typeof import('esbuild') = createRequire(path.resolve('package.json'))('esbuild');
  const { common } = (await import(pathToFileURL(path.resolve('scripts/build.mjs')).href)) as { common: object };
  const entryPoints = ['src/runtime/selfTestProcess.ts'];
  const outside = path.join(folder, 'selfTest.js');
  const inside = path.resolve('out', `selfTest-${process.pid}.js`);
  await esbuild.build({ ...common, entryPoints, outfile: outside });
  await esbuild.build({ ...common, entryPoints, outfile: inside });
  try {
    await tryOutAside(inside);
  } finally {
    rmSync(inside);
  }
  await assert.rejects(tryOutAside(outside), /koffi has no usable binary for/);
});
