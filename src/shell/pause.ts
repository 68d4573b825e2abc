// Waits a moment before work that the next keystroke would make worthless.
import type { Clock } from '../base/clock.ts';

/** True after the delay, false as soon as the signal aborts. */
export function pause(delayMs: number, clock: Clock, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const settle = (waited: boolean) => {
      cancel();
      signal.removeEventListener('abort', stop);
      resolve(waited);
    };
    const stop = () => settle(false);
    const cancel = clock.after(delayMs, () => settle(true));
    signal.addEventListener('abort', stop);
  });
}
