// What a training run is fed with, whatever it learns: rows of symbols by slot of the batch, and rows that are held out.
import type { Random } from '../base/random.ts';

/** Rows of the batches, the same for the same Random. */
export interface RowSource {
  /**
   * Fills the row of a slot of the next batch, time + 1 symbols: inputs are all but the last, targets all but the first. True: it
   * continues the row that the slot held before, so the recurrent state is carried over; false: it begins with a state of zeros.
   */
  fill(slot: number, row: Int32Array): boolean;
  /** What a checkpoint keeps besides the Random's state, to go on bit for bit. */
  readonly position: readonly number[];
}

export interface HeldOutRows {
  /** Their number is a multiple of the batch. */
  readonly rows: readonly Int32Array[];
  /** By row; its slot is its index modulo the batch. */
  readonly continues: readonly boolean[];
  readonly numTargets: number;
  /** What bits are counted per, in all targets. */
  readonly numUnits: number;
}

export interface TrainingData {
  /** What bits are counted per: bytes of text, channel values of images. */
  readonly unit: 'byte' | 'dimension';
  readonly numSymbols: number;
  /** Changes when any of it does, what is held out included: a resumed run is the same run only on the same data. */
  readonly fingerprint: string;
  /** How rows are made of it, by name; a run is resumed with the same only. */
  readonly settings: Readonly<Record<string, unknown>>;
  openRows(options: {
    readonly slots: number;
    readonly random: Random;
    readonly position?: readonly number[] | undefined;
  }): RowSource;
  /** The same rows whenever it is asked, so that numbers can be compared. Undefined when nothing is held out. */
  heldOut(batch: number, time: number): HeldOutRows | undefined;
}
