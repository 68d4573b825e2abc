// What a graph is made of: values, and the signature of every operator. A signature gives the inputs as a tuple, the
// attributes and the outputs, so a call with a wrong number of inputs or a misspelt attribute does not compile.
import type { DType } from '../base/tensor.ts';
import type { Shape } from './extents.ts';
import type { Graph } from './graph.ts';

export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** One tensor in a graph, known by its address, such as `layers.0/attention/query/Gemm`. */
export interface Value extends TensorType {
  readonly name: string;
}

interface Signature<Inputs extends readonly Value[], Attributes = Empty, Outputs extends readonly Value[] = [Value]> {
  readonly inputs: Inputs;
  readonly attributes: Attributes;
  readonly outputs: Outputs;
}

export type Empty = Readonly<Record<never, never>>;
type Unary = Signature<[x: Value]>;
type Binary = Signature<[a: Value, b: Value]>;
interface Reduction {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

/** Rows and columns of zeros around an image. */
export type Margins = readonly [top: number, left: number, bottom: number, right: number];

/** Every operator: arithmetic, products, reductions, movement, indexing, shapes, and composites that lower to the former. */
export interface OpSignatures {
  Add: Binary;
  Sub: Binary;
  Mul: Binary;
  Div: Binary;
  /** The rest of a / b, of whole numbers. */
  Mod: Binary;
  Sum: Signature<readonly Value[]>;
  Neg: Unary;
  Exp: Unary;
  Log: Unary;
  Sqrt: Unary;
  Reciprocal: Unary;
  Sigmoid: Unary;
  Tanh: Unary;
  Relu: Unary;
  /** 1 where x > 0, else 0. */
  Step: Unary;
  /** x sigmoid(x). */
  Silu: Unary;
  /** Limits x to [min, max]; the gradient is zero where it does. */
  Clip: Signature<[x: Value], { readonly min: number; readonly max: number }>;

  /** a b (+ c) of matrices; c is broadcast. */
  Gemm: Signature<
    [a: Value, b: Value] | [a: Value, b: Value, c: Value],
    { readonly transA?: boolean; readonly transB?: boolean }
  >;
  /** a b over equal batch axes. */
  MatMul: Binary;
  /** alpha a b over leading batch axes; `timeMajorB` means that b is [rows, batch..., columns]. */
  BatchMatMul: Signature<
    [a: Value, b: Value],
    { readonly transA?: boolean; readonly transB?: boolean; readonly timeMajorB?: boolean; readonly alpha?: number }
  >;
  /**
   * x [batch, in, height, width] with weight [out, in, rows, columns] (+ bias [out]) at every place, among zeros. Where `taps`
   * is given, only that many places of the kernel, row after row, are not zero, and the rest has no gradient.
   */
  Conv: Signature<
    [x: Value, weight: Value] | [x: Value, weight: Value, bias: Value],
    { readonly pads: Margins; readonly taps?: number }
  >;
  /** Images in blocks of channels (graph/blocks.ts), under the shape that they have without; `channelsLast` is that of the plain form. */
  ToBlocks: Signature<[x: Value], { readonly channelsLast?: boolean }>;
  FromBlocks: Signature<[x: Value], { readonly channelsLast?: boolean }>;
  /** Conv from blocks to blocks, or from few channels that are plain, with a kernel in blocks. */
  BlockedConv: Signature<
    [x: Value, weight: Value] | [x: Value, weight: Value, bias: Value],
    { readonly pads: Margins; readonly relu: boolean }
  >;
  ReduceSum: Signature<[x: Value], Reduction>;
  ReduceMean: Signature<[x: Value], Reduction>;
  /** Over the last axis. */
  Softmax: Unary;
  LogSoftmax: Unary;

  /** At most one extent of `shape` may be symbolic unless it stays in its place. */
  Reshape: Signature<[x: Value], { readonly shape: Shape }>;
  Transpose: Signature<[x: Value], { readonly permutation: readonly number[] }>;
  Concat: Signature<readonly Value[], { readonly axis: number }>;
  Split: Signature<[x: Value], { readonly axis: number; readonly sizes: readonly number[] }, Value[]>;
  Slice: Signature<[x: Value], { readonly axis: number; readonly start: number; readonly end: number }>;
  /** Slice whose bounds, int64 [1] each, are known only when the graph runs; `extent` names the result's. */
  SliceBetween: Signature<
    [x: Value, start: Value, end: Value],
    { readonly axis: number; readonly extent: Shape[number] }
  >;
  /** Zeros before and after along one axis. */
  Pad: Signature<[x: Value], { readonly axis: number; readonly before: number; readonly after: number }>;
  Expand: Signature<[x: Value], { readonly shape: readonly number[] }>;

  /** Rows of a table, by int32 or int64 indices of any shape. */
  Gather: Signature<[table: Value, indices: Value]>;
  GatherElements: Signature<[x: Value, indices: Value], { readonly axis: number }>;
  /**
   * base with updates added at indices, which have the updates' shape. ScatterND is not in this table: with two threads
   * ONNX Runtime 1.30 loses updates at duplicate indices (its issues 18048 and 23396).
   */
  ScatterElements: Signature<[base: Value, indices: Value, updates: Value], { readonly axis: number }>;

  /** Whether a is b, element by element, as bool. */
  Equal: Binary;
  Cast: Signature<[x: Value], { readonly to: DType }>;
  /** The extents [start, end) of x as int64. */
  ShapeOf: Signature<[x: Value], { readonly start: number; readonly end: number }>;
  /** One value everywhere; `shape` declares what the int64 input will say. */
  Fill: Signature<[extents: Value], { readonly value: number; readonly dtype: DType; readonly shape: Shape }>;
  /** Keeps the elements above diagonal k (k int64 scalar), zero elsewhere. */
  UpperTriangle: Signature<[x: Value, diagonal: Value]>;

  /** y = weight x / rms(x) over the last axis (Zhang & Sennrich 2019); also 1 / rms(x), for the gradient. */
  RmsNorm: Signature<[x: Value, weight: Value], { readonly epsilon: number }, [y: Value, inverse: Value]>;
  /**
   * Turns each pair (x[i], x[i + D/2]) of every head of x [batch, time, heads * D] by the angle of its position: offset
   * (int64 [1]) plus time. cos, sin: [positions, D/2] (Su et al. 2021, in Hugging Face's half-split form).
   */
  Rotary: Signature<[x: Value, offset: Value, cos: Value, sin: Value]>;
  /**
   * softmax(scale q kT + mask) v, with q [n, rows, D], k and v [total, n, D], mask [rows, total]; also the probabilities
   * [n, rows, total], for the gradient.
   */
  Attention: Signature<
    [query: Value, key: Value, value: Value, mask: Value],
    { readonly scale: number },
    [y: Value, probs: Value]
  >;
  /**
   * Rotary, causal attention with grouped queries, for new rows behind those that caches hold already. x [1, time, (heads +
   * 2 keyValueHeads) * D] has queries, keys and values side by side; caches [1, keyValueHeads, capacity, D], of which the first rows are
   * used. lastPosition int32 [1] is that of the last new row, total int32 [] one more. Also the caches with the new rows: where they lie
   * in the memory of those that came in, nothing else is written.
   */
  GroupQueryAttention: Signature<
    [x: Value, keyCache: Value, valueCache: Value, lastPosition: Value, total: Value, cos: Value, sin: Value],
    { readonly numHeads: number; readonly numKeyValueHeads: number },
    [y: Value, keyCache: Value, valueCache: Value]
  >;
  /**
   * Mean of -ln softmax(x wT)[target] over the rows of x [rows, hidden], w [vocab, hidden]; also the probabilities
   * [rows, vocab], for the gradient.
   */
  LinearCrossEntropy: Signature<
    [x: Value, weight: Value, targets: Value] | [x: Value, weight: Value, targets: Value, bias: Value],
    Empty,
    [lossNats: Value, probs: Value]
  >;

  /** Turn by turn over the first axis of sequences: see Loop, which makes one. Outputs: the last states, then the rows made. */
  Scan: Signature<readonly Value[], ScanAttributes, Value[]>;
  /**
   * The recurrence of PyTorch's nn.GRU (Cho et al. 2014), time first. Of each gate what the inputs contribute, reset, update and
   * candidate [time, batch, H], and its weights [H, H]; the bias [H] of the candidate's product, which reset opens; hidden [batch, H]
   * is the state before, of which each symbol keeps the share keep [time, batch, 1]. Also the last state, and what the
   * gradient needs.
   */
  Gru: Signature<
    [...gates: GruGates, keep: Value, hidden: Value, ...weights: GruGates, bias: Value],
    Empty,
    [y: Value, last: Value, kept: Value, ...saved: GruSaved]
  >;
  /** The gradients of the gates, of the candidate's product and of hidden, from those of y and of the last state. */
  GruGradient: Signature<
    [dy: Value, dlast: Value, keep: Value, ...weights: GruGates, ...saved: GruSaved],
    Empty,
    [...dgates: GruGates, dproduct: Value, dhidden: Value]
  >;

  /**
   * x wT with x [rows, K] and w [N, K] in blocks along K: weight uint8 [N, blocks, bytes of a block], scales [N, blocks], and a number q
   * stands for scale (q - 2^(bits - 1)). Of 4 bits the first number lies in the low half of a byte. x is rounded to 8 bits, block by
   * block and row by row.
   */
  MatMulNBits: Signature<[x: Value, weight: Value, scales: Value], BlockFormat>;
  /** Rows of a table in the blocks of MatMulNBits, of which the scales are [N, blocks, 1]: [...indices, blocks, numbers of a block]. */
  GatherBlockQuantized: Signature<[table: Value, indices: Value, scales: Value], BlockFormat>;
  /** x = scale (y - zero): one scale for the whole of x, y uint8. */
  DynamicQuantizeLinear: Signature<[x: Value], Empty, [y: Value, scale: Value, zero: Value]>;
  /** aScale (a - aZero) b bScale of a uint8 [rows, K] and b int8 [K, N]; bScale [N]. */
  MatMulIntegerToFloat: Signature<[a: Value, b: Value, aScale: Value, bScale: Value, aZero: Value]>;
}

/** Numbers in blocks, each of `size` numbers with a scale of its own. */
export interface BlockFormat {
  readonly bits: 4 | 8;
  readonly size: number;
}

type GruGates = [reset: Value, update: Value, candidate: Value];
/** [time, batch, H]: how open the gates were, the candidate, its product, and how far from it the old state kept y. */
type GruSaved = [reset: Value, update: Value, candidate: Value, product: Value, moved: Value];

export interface ScanAttributes {
  /** Inputs: states, a row of each sequence, shared values. Outputs: the next states, then the rows made. */
  readonly body: Graph;
  readonly numStates: number;
  readonly numSequences: number;
  /** From the last row to the first. */
  readonly reverse: boolean;
}

export type OpName = keyof OpSignatures;
export type OpInputs<P extends OpName> = OpSignatures[P]['inputs'];
export type OpAttributes<P extends OpName> = OpSignatures[P]['attributes'];
export type OpOutputs<P extends OpName> = OpSignatures[P]['outputs'];

export interface NodeOf<P extends OpName> {
  readonly op: P;
  readonly name: string;
  readonly inputs: OpInputs<P>;
  readonly attributes: OpAttributes<P>;
  readonly outputs: OpOutputs<P>;
}
export type GraphNode = { [P in OpName]: NodeOf<P> }[OpName];

/** Attributes may be left out where an operator has none, or only optional ones. */
export type AttributeArguments<P extends OpName> =
  Empty extends OpAttributes<P> ? [attributes?: OpAttributes<P>] : [attributes: OpAttributes<P>];

export interface Loop {
  readonly states: readonly Value[];
  /** One row for each turn, along the first axis. */
  readonly sequences: readonly Value[];
  /** The same in every turn. */
  readonly shared: readonly Value[];
  readonly reverse?: boolean;
}

/** Of a turn: the next states, and the rows it adds to the outputs. Of a loop: the last states, and all rows. */
export interface LoopResult {
  readonly states: readonly Value[];
  readonly rows: readonly Value[];
}

export type LoopTurn = (
  body: Builder,
  states: readonly Value[],
  rows: readonly Value[],
  shared: readonly Value[],
) => LoopResult;

/** What a lowering or a gradient rule builds with; Graph implements it. */
export interface Builder {
  /** The operator's first output. */
  op<P extends OpName>(name: P, inputs: OpInputs<P>, ...attributes: AttributeArguments<P>): Value;
  /** All of the operator's outputs. */
  all<P extends OpName>(name: P, inputs: OpInputs<P>, ...attributes: AttributeArguments<P>): OpOutputs<P>;
  scalar(value: number): Value;
  integers(values: readonly number[]): Value;
  reshape(x: Value, shape: Shape): Value;
  /** `turn` is called once, to build what every turn does. */
  loop(loop: Loop, turn: LoopTurn): LoopResult;
}
