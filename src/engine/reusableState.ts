// States that can be cut back or copied. Attention models give them; a recurrent model's state holds the whole past in one
// snapshot and has no shorter one in it.
import type { ModelState } from '../base/model.ts';

export interface ReusableState extends ModelState {
  /** Whether `prefix` is to be had. */
  readonly cuttable: boolean;
  /** The state after the first `position` symbols. The caller owns it. @throws Error when it is not cuttable. */
  prefix(position: number): ReusableState;
  /** The same state on memory of its own: stepping one does not touch the other. The caller owns it. */
  fork(): ReusableState;
  /** Memory that this state keeps alive; states of one sequence share it. */
  readonly sizeBytes: number;
}

/** The state as a reusable one, or undefined when its model offers only the bare contract. */
export function asReusable(state: ModelState): ReusableState | undefined {
  return 'cuttable' in state && 'prefix' in state && 'fork' in state ? (state as ReusableState) : undefined;
}
