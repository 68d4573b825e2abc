// Small graphs for the tests of the runtimes.
import { float32, type Tensor } from '../../../src/base/tensor.ts';
import { Graph } from '../../../src/graph/graph.ts';
import { toOnnx } from '../../../src/graph/onnx.ts';
import type { Runtime, Session, SessionOptions } from '../../../src/runtime/session.ts';

/** sum = a + b, product = a b, over [n]. */
export function sumsAndProducts(): Uint8Array {
  const graph = new Graph();
  const [a, b] = [graph.input('a', 'float32', ['n']), graph.input('b', 'float32', ['n'])];
  graph.output('sum', graph.add(a, b));
  graph.output('product', graph.mul(a, b));
  return toOnnx(graph, { parameters: 'inputs' });
}

export async function withSession<T>(
  runtime: Runtime,
  bytes: Uint8Array,
  use: (session: Session) => Promise<T>,
  options: SessionOptions = { threads: 1 },
): Promise<T> {
  const session = await runtime.createSession({ bytes }, options);
  try {
    return await use(session);
  } finally {
    session.dispose();
  }
}

export const numbers = (...list: number[]) => float32(Float32Array.from(list), [list.length]);
export const values = (tensor: Tensor | undefined) => [...((tensor?.data ?? []) as Float32Array)];
