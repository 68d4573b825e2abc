// Loops over time: the shape rule of Scan, and the gated recurrent unit (Cho et al. 2014, arXiv 1406.1078, in the form of PyTorch's
// nn.GRU, where the reset gate acts on the product) as one Scan forward and one back. Both keep to what a processor's cache
// holds: all that is elementwise happens inside a turn, on [batch, H], and outside only one product over all symbols is left.
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

export function inferGru([gates, keep, hidden, weight, bias]: OpInputs<'Gru'>): readonly TensorType[] {
  const [time, batch, size] = extentsOf(gates, hidden);
  expectShape('gates', gates.shape, [time, batch, 3 * size]);
  expectShape('keep', keep.shape, [time, batch, 1]);
  expectShape('hidden', hidden.shape, [batch, size]);
  expectShape('weight', weight.shape, [3 * size, size]);
  expectShape('bias', bias.shape, [3 * size]);
  const { dtype } = gates;
  const row = { dtype, shape: [time, batch, size] };
  return [row, { dtype, shape: hidden.shape }, row, row, row, row, row];
}

export function inferGruGradient([dy, dlast, keep, weight, ...saved]: OpInputs<'GruGradient'>): readonly TensorType[] {
  const [time, batch, size] = extentsOf(dy, dlast);
  expectShape('keep', keep.shape, [time, batch, 1]);
  expectShape('weight', weight.shape, [3 * size, size]);
  for (const { shape } of [dy, ...saved]) expectShape('what was saved', shape, [time, batch, size]);
  const { dtype } = dy;
  const gates = { dtype, shape: [time, batch, 3 * size] };
  return [gates, gates, { dtype, shape: dlast.shape }];
}

// g = U (k h) + c,  r = sigmoid(x_r + g_r),  z = sigmoid(x_z + g_z),  n = tanh(x_n + r g_n),  y = n + z (k h - n)
export function lowerGru(
  build: Builder,
  [gates, keep, hidden, weight, bias]: OpInputs<'Gru'>,
  _: OpAttributes<'Gru'>,
  used: readonly boolean[],
): OpOutputs<'Gru'> {
  const size = Number(hidden.shape[1]);
  const isSaving = used.slice(2).some((isUsed) => isUsed);
  // Once for all turns: the product reads it by rows.
  const transposed = build.op('Transpose', [weight], { permutation: [1, 0] }); // [H, 3H]
  const loop = { states: [hidden], sequences: [gates, keep], shared: [transposed, bias] };
  const { states, rows } = build.loop(loop, (body, [h], [x, k], [w, c]) => {
    const kept = body.op('Mul', [h!, k!]); // [batch, H]
    const products = body.op('Gemm', [kept, w!, c!]); // [batch, 3H]
    const split = (value: Value, sizes: readonly number[]) => body.all('Split', [value], { axis: 1, sizes });
    const [xGates, xCandidate] = split(x!, [2 * size, size]);
    const [hGates, product] = split(products, [2 * size, size]);
    const opened = body.op('Sigmoid', [body.op('Add', [xGates!, hGates!])]); // [batch, 2H]
    const [reset, update] = split(opened, [size, size]);
    const candidate = body.op('Tanh', [body.op('Add', [xCandidate!, body.op('Mul', [reset!, product!])])]);
    const moved = body.op('Mul', [update!, body.op('Sub', [kept, candidate])]);
    const y = body.op('Add', [candidate, moved]); // [batch, H]
    const saved = isSaving ? [kept, reset!, update!, candidate, product!] : [];
    return { states: [y], rows: [y, ...saved] };
  });
  const [y, ...saved] = rows as [Value, ...Value[]];
  const [kept = y, reset = y, update = y, candidate = y, product = y] = saved;
  return [y, states[0]!, kept, reset, update, candidate, product];
}

// dn = dy (1 - z) (1 - n^2),  dr = dn g_n r (1 - r),  dz = dy z (k h - n) (1 - z),  dg = [dr, dz, dn r],  dx = [dr, dz, dn]
// dh = k (dg U + dy z), which is added to the dy of the symbol before
export function lowerGruGradient(
  build: Builder,
  [dys, dlast, keep, weight, ...saved]: OpInputs<'GruGradient'>,
): OpOutputs<'GruGradient'> {
  const loop = { states: [dlast], sequences: [dys, keep, ...saved], shared: [weight], reverse: true };
  const { states, rows } = build.loop(loop, (body, [carry], sequences, [u]) => {
    const [dyHere, k, kept, r, z, n, product] = sequences as [Value, Value, Value, Value, Value, Value, Value];
    const one = body.scalar(1);
    const mul = (a: Value, b: Value) => body.op('Mul', [a, b]); // [batch, H]
    const sub = (a: Value, b: Value) => body.op('Sub', [a, b]); // [batch, H]
    const dy = body.op('Add', [dyHere, carry!]); // [batch, H]
    const closed = sub(one, z);
    const dn = mul(mul(dy, closed), sub(one, mul(n, n)));
    const dproduct = mul(dn, r);
    const dr = mul(mul(dproduct, product), sub(one, r));
    const through = mul(dy, z);
    const dz = mul(mul(through, sub(kept, n)), closed);
    const dproducts = body.op('Concat', [dr, dz, dproduct], { axis: 1 }); // [batch, 3H]
    const dgates = body.op('Concat', [dr, dz, dn], { axis: 1 }); // [batch, 3H]
    const dkept = body.op('Gemm', [dproducts, u!, through]); // [batch, H]
    return { states: [mul(dkept, k)], rows: [dgates, dproducts] };
  });
  return [rows[0]!, rows[1]!, states[0]!];
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
