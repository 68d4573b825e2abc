// One random direction checks a whole gradient (as HIPS/autograd does): for a scalar f, <v, gradient of f at x> against
// a difference quotient along v, in float64.
import assert from 'node:assert/strict';
import { gradients } from '../../src/autodiff/gradients.ts';
import type { Random } from '../../src/base/random.ts';
import { float64, sizeOf, type Tensor } from '../../src/base/tensor.ts';
import type { Graph, Value } from '../../src/graph/graph.ts';
import { toOnnx } from '../../src/graph/onnx.ts';
import type { Runtime, Session } from '../../src/runtime/session.ts';
import { withSession } from '../tinyModels.ts';

/** Small, so that a ReLU seldom has its kink between two points. */
const STEP = 1e-6;

export interface Point {
  /** Where the gradient is taken, by input or parameter name. */
  readonly at: ReadonlyMap<string, Tensor>;
  /** With respect to these; all float. */
  readonly varied: readonly Value[];
}

/** @throws AssertionError that shows both numbers. */
export async function checkGradient(
  what: string,
  runtime: Runtime,
  graph: Graph,
  loss: Value,
  { at, varied }: Point,
  random: Random,
  tolerance = 1e-7,
): Promise<void> {
  graph.output('loss', loss);
  for (const [index, gradient] of gradients(graph, loss, varied).entries())
    graph.output(`gradient.${varied[index]!.name}`, gradient);
  const bytes = toOnnx(graph, { parameters: 'inputs', dtype: 'float64' });
  await withSession(runtime, bytes, 1, async (session) => {
    const direction = new Map(varied.map(({ name, shape }) => [name, normals(shape as number[], random)]));
    const lossAt = (distance: number) => lossOf(session, moved(at, direction, distance));
    const rise = async (distance: number) => (await lossAt(distance)) - (await lossAt(-distance));
    // f' = (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12 h, to the fourth order in h.
    const numeric = (8 * (await rise(STEP)) - (await rise(2 * STEP))) / (12 * STEP);
    const results = await session.run(Object.fromEntries(at), session.outputNames);
    let analytic = 0;
    for (const [name, { data }] of direction) {
      const gradient = results[`gradient.${name}`]!.data;
      for (const [i, x] of data.entries()) analytic += Number(x) * Number(gradient[i]);
    }
    const error = Math.abs(analytic - numeric) / Math.max(1, Math.abs(numeric));
    assert.ok(error < tolerance, `${what}: the gradient says ${analytic}, the difference quotient ${numeric}`);
  });
}

export function normals(shape: readonly number[], random: Random): Tensor {
  return float64(
    Float64Array.from({ length: sizeOf(shape) }, () => random.nextNormal()),
    shape,
  );
}

function moved(
  at: ReadonlyMap<string, Tensor>,
  direction: ReadonlyMap<string, Tensor>,
  distance: number,
): Map<string, Tensor> {
  const result = new Map(at);
  for (const [name, { data, shape }] of direction) {
    const start = at.get(name)!.data;
    const end = Float64Array.from({ length: data.length }, (_, i) => Number(start[i]) + distance * Number(data[i]));
    result.set(name, float64(end, shape));
  }
  return result;
}

async function lossOf(session: Session, inputs: ReadonlyMap<string, Tensor>): Promise<number> {
  const { loss } = await session.run(Object.fromEntries(inputs), ['loss']);
  return Number(loss!.data[0]);
}
