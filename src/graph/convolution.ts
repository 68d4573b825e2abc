// Two-dimensional convolution: its shape, and its form as one product, which is how float64 reaches it:
//
//   padded, each row after the other          a place of the kernel is a shift of the whole:
//     0 0 0 0 0                                 row i, column j -> [i * width + j, ...)
//     0 a b c 0
//     0 d e f 0
import { staticShape } from './extents.ts';
import type { Builder, Margins, OpAttributes, OpInputs, OpOutputs, TensorType, Value } from './types.ts';

interface ConvExtents {
  readonly batch: number;
  readonly channels: number;
  readonly outputs: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly height: number;
  readonly width: number;
  /** Of the result. */
  readonly outHeight: number;
  readonly outWidth: number;
  /** Of a row among its zeros. */
  readonly paddedWidth: number;
}

function convExtents(x: TensorType, weight: TensorType, [top, left, bottom, right]: Margins): ConvExtents {
  const [batch, channels, height, width] = staticShape('Conv', x.shape) as [number, number, number, number];
  const [outputs, , kernelHeight, kernelWidth] = staticShape('Conv', weight.shape) as [number, number, number, number];
  const paddedWidth = left + width + right;
  const outHeight = top + height + bottom - kernelHeight + 1;
  const outWidth = paddedWidth - kernelWidth + 1;
  return { batch, channels, outputs, kernelHeight, kernelWidth, height, width, outHeight, outWidth, paddedWidth };
}

export function inferConv(
  [x, weight, bias]: OpInputs<'Conv'>,
  { pads, taps = 1 }: Pick<OpAttributes<'Conv'>, 'pads' | 'taps'>,
): readonly TensorType[] {
  if (x.shape.length !== 4 || weight.shape.length !== 4)
    throw new RangeError(`expected rank 4 twice, got [${x.shape}] and [${weight.shape}]`);
  const { outputs, outHeight, outWidth, kernelHeight, kernelWidth } = convExtents(x, weight, pads);
  if (weight.shape[1] !== x.shape[1])
    throw new RangeError(`expected a weight for ${x.shape[1]} channels, got [${weight.shape}]`);
  if (bias && bias.shape.join() !== `${outputs}`)
    throw new RangeError(`expected a bias for each of ${outputs} outputs, got [${bias.shape}]`);
  if (outHeight < 1 || outWidth < 1) throw new RangeError(`expected an image larger than the kernel, got [${x.shape}]`);
  if (taps < 1 || taps > kernelHeight * kernelWidth)
    throw new RangeError(`expected 1 to ${kernelHeight * kernelWidth} taps, got ${taps}`);
  return [{ dtype: x.dtype, shape: [x.shape[0]!, outputs, outHeight, outWidth] }];
}

/** The image among its zeros, each row after the other, and a little more so that every shift of it fits. */
function flatRows(build: Builder, x: Value, extents: ConvExtents, [top, left, bottom, right]: Margins): Value {
  const { batch, channels, height, kernelWidth, paddedWidth } = extents;
  const wide = pad(build, x, 3, left, right); // [batch, channels, height, paddedWidth]
  const flat = build.reshape(wide, [batch, channels, height * paddedWidth]);
  return pad(build, flat, 2, top * paddedWidth, bottom * paddedWidth + kernelWidth - 1); // [batch, channels, ...]
}

/** What a place of the kernel meets: [batch, channels, outHeight * paddedWidth], of each row the first outWidth count. */
function shifted(build: Builder, flat: Value, tap: number, extents: ConvExtents): Value {
  const { kernelWidth, outHeight, paddedWidth } = extents;
  const start = Math.floor(tap / kernelWidth) * paddedWidth + (tap % kernelWidth);
  const length = outHeight * paddedWidth;
  if (start === 0 && length === flat.shape[2]) return flat;
  return build.op('Slice', [flat], { axis: 2, start, end: start + length });
}

// y = w [taps of x]
export function lowerConv(
  build: Builder,
  [x, weight, bias]: OpInputs<'Conv'>,
  { pads, taps }: OpAttributes<'Conv'>,
): OpOutputs<'Conv'> {
  const extents = convExtents(x, weight, pads);
  const { batch, channels, outputs, kernelHeight, kernelWidth, outHeight, outWidth, paddedWidth } = extents;
  const flat = flatRows(build, x, extents, pads);
  const seen = Array.from({ length: taps ?? kernelHeight * kernelWidth }, (_, tap) =>
    shifted(build, flat, tap, extents),
  );
  const columns = build.op('Transpose', [build.op('Concat', seen, { axis: 1 })], { permutation: [1, 0, 2] }); // [taps * channels, batch, P]
  const inner = seen.length * channels;
  const byTap = build.op('Transpose', [build.reshape(weight, [outputs, channels, kernelHeight * kernelWidth])], {
    permutation: [0, 2, 1],
  }); // [outputs, all taps, channels]
  const all = build.reshape(byTap, [outputs, kernelHeight * kernelWidth * channels]);
  const matrix = build.op('Slice', [all], { axis: 1, start: 0, end: inner }); // [outputs, taps * channels]
  const wide = build.reshape(columns, [inner, batch * outHeight * paddedWidth]);
  const product = build.op('Gemm', bias ? [matrix, wide, build.reshape(bias, [outputs, 1])] : [matrix, wide]); // [outputs, batch * P]
  const rows = build.reshape(product, [outputs, batch, outHeight, paddedWidth]);
  const kept = build.op('Slice', [rows], { axis: 3, start: 0, end: outWidth });
  return [build.op('Transpose', [kept], { permutation: [1, 0, 2, 3] })]; // [batch, outputs, outHeight, outWidth]
}

export function pad(build: Builder, x: Value, axis: number, before: number, after: number): Value {
  return before === 0 && after === 0 ? x : build.op('Pad', [x], { axis, before, after });
}
