// The only way in which these suites wait: ask again until the answer is yes. Nothing sleeps for a guessed time.
import { setTimeout as pause } from 'node:timers/promises';

const askAgainMs = 50;

export interface Patience {
  readonly timeoutMs?: number;
}

/** The first answer that is neither undefined, null nor false. @throws Error that names what was waited for, and what came last. */
export async function eventually<Answer>(
  what: string,
  ask: () => Promise<Answer> | Answer,
  { timeoutMs = 30_000 }: Patience = {},
): Promise<NonNullable<Exclude<Answer, false>>> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== null && answer !== false)
        return answer as NonNullable<Exclude<Answer, false>>;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) break;
    await pause(askAgainMs);
  }
  const shown = last instanceof Error ? last.message : JSON.stringify(last);
  throw new Error(`${what}: not within ${timeoutMs / 1000} s; the last answer was ${shown}`);
}

/** Asks until the answer equals `wanted`; the failure shows both. */
export async function eventuallyEquals<Answer>(
  what: string,
  ask: () => Promise<Answer> | Answer,
  wanted: Answer,
  patience: Patience = {},
): Promise<void> {
  let last: Answer | undefined;
  const matches = async () => {
    last = await ask();
    return JSON.stringify(last) === JSON.stringify(wanted);
  };
  try {
    await eventually(what, matches, patience);
  } catch {
    throw new Error(`${what}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(last)}`);
  }
}

/**
 * Asks for `forMs` and fails as soon as the answer is yes. That something never happens can only be watched for a while: keep
 * the while as long as the thing itself would take.
 */
export async function never(
  what: string,
  ask: () => Promise<boolean> | boolean,
  { forMs }: { forMs: number },
): Promise<void> {
  const deadline = performance.now() + forMs;
  while (performance.now() < deadline) {
    if (await ask()) throw new Error(`${what}: expected never, and it happened`);
    await pause(askAgainMs);
  }
}
