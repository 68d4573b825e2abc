// The SIMD kernel against the formulas of the paper in plain TypeScript, float32 rounding at the same places.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../src/base/random.ts';
import { sizeOf } from '../../../src/base/tensor.ts';
import { AdamW, type AdamWSettings } from '../../../src/train/optimizer.ts';
import { ParameterMemory } from '../../../src/train/parameterMemory.ts';

const settings: AdamWSettings = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clipNorm: 1 };

/** Sizes that are and are not multiples of four, one smaller than a vector. */
const specs = [
  { name: 'matrix', shape: [7, 9], initialization: { kind: 'normal', standardDeviation: 0.5 }, decay: true },
  { name: 'gain', shape: [3], initialization: { kind: 'constant', value: 1 }, decay: false },
  { name: 'table', shape: [16, 4], initialization: { kind: 'normal', standardDeviation: 0.02 }, decay: true },
] as const;

function memoryWithGradients(random: Random, scale: number): ParameterMemory {
  const memory = new ParameterMemory(specs);
  memory.initialize(random);
  fillGradients(memory, random, scale);
  return memory;
}

function fillGradients(memory: ParameterMemory, random: Random, scale: number): void {
  for (const { data } of memory.tensors('gradients').values()) {
    for (let i = 0; i < data.length; i++) data[i] = scale * random.nextNormal();
  }
}

/** PyTorch's torch.optim.AdamW with clip_grad_norm_, in double precision. */
class Reference {
  readonly parameters: Map<string, number[]>;
  readonly first = new Map(specs.map(({ name, shape }) => [name as string, new Array<number>(sizeOf(shape)).fill(0)]));
  readonly second = new Map(specs.map(({ name, shape }) => [name as string, new Array<number>(sizeOf(shape)).fill(0)]));

  constructor(memory: ParameterMemory) {
    this.parameters = new Map([...memory.tensors('parameters')].map(([name, { data }]) => [name, [...data]]));
  }

  update(memory: ParameterMemory, step: number, learningRate: number, gradientScale: number): number {
    const { beta1, beta2, epsilon, weightDecay, clipNorm } = settings;
    let sum = 0;
    for (const { data } of memory.tensors('gradients').values()) for (const g of data) sum += (g * gradientScale) ** 2;
    const norm = Math.sqrt(sum);
    const scale = gradientScale * Math.min(1, clipNorm / (norm + 1e-6));
    for (const { name, decay } of specs) {
      const [p, m, v] = [this.parameters.get(name)!, this.first.get(name)!, this.second.get(name)!];
      memory
        .tensors('gradients')
        .get(name)!
        .data.forEach((gradient, i) => {
          const g = gradient * scale;
          if (decay) p[i] = p[i]! * (1 - learningRate * weightDecay);
          m[i] = beta1 * m[i]! + (1 - beta1) * g;
          v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
          const mHat = m[i]! / (1 - beta1 ** step);
          const vHat = v[i]! / (1 - beta2 ** step);
          p[i] = p[i]! - (learningRate * mHat) / (Math.sqrt(vHat) + epsilon);
        });
    }
    return norm;
  }
}

for (const [scale, gradientScale] of [
  [0.001, 1],
  [3, 1],
  [3, 0.25],
] as const) {
  test(`updates equal the reference: gradients of scale ${scale}, multiplied by ${gradientScale}`, () => {
    const random = new Random(5);
    const memory = memoryWithGradients(random, scale);
    const optimizer = new AdamW(memory, settings);
    const reference = new Reference(memory);
    for (let step = 1; step <= 20; step++) {
      fillGradients(memory, random, scale);
      const expectedNorm = reference.update(memory, step, 0.01, gradientScale);
      const norm = optimizer.update(step, 0.01, gradientScale);
      assert.ok(Math.abs(norm - expectedNorm) <= 1e-9 * expectedNorm, `norm ${norm}, expected ${expectedNorm}`);
    }
    for (const [name, { data }] of memory.tensors('parameters')) {
      data.forEach((value, i) => {
        const expected = reference.parameters.get(name)![i]!;
        assert.ok(Math.abs(value - expected) < 1e-5, `${name}[${i}]: ${value}, expected ${expected}`);
      });
    }
  });
}

test('the gaps between parameters stay zero and a second run gives the same bits', () => {
  const run = () => {
    const random = new Random(9);
    const memory = memoryWithGradients(random, 1);
    const optimizer = new AdamW(memory, settings);
    for (let step = 1; step <= 5; step++) {
      fillGradients(memory, random, 1);
      optimizer.update(step, 0.01);
    }
    return memory;
  };
  const [a, b] = [run(), run()];
  assert.deepEqual(new Uint8Array(a.memory.buffer), new Uint8Array(b.memory.buffer));
  const used = specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  assert.ok(a.whole('parameters').filter((value) => value !== 0).length <= used);
});

test('gradients that are not finite change nothing', () => {
  const memory = memoryWithGradients(new Random(2), 1);
  const optimizer = new AdamW(memory, settings);
  const before = memory.whole('parameters').slice();
  memory.tensors('gradients').get('gain')!.data[1] = Number.NaN;
  assert.ok(Number.isNaN(optimizer.update(1, 0.01)));
  assert.deepEqual(memory.whole('parameters'), before);
  assert.ok(memory.whole('first').every((value) => value === 0));
});

test('a model too large for one memory is refused in words', () => {
  const huge = {
    name: 'x',
    shape: [300_000_000],
    initialization: { kind: 'constant', value: 0 },
    decay: true,
  } as const;
  assert.throws(() => new ParameterMemory([huge]), /300 million parameters, but at most 268 million/);
});
