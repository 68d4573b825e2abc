// Whether the native runtime computes what it should on this machine, in every way that it is asked: inputs and outputs in place, fresh
// outputs, shapes that change, errors, runs in the background, and a run that is stopped. A wrong place in the table of functions, a
// calling convention that differs, a system that forbids foreign calls: all of them show here, as a wrong number or as a crash.
import { CancelledError } from '../base/errors.ts';
import { type FloatTensor, float32, type Tensor } from '../base/tensor.ts';
import type { Runtime, Session } from './session.ts';

/** product = a b, sum = product + c, over a [n, 8], b [8, 8], c [8]; the bytes are those that a test builds. */
export const selfTestModel =
  'CAoSCWNoYWlucnVsZTq5AQofCgFhCgFiEgdwcm9kdWN0GgZNYXRNdWwiBk1hdE11bAobCgdwcm9kdWN0CgFjEgNzdW0aA0FkZCIDQWRkEgljaGFpbnJ1bGVaFAoBYRIPCg0IARIJCgMSAW4KAggIWhMKAWISDgoMCAESCAoCCAgKAggIWg8KAWMSCgoICAESBAoCCAhiGgoHcHJvZHVjdBIPCg0IARIJCgMSAW4KAggIYhYKA3N1bRIPCg0IARIJCgMSAW4KAggIQgQKABAVQhEKDWNvbS5taWNyb3NvZnQQAQ==';

const width = 8;
const numRuns = 60;

/** @throws Error saying what was wrong. */
export async function selfTest(runtime: Runtime): Promise<void> {
  const bytes = Buffer.from(selfTestModel, 'base64');
  for (const threads of [1, 2]) {
    const session = await runtime.createSession({ bytes }, { threads, spinMicroseconds: 0 });
    try {
      expectSame('inputs', session.inputNames.join(), 'a,b,c');
      expectSame('outputs', session.outputNames.join(), 'product,sum');
      const memory = new WebAssembly.Memory({ initial: 1 });
      for (let run = 0; run < numRuns; run++) await testRun(session, memory, run);
      await testErrors(session);
    } finally {
      session.dispose();
    }
  }
}

async function testRun(session: Session, memory: WebAssembly.Memory, run: number): Promise<void> {
  const rows = (run % 5) + 1;
  // Views into one memory, at odd places, as parameters and caches are.
  const view = (at: number, ...shape: number[]) =>
    float32(
      new Float32Array(
        memory.buffer,
        at,
        shape.reduce((a, b) => a * b),
      ),
      shape,
    );
  const a = view(20, rows, width);
  const b = view(2000, width, width);
  const c = view(4004, width);
  for (const [seed, { data }] of [a, b, c].entries()) {
    for (let i = 0; i < data.length; i++) data[i] = ((i * 7 + seed + run) % 11) - 5;
  }
  const sum = view(6012, rows, width);
  const background = run % 20 === 3;
  const results = await session.run({ a, b, c }, ['sum', 'product'], { into: run % 2 ? { sum } : {}, background });
  checkResults(a, b, c, results, run % 2 ? sum : undefined);
}

/** Whole numbers, so every order of the additions gives the same. */
function checkResults(
  a: FloatTensor,
  b: FloatTensor,
  c: FloatTensor,
  { product, sum }: Readonly<Record<string, Tensor>>,
  target: FloatTensor | undefined,
): void {
  expectSame('shape', product?.shape.join(), a.shape.join());
  if (target) expectSame('output in place', sum, target);
  for (let row = 0; row < a.shape[0]!; row++) {
    for (let column = 0; column < width; column++) {
      let expected = 0;
      for (let k = 0; k < width; k++) expected += a.data[row * width + k]! * b.data[k * width + column]!;
      const at = row * width + column;
      expectSame(`product at ${at}`, product?.data[at], expected);
      expectSame(`sum at ${at}`, sum?.data[at], expected + c.data[column]!);
    }
  }
}

async function testErrors(session: Session): Promise<void> {
  const [a, b, c] = [zeros(1, width), zeros(width, width), zeros(width)];
  const wrong = session.run({ a, b: zeros(width + 1, width), c }, ['sum']);
  const message = await wrong.then(
    () => 'no error',
    (error: unknown) => String(error),
  );
  if (!/invalid dimensions for input: b/.test(message)) {
    throw new Error(`a wrong shape: expected an error that names input b, got: ${message}`);
  }

  const stopping = new AbortController();
  const stopped = session.run({ a: zeros(4096, width), b, c }, ['sum'], { background: true, signal: stopping.signal });
  stopping.abort();
  // It may have been quicker.
  await stopped.catch((error: unknown) => {
    if (!(error instanceof CancelledError)) throw error;
  });
  const { sum } = await session.run({ a, b, c }, ['sum']);
  expectSame('a run after that', sum?.data.length, width);
}

function zeros(...shape: number[]): FloatTensor {
  return float32(new Float32Array(shape.reduce((a, b) => a * b)), shape);
}

function expectSame(what: string, got: unknown, expected: unknown): void {
  if (got !== expected) throw new Error(`${what}: expected ${String(expected)}, got ${String(got)}`);
}
