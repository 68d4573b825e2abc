// A UserError is the person's to repair: bad input, a broken file, a missing setting. Its message says what was expected,
// what came and what to do, and is shown as it is. Anything else that is thrown is a bug and keeps its stack.

export class UserError extends Error {
  override readonly name = 'UserError';
}

/** The work was superseded or cancelled; expected, never shown. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
}

export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new CancelledError('cancelled');
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** For a log: where a mistake of ours came from. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
