// One state of a session model: a view on a key/value cache (what was appended) and snapshots (what was replaced). It keeps
// the symbols it stands for, so that a stale view can be refilled, on a cache of its own, and answers as if nothing had been.
import type { Disposable } from '../base/disposable.ts';
import { trackLife } from '../base/disposable.ts';
import type { Tensor } from '../base/tensor.ts';
import type { KvCache } from './kvCache.ts';
import type { ReusableState } from './reusableState.ts';

/** A stamp that no row carries. */
const staleStamp = -1;

export class SessionState implements ReusableState, Disposable {
  readonly position: number;
  /** The replaced tensors after `position` symbols, in the order of the model's description. */
  readonly snapshots: readonly Tensor[];
  /** Undefined when the model appends nothing: its snapshots say everything. */
  #cache: KvCache | undefined;
  #stamp: number;
  /** The symbols it stands for; empty without a cache, where nobody needs them. */
  #symbols: Int32Array;
  readonly #endLife = trackLife('modelState');
  #disposed = false;

  constructor(position: number, snapshots: readonly Tensor[], cache: KvCache | undefined, stamp: number) {
    this.position = position;
    this.snapshots = snapshots;
    this.#cache = cache;
    this.#stamp = stamp;
    this.#symbols = cache?.symbols(position) ?? new Int32Array(0);
    cache?.retain();
  }

  get cache(): KvCache | undefined {
    if (this.#disposed) throw new Error('state: it was disposed of; keep it until its last step');
    return this.#cache;
  }

  get symbols(): Int32Array {
    return this.#symbols;
  }

  get sizeBytes(): number {
    const snapshots = this.snapshots.reduce((sum, tensor) => sum + tensor.data.byteLength, 0);
    return snapshots + (this.#cache?.sizeBytes ?? 0);
  }

  /** True when rows of it were overwritten: it must be moved to a refilled cache before it is used. */
  get stale(): boolean {
    return this.#cache !== undefined && !this.#cache.isCurrent(this.position, this.#stamp);
  }

  /** The same state on another cache that holds its rows. */
  moveTo(cache: KvCache): void {
    cache.retain();
    this.#cache?.release();
    this.#cache = cache;
    this.#stamp = cache.stampAt(this.position);
  }

  /** Snapshots stand for the whole past, so only rows can be cut back. */
  get cuttable(): boolean {
    return this.snapshots.length === 0;
  }

  prefix(position: number): SessionState {
    if (!this.cuttable || position > this.position) {
      throw new RangeError(`prefix: expected a cuttable state of >= ${position} symbols, got one of ${this.position}`);
    }
    return this.#on(this.cache, position);
  }

  fork(): SessionState {
    const cache = this.cache;
    if (cache === undefined) return this.#on(undefined, this.position);
    // A stale view keeps what is left of its rows; the rest is refilled when it is used.
    const copy = cache.copy(cache.commonPrefix(this.#symbols));
    return this.#on(copy, this.position);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#cache?.release();
    this.#endLife();
  }

  /** The first `position` symbols of this state, on a cache that holds all of them or, refilled at need, a part. */
  #on(cache: KvCache | undefined, position: number): SessionState {
    const symbols = this.#symbols.subarray(0, position);
    const whole = cache === undefined || cache.commonPrefix(symbols) === symbols.length;
    const stamp = whole ? (cache?.stampAt(symbols.length) ?? 0) : staleStamp;
    const state = new SessionState(position, this.snapshots, cache, stamp);
    state.#symbols = symbols;
    return state;
  }
}
