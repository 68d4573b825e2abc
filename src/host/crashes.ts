// An unexpected error ends the process after it has been told: a process in an unknown state must not go on answering, and
// the shell starts a fresh one.
import { stackOf } from '../base/errors.ts';
import { bounded, type LogLevel, limits } from '../protocol/hostMessages.ts';
import type { Wire } from './wire.ts';

/** Long enough for the last message to leave, short enough that nobody waits. */
const flushMs = 200;

/** Every wire has that message. */
type LogMessage = { readonly kind: 'log'; readonly level: LogLevel; readonly text: string };

export function endOnCrash(wire: Wire<LogMessage>): void {
  let crashed = false;
  const crash = (error: unknown) => {
    if (crashed) return;
    crashed = true;
    wire.send({
      kind: 'log',
      level: 'error',
      text: bounded(`This process ends: ${stackOf(error)}`, limits.logTextLength),
    });
    setTimeout(() => wire.exit(1), flushMs);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
}
