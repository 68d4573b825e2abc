import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { Random } from '../../../src/base/random.ts';
import { float32 } from '../../../src/base/tensor.ts';
import { toOnnx } from '../../../src/graph/onnx.ts';
import type { ParameterSpec } from '../../../src/models/architecture.ts';
import { openRuntime } from '../../../src/runtime/ortNode.ts';
import { Muon, orthogonalization } from '../../../src/train/muon.ts';
import { ParameterMemory } from '../../../src/train/parameterMemory.ts';

const settings = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clipNorm: Number.POSITIVE_INFINITY };

afterEach(() => assert.deepEqual(liveObjects(), {}));

for (const [rows, columns] of [
  [6, 6],
  [4, 10],
  [11, 5],
] as const) {
  test(`orthogonalization of a ${rows} x ${columns} matrix brings its singular values near 1`, async () => {
    const direction = randomMatrix(rows, columns, 5);
    const orthogonal = await run(rows, columns, direction);
    // The eigenvalues of the smaller Gram matrix are the squared singular values; the iteration leaves them within [0.6, 1.3].
    const gram =
      rows <= columns ? times(orthogonal, transposed(orthogonal)) : times(transposed(orthogonal), orthogonal);
    const trace = gram.reduce((sum, row, i) => sum + row[i]!, 0) / gram.length;
    assert.ok(trace > 0.5 && trace < 1.3, `mean squared singular value ${trace}`);
    // The direction is kept: the inner product with the input is the sum of its singular values, up to those factors.
    const inner = direction.flat().reduce((sum, value, i) => sum + value * orthogonal.flat()[i]!, 0);
    assert.ok(inner > 0, `inner product ${inner}`);
  });
}

test('orthogonalization is the iteration written out in double precision', async () => {
  const direction = randomMatrix(3, 5, 9);
  let x = direction.map((row) => row.map((value) => value / (Math.hypot(...direction.flat()) + 1e-7)));
  for (let i = 0; i < 5; i++) {
    const gram = times(x, transposed(x));
    const square = times(gram, gram);
    const mixed = gram.map((row, r) => row.map((value, k) => -4.775 * value + 2.0315 * square[r]![k]!));
    const product = times(mixed, x);
    x = x.map((row, r) => row.map((value, k) => 3.4445 * value + product[r]![k]!));
  }
  const computed = await run(3, 5, direction);
  for (const [i, value] of computed.flat().entries()) assert.ok(Math.abs(value - x.flat()[i]!) < 1e-4, `element ${i}`);
});

test('the update: momentum, look-ahead, orthogonal direction, decay; other parameters by AdamW', async () => {
  const specs: ParameterSpec[] = [
    { name: 'hidden', shape: [4, 2], initialization: { kind: 'normal', standardDeviation: 1 }, decay: true },
    { name: 'norm', shape: [3], initialization: { kind: 'constant', value: 1 }, decay: false },
  ];
  const memory = new ParameterMemory(specs);
  memory.initialize(new Random(2));
  const before = [...memory.tensors('parameters').get('hidden')!.data];
  const gradient = randomMatrix(4, 2, 3);
  memory.tensors('gradients').get('hidden')!.data.set(gradient.flat());
  memory.tensors('gradients').get('norm')!.data.set([1, -2, 3]);
  const muon = await Muon.create(await openRuntime(), memory, settings, 1);
  const norm = await muon.update(1, 0.01);
  muon.dispose();
  assert.ok(Math.abs(norm - Math.hypot(...gradient.flat(), 1, -2, 3)) < 1e-5);
  // m = 0.05 g, and the look-ahead g + 0.95 (m - g) is a multiple of g: normalization removes the factor.
  const orthogonal = (await run(4, 2, gradient)).flat();
  const expected = before.map((value, i) => value * (1 - 0.001) - 0.05 * Math.SQRT2 * orthogonal[i]!);
  memory
    .tensors('parameters')
    .get('hidden')!
    .data.forEach((value, i) => {
      assert.ok(Math.abs(value - expected[i]!) < 1e-4, `element ${i}: ${value} and ${expected[i]}`);
    });
  // The first step of Adam moves every element by the rate, against the sign of its gradient.
  const moved = [...memory.tensors('parameters').get('norm')!.data];
  for (const [i, value] of [0.99, 1.01, 0.99].entries()) assert.ok(Math.abs(moved[i]! - value) < 1e-5);
});

test('a gradient that is no number changes nothing', async () => {
  const specs: ParameterSpec[] = [
    { name: 'hidden', shape: [2, 2], initialization: { kind: 'constant', value: 1 }, decay: true },
  ];
  const memory = new ParameterMemory(specs);
  memory.initialize(new Random(1));
  memory.tensors('gradients').get('hidden')!.data.set([1, Number.NaN, 0, 0]);
  const muon = await Muon.create(await openRuntime(), memory, settings, 1);
  assert.ok(Number.isNaN(await muon.update(1, 0.01)));
  muon.dispose();
  assert.deepEqual([...memory.tensors('parameters').get('hidden')!.data], [1, 1, 1, 1]);
});

async function run(rows: number, columns: number, direction: number[][]): Promise<number[][]> {
  const runtime = await openRuntime();
  const bytes = toOnnx(orthogonalization([{ name: 'orthogonal', shape: [rows, columns] }]), { parameters: 'inputs' });
  const session = await runtime.createSession({ bytes }, { threads: 1 });
  const input = float32(Float32Array.from(direction.flat()), [rows, columns]);
  const { orthogonal } = await session.run({ 'direction.orthogonal': input }, ['orthogonal']);
  session.dispose();
  return direction.map((row, r) => row.map((_, k) => Number(orthogonal!.data[r * columns + k])));
}

function randomMatrix(rows: number, columns: number, seed: number): number[][] {
  const random = new Random(seed);
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => random.nextNormal()));
}

function times(x: number[][], y: number[][]): number[][] {
  return x.map((row) => y[0]!.map((_, k) => row.reduce((sum, value, i) => sum + value * y[i]![k]!, 0)));
}

function transposed(x: number[][]): number[][] {
  return x[0]!.map((_, k) => x.map((row) => row[k]!));
}
