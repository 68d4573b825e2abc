// Loops over time: the shape rule of Scan, and the gated recurrent unit (Cho et al. 2014, arXiv 1406.1078, in the form of PyTorch's
// nn.GRU, where the reset gate acts on the product) as one Scan forward and one back. Both keep to what a processor's cache
// holds: all that is elementwise happens inside a turn, on [batch, H], and outside only the products over all symbols are left.
// Gates are apart from the beginning, since cutting them apart and joining them took a tenth of the time.
import { type Extent, type Shape, sameShape, shapeText } from './extents.ts';
import type { Builder, OpAttributes, OpInputs, OpOutputs, TensorType, Value } from './types.ts';

export function inferScan(
  inputs: OpInputs<'Scan'>,
  { body, numStates, numSequences }: OpAttributes<'Scan'>,
): readonly TensorType[] {
  const turns = inputs[numStates]?.shape[0];
  if (numSequences < 1 || turns === undefined) throw new RangeError('expected at least one sequence to go through');
  if (body.inputs.length !== inputs.length || body.outputs.length < numStates)
    throw new RangeError(`expected a body with ${inputs.length} inputs and at least ${numStates} outputs`);
  for (const [index, { shape }] of inputs.entries()) {
    const isSequence = index >= numStates && index < numStates + numSequences;
    expectShape(
      `input ${index}`,
      shape,
      isSequence ? [turns, ...body.inputs[index]!.shape] : body.inputs[index]!.shape,
    );
  }
  return body.outputs.map(({ name, value: { dtype, shape } }, index) => {
    if (index >= numStates) return { dtype, shape: [turns, ...shape] };
    expectShape(name, shape, inputs[index]!.shape);
    return { dtype, shape };
  });
}

export function inferGru(inputs: OpInputs<'Gru'>): readonly TensorType[] {
  const [reset, update, candidate, keep, hidden, ...weights] = inputs;
  const bias = weights.pop()!;
  const [time, batch, size] = extentsOf(reset, hidden);
  for (const { shape } of [reset, update, candidate]) expectShape('gates', shape, [time, batch, size]);
  expectShape('keep', keep.shape, [time, batch, 1]);
  expectShape('hidden', hidden.shape, [batch, size]);
  for (const { shape } of weights) expectShape('weights', shape, [size, size]);
  expectShape('bias', bias.shape, [size]);
  const row = { dtype: reset.dtype, shape: reset.shape };
  return [row, { dtype: reset.dtype, shape: hidden.shape }, row, row, row, row, row, row];
}

export function inferGruGradient(inputs: OpInputs<'GruGradient'>): readonly TensorType[] {
  const [dy, dlast, keep, ur, uz, un, ...saved] = inputs;
  const [time, batch, size] = extentsOf(dy, dlast);
  expectShape('keep', keep.shape, [time, batch, 1]);
  for (const { shape } of [ur, uz, un]) expectShape('weights', shape, [size, size]);
  for (const { shape } of saved) expectShape('what was saved', shape, [time, batch, size]);
  const row = { dtype: dy.dtype, shape: dy.shape };
  return [row, row, row, row, { dtype: dy.dtype, shape: dlast.shape }];
}

// r = sigmoid(x_r + U_r k h),  z = sigmoid(x_z + U_z k h),  p = U_n k h + b,  n = tanh(x_n + r p),  y = n + z (k h - n)
export function lowerGru(
  build: Builder,
  [xr, xz, xn, keep, hidden, ur, uz, un, bias]: OpInputs<'Gru'>,
  _: OpAttributes<'Gru'>,
  used: readonly boolean[],
): OpOutputs<'Gru'> {
  const isSaving = used.slice(2).some((isUsed) => isUsed);
  // Once for all turns: the product reads them by rows.
  const transposed = [ur, uz, un].map((u) => build.op('Transpose', [u], { permutation: [1, 0] })); // [H, H]
  const loop = { states: [hidden], sequences: [xr, xz, xn, keep], shared: [...transposed, bias] };
  const { states, rows } = build.loop(loop, (body, [h], sequences, shared) => {
    const [r0, z0, n0, k] = sequences as [Value, Value, Value, Value];
    const [urT, uzT, unT, b] = shared as [Value, Value, Value, Value];
    const kept = body.op('Mul', [h!, k]); // [batch, H]
    const reset = body.op('Sigmoid', [body.op('Gemm', [kept, urT, r0])]);
    const update = body.op('Sigmoid', [body.op('Gemm', [kept, uzT, z0])]);
    const product = body.op('Gemm', [kept, unT, b]);
    const candidate = body.op('Tanh', [body.op('Add', [n0, body.op('Mul', [reset, product])])]);
    const moved = body.op('Mul', [update, body.op('Sub', [kept, candidate])]);
    const y = body.op('Add', [candidate, moved]); // [batch, H]
    const saved = isSaving ? [kept, reset, update, candidate, product, moved] : [];
    return { states: [y], rows: [y, ...saved] };
  });
  const [y, kept, reset, update, candidate, product, moved] = rows as [Value, ...(Value | undefined)[]];
  return [y, states[0]!, kept ?? y, reset ?? y, update ?? y, candidate ?? y, product ?? y, moved ?? y];
}

// With m = z (k h - n) and t = dy (1 - z) = dy - dy z:  dz = t m,  dn = t (1 - n^2),  dp = dn r,  dr = dp p (1 - r), each of what
// goes into sigmoid or tanh;  dh = k (dy z + dr U_r + dz U_z + dp U_n), which is added to the dy of the symbol before
export function lowerGruGradient(
  build: Builder,
  [dys, dlast, keep, ur, uz, un, ...saved]: OpInputs<'GruGradient'>,
): OpOutputs<'GruGradient'> {
  const loop = { states: [dlast], sequences: [dys, keep, ...saved], shared: [ur, uz, un], reverse: true };
  const { states, rows } = build.loop(loop, (body, [carry], sequences, shared) => {
    const [dyHere, k, r, z, n, product, moved] = sequences as [Value, Value, Value, Value, Value, Value, Value];
    const [resetWeight, updateWeight, candidateWeight] = shared as [Value, Value, Value];
    const one = body.scalar(1);
    const mul = (a: Value, b: Value) => body.op('Mul', [a, b]); // [batch, H]
    const sub = (a: Value, b: Value) => body.op('Sub', [a, b]); // [batch, H]
    const dy = body.op('Add', [dyHere, carry!]); // [batch, H]
    const through = mul(dy, z);
    const t = sub(dy, through);
    const dz = mul(t, moved);
    const dn = mul(t, sub(one, mul(n, n)));
    const dproduct = mul(dn, r);
    const dr = mul(mul(dproduct, product), sub(one, r));
    const dkept = body.op('Gemm', [
      dproduct,
      candidateWeight,
      body.op('Gemm', [dz, updateWeight, body.op('Gemm', [dr, resetWeight, through])]),
    ]);
    return { states: [mul(dkept, k)], rows: [dr, dz, dn, dproduct] };
  });
  const [dr, dz, dn, dproduct] = rows as [Value, Value, Value, Value];
  return [dr, dz, dn, dproduct, states[0]!];
}

function extentsOf(sequence: TensorType, hidden: TensorType): [time: Extent, batch: Extent, size: number] {
  if (sequence.shape.length !== 3 || hidden.shape.length !== 2)
    throw new RangeError(
      `expected [time, batch, ...] and [batch, H], got ${shapeText(sequence.shape)} and ${shapeText(hidden.shape)}`,
    );
  return [sequence.shape[0]!, sequence.shape[1]!, Number(hidden.shape[1])];
}

function expectShape(what: string, shape: Shape, expected: Shape): void {
  if (!sameShape(shape, expected))
    throw new RangeError(`expected ${what} ${shapeText(expected)}, got ${shapeText(shape)}`);
}
