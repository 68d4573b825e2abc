// What every family of models is: a checked configuration, named parameters, state tensors, and three graphs made from
// one description of the forward pass. They keep the law: score's row t equals step's after the same symbols.
import type { Vocabulary } from '../base/model.ts';
import type { Graph, Shape, Value } from '../graph/graph.ts';

export type Initialization =
  | { readonly kind: 'normal'; readonly standardDeviation: number }
  | { readonly kind: 'constant'; readonly value: number };

export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initialization: Initialization;
  /** Whether weight decay applies. */
  readonly decay: boolean;
}

/** Appended: step returns only the new rows, which belong after the past on `axis`. Replaced: it returns the whole. */
export interface StateTensorSpec {
  readonly name: string;
  /** Symbolic 'past' on the appended axis. */
  readonly shape: Shape;
  readonly kind: 'appended' | 'replaced';
  readonly axis?: number;
  /** Equal parts of a row of an appended tensor, which a cache that is written in place keeps apart. */
  readonly heads?: number;
}

/** A state that training hands from one batch to the next, where a row goes on with what the row before it left off. */
export interface CarriedTensor {
  /** The graph input `carried.<name>`, float32; not differentiated. Zeros stand for a row that begins anew. */
  readonly name: string;
  readonly shape: readonly number[]; // [batch, ...]
  /** What it is after the last symbol of each row. */
  readonly next: Value;
}

export interface TrainGraph {
  /** Inputs: symbols int32 [batch, time], targets int32 [batch, time]. */
  readonly graph: Graph;
  /** Mean nats for each symbol. */
  readonly lossNats: Value;
  readonly carried?: readonly CarriedTensor[];
}

/**
 * How training rows are made: windows anywhere in the documents, each on its own; streams that go on from row to row; whole
 * images.
 */
export type RowKind = 'windows' | 'stream' | 'images';

export interface Architecture<Config> {
  readonly name: string;
  readonly title: string;
  /** Author, year and address of the paper. */
  readonly reference: string;
  readonly consumes: 'text' | 'image' | 'audio';
  readonly rows: RowKind;
  /** What a configuration takes for fields that nobody gave. */
  readonly defaultConfig: Config & object;
  /** @throws UserError naming field, value and remedy. */
  parseConfig(json: unknown): Config;
  vocabularySize(config: Config): number;
  /** In symbols; Infinity for a recurrent model. */
  contextLength(config: Config): number;
  /** Of an architecture to which the start symbol means more than any other. */
  startSymbol?(config: Config): number;
  withVocabulary(config: Config, vocabulary: Vocabulary): Config;
  parameters(config: Config): ParameterSpec[];
  stateTensors(config: Config): StateTensorSpec[];
  buildTrain(config: Config, batch: number, time: number): TrainGraph;
  /** Input: symbols int32 [time]. Output: logits [time, vocab]; row t is the distribution after symbols[t]. */
  buildScore(config: Config): Graph;
  /**
   * Inputs: symbols int32 [time], skippedRows int64 [1], past.<state>. Outputs: logits [time - skippedRows, vocab], the
   * first rows left out, and present.<state>.
   */
  buildStep(config: Config): Graph;
  /**
   * The same step over caches that lie in the caller's memory, [1, heads, capacity, width of a head], of which the rows of the past are
   * read and those behind them written. Inputs: symbols int32 [time], skippedRows int64 [1], lastPosition int32 [1] and total int32 []
   * (the positions after the step, of which the last), past.<state>. Outputs: logProbs [time - skippedRows, vocab], present.<state>,
   * which is past.<state> where it lies in the same memory. All states are appended. Undefined where the runtime has no such operator
   * for the configuration.
   */
  buildInPlaceStep?(config: Config): Graph | undefined;
  /**
   * One symbol for each of a batch of sequences that are equally long, where sampling many at once pays. Inputs: symbols int32
   * [batch], past.<state> [past, batch, ...], a row of zeros first; all states are appended. Outputs: logits [batch, levels], without
   * the start symbol, which is never drawn; present.<state> [batch, ...].
   */
  buildSample?(config: Config): Graph;
}
