// When a command is to end: it was asked to, its terminal went away, or nobody reads what it writes.
import type { EventEmitter } from 'node:events';

/** The first signal asks, the second ends the process. */
export function interruption(signals: EventEmitter, stdout: EventEmitter): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) signals.once(signal, () => controller.abort());
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    controller.abort();
  });
  return controller.signal;
}
