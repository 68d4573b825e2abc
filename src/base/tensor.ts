// A tensor is plain data: element type, shape, and a typed array in row-major order. No methods, no strides.

export type DType = 'float32' | 'float64' | 'int32' | 'int64' | 'uint8' | 'int8' | 'bool';

export interface TensorData {
  float32: Float32Array;
  float64: Float64Array;
  int32: Int32Array;
  int64: BigInt64Array;
  uint8: Uint8Array;
  int8: Int8Array;
  bool: Uint8Array;
}

export type Tensor = { [D in DType]: { dtype: D; shape: readonly number[]; data: TensorData[D] } }[DType];

/** A float32 tensor, the only kind that holds log-probabilities and parameters. */
export type FloatTensor = Extract<Tensor, { dtype: 'float32' }>;

/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** @throws RangeError when the data does not fill the shape. */
export function float32(data: Float32Array, shape: readonly number[]): FloatTensor {
  checkSize('float32', data.length, shape);
  return { dtype: 'float32', shape, data };
}

export function float64(data: Float64Array, shape: readonly number[]): Tensor {
  checkSize('float64', data.length, shape);
  return { dtype: 'float64', shape, data };
}

export function int32(data: Int32Array, shape: readonly number[]): Tensor {
  checkSize('int32', data.length, shape);
  return { dtype: 'int32', shape, data };
}

export function int64(data: BigInt64Array, shape: readonly number[]): Tensor {
  checkSize('int64', data.length, shape);
  return { dtype: 'int64', shape, data };
}

export function uint8(data: Uint8Array, shape: readonly number[]): Tensor {
  checkSize('uint8', data.length, shape);
  return { dtype: 'uint8', shape, data };
}

export function int8(data: Int8Array, shape: readonly number[]): Tensor {
  checkSize('int8', data.length, shape);
  return { dtype: 'int8', shape, data };
}

function checkSize(dtype: DType, length: number, shape: readonly number[]): void {
  if (length !== sizeOf(shape)) {
    throw new RangeError(`${dtype}: expected ${sizeOf(shape)} elements for shape [${shape.join(', ')}], got ${length}`);
  }
}
