// Products and look-ups with weights of few bits. ONNX Runtime's MatMulNBits reads blocks of numbers that share a scale;
// MatMulIntegerToFloat is what it makes of MatMulInteger, Cast and Mul itself, so the graph says it at once.
import { sameShape, shapeText } from './extents.ts';
import type { OpRow } from './ops.ts';
import type { BlockFormat, OpName, TensorType } from './types.ts';

/** Products in 8-bit integers, both sides: three times as fast here as with x in float32. */
const INTEGER_PRODUCTS = 4;

type Quantization = 'MatMulNBits' | 'GatherBlockQuantized' | 'DynamicQuantizeLinear' | 'MatMulIntegerToFloat';

export const quantization: { readonly [P in Quantization & OpName]: OpRow<P> } = {
  MatMulNBits: {
    infer([x, weight, scales], format) {
      const [rows, inner] = x.shape;
      const [outer, blocks] = blocksOf(weight, format);
      expect(x.shape.length === 2 && inner === blocks * format.size, `x [rows, ${blocks * format.size}]`, x);
      expect(sameShape(scales.shape, [outer, blocks]), `scales [${outer}, ${blocks}]`, scales);
      return [{ dtype: x.dtype, shape: [rows!, outer] }];
    },
    onnx([, weight], { bits, size }) {
      const [outer, blocks] = weight.shape.map(Number) as [number, number];
      return {
        type: 'MatMulNBits',
        domain: 'com.microsoft',
        attributes: {
          K: { int: blocks * size },
          N: { int: outer },
          bits: { int: bits },
          block_size: { int: size },
          accuracy_level: { int: INTEGER_PRODUCTS },
        },
      };
    },
  },
  GatherBlockQuantized: {
    infer([table, indices, scales], format) {
      const [outer, blocks] = blocksOf(table, format);
      expect(sameShape(scales.shape, [outer, blocks, 1]), `scales [${outer}, ${blocks}, 1]`, scales);
      return [{ dtype: scales.dtype, shape: [...indices.shape, blocks, format.size] }];
    },
    onnx: (_, { bits, size }) => ({
      type: 'GatherBlockQuantized',
      domain: 'com.microsoft',
      attributes: {
        bits: { int: bits },
        block_size: { int: size },
        gather_axis: { int: 0 },
        quantize_axis: { int: 2 },
      },
    }),
  },
  DynamicQuantizeLinear: {
    infer: ([x]) => [
      { dtype: 'uint8', shape: x.shape },
      { dtype: x.dtype, shape: [] },
      { dtype: 'uint8', shape: [] },
    ],
    onnx: () => ({ type: 'DynamicQuantizeLinear' }),
  },
  MatMulIntegerToFloat: {
    infer([a, b, aScale, bScale]) {
      const [inner, outer] = b.shape;
      expect(a.dtype === 'uint8' && a.shape.length === 2 && a.shape[1] === inner, `a uint8 [rows, ${inner}]`, a);
      expect(b.dtype === 'int8', 'b int8', b);
      expect(sameShape(bScale.shape, [outer!]), `a scale for each of ${outer} columns`, bScale);
      return [{ dtype: aScale.dtype, shape: [a.shape[0]!, outer!] }];
    },
    onnx: () => ({ type: 'MatMulIntegerToFloat', domain: 'com.microsoft' }),
  },
};

function blocksOf(weight: TensorType, { bits, size }: BlockFormat): [outer: number, blocks: number] {
  const bytes = (size * bits) / 8;
  const suits = weight.dtype === 'uint8' && weight.shape.length === 3 && weight.shape[2] === bytes;
  expect(suits, `blocks of ${size} numbers of ${bits} bits, uint8 [N, blocks, ${bytes}]`, weight);
  return weight.shape.map(Number) as [number, number];
}

function expect(ok: boolean, what: string, { dtype, shape }: TensorType): void {
  if (!ok) throw new RangeError(`expected ${what}, got ${dtype} ${shapeText(shape)}`);
}
