// Tensors of ours as values of the library, over the very same memory: nothing is copied. A place (an input or an output of a session)
// keeps the value of the tensor that it was lent last, so that what is lent again and again costs a comparison.
import { sizeOf, type Tensor } from '../base/tensor.ts';
import type { OrtLibrary } from './ortApi.ts';

/** The library's numbers for element types. */
export const elementTypes = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float64: 11 } as const;

export class LendingPlace {
  readonly #library: OrtLibrary;
  readonly #memoryInfo: bigint;
  readonly #name: string;
  /** Also keeps alive the memory that the value points into. */
  #lent: Tensor | undefined;
  #value = 0n;

  constructor(library: OrtLibrary, memoryInfo: bigint, name: string) {
    this.#library = library;
    this.#memoryInfo = memoryInfo;
    this.#name = name;
  }

  /** The value for a tensor; good until the next call. @throws Error when the array does not fill the shape. */
  lend(tensor: Tensor): bigint {
    const { dtype, shape, data } = tensor;
    // An array whose buffer was moved away (a WebAssembly memory that grew) is empty from then on.
    if (data.length !== sizeOf(shape)) {
      throw new Error(
        `session.run: ${this.#name}: expected ${sizeOf(shape)} elements for [${shape.join(', ')}], got ${data.length}`,
      );
    }
    const lent = this.#lent;
    if (lent && lent.data === data && lent.dtype === dtype && sameShape(lent.shape, shape)) return this.#value;
    this.release();
    const { api, made } = this.#library;
    const extents = extentsOf(shape);
    const type = elementTypes[dtype];
    this.#value = made((out) =>
      api.CreateTensorWithDataAsOrtValue(this.#memoryInfo, data, data.byteLength, extents, shape.length, type, out),
    );
    this.#lent = { ...tensor, shape: [...shape] };
    return this.#value;
  }

  release(): void {
    if (this.#lent === undefined) return;
    this.#library.api.ReleaseValue(this.#value);
    this.#value = 0n;
    this.#lent = undefined;
  }
}

/** For a call that begins at once; made once, since it is needed for every tensor. */
const scratch = new BigInt64Array(new ArrayBuffer(8 * 8));

function extentsOf(shape: readonly number[]): BigInt64Array {
  if (shape.length > scratch.length) return BigInt64Array.from(shape, BigInt);
  for (let axis = 0; axis < shape.length; axis++) scratch[axis] = BigInt(shape[axis]!);
  return scratch;
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

/** A fresh tensor with what a value of the library's holds. @throws Error for an element type that we have no tensor for. */
export function copyOfValue({ api, check, made, copy }: OrtLibrary, value: bigint, name: string): Tensor {
  const info = made((out) => api.GetTensorTypeAndShape(value, out));
  try {
    const type = new Int32Array(1);
    check(api.GetTensorElementType(info, type));
    const extents = new BigInt64Array(Number(made((out) => api.GetDimensionsCount(info, out))));
    if (extents.length > 0) check(api.GetDimensions(info, extents, extents.length));
    const tensor = emptyTensor(type[0]!, Array.from(extents, Number));
    if (!tensor) throw new Error(`session.run: output ${name} has the unsupported element type ${type[0]}`);
    copy(
      tensor.data,
      made((out) => api.GetTensorMutableData(value, out)),
      tensor.data.byteLength,
    );
    return tensor;
  } finally {
    api.ReleaseTensorTypeAndShapeInfo(info);
  }
}

function emptyTensor(type: number, shape: readonly number[]): Tensor | undefined {
  const size = sizeOf(shape);
  switch (type) {
    case elementTypes.float32:
      return { dtype: 'float32', shape, data: new Float32Array(size) };
    case elementTypes.float64:
      return { dtype: 'float64', shape, data: new Float64Array(size) };
    case elementTypes.int32:
      return { dtype: 'int32', shape, data: new Int32Array(size) };
    case elementTypes.int64:
      return { dtype: 'int64', shape, data: new BigInt64Array(size) };
    case elementTypes.uint8:
      return { dtype: 'uint8', shape, data: new Uint8Array(size) };
    case elementTypes.bool:
      return { dtype: 'bool', shape, data: new Uint8Array(size) };
    default:
      return undefined;
  }
}
