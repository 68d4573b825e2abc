// What both bindings ask of a session, by the library's own names.
import type { SessionOptions } from './session.ts';

/** @throws RangeError when it is no number of threads. */
export function checkThreads(threads: number): void {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new RangeError(`createSession: threads must be a whole number >= 1, got ${threads}`);
  }
}

/** Keys of the session's configuration. */
export function configEntries({ spinMicroseconds }: SessionOptions): (readonly [string, string])[] {
  return [
    // A processor takes hundreds of cycles for a number below 1e-38, and models that have learned something are full of them: gradients
    // of what they are sure of. Flushed, a step of training the default model takes half the time once the first hundreds are done.
    ['session.set_denormal_as_zero', '1'],
    ...spinning(spinMicroseconds),
  ];
}

function spinning(microseconds: number | undefined): (readonly [string, string])[] {
  if (microseconds === undefined) return [];
  if (microseconds > 0) return [['session.intra_op.spin_duration_us', String(microseconds)]];
  return [['session.intra_op.allow_spinning', '0']];
}
