// One forked process, in one role: checked messages, its output in the log, and an end that is certain. The extension host runs
// with variables and flags that must not be inherited (an inspector port, VS Code's own); Electron needs to be told to be Node.
import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { RuntimeChoice } from '../base/runtimeChoice.ts';
import { bounded, type HostRole, type LogLevel, limits } from '../protocol/hostMessages.ts';
import type { ScorerRole } from '../protocol/scorerMessages.ts';
import type { TrainerRole } from '../protocol/trainerMessages.ts';

export type Log = (level: LogLevel, text: string) => void;

/** What may be said to a process of this role, and by it. */
export interface RoleWire<In> {
  readonly role: HostRole | TrainerRole | ScorerRole;
  /** @throws UserError when the value is no message that the shell may receive. */
  read(value: unknown): In;
}

export interface HostProcessHandlers<In> {
  message(message: In): void;
  /** Called exactly once, also when the process could not be started; `reason` is fit for the log. */
  exited(reason: string): void;
}

interface Deps<In> {
  readonly clock: Clock;
  readonly log: Log;
  readonly handlers: HostProcessHandlers<In>;
  readonly runtime?: RuntimeChoice | undefined;
}

type Shutdown = { readonly kind: 'shutdown' };

/** How long a process may take to end by itself. */
const patienceMs = 1000;

export class HostProcess<In, Out extends { readonly kind: string }> {
  readonly #child: ChildProcess;
  readonly #clock: Clock;
  #alive = true;
  #cancelKill: (() => void) | undefined;

  constructor(hostPath: string, { role, read }: RoleWire<In>, { clock, log, handlers, runtime = 'auto' }: Deps<In>) {
    this.#clock = clock;
    this.#child = fork(hostPath, [role, runtime], forkOptions());
    const ended = (reason: string) => {
      if (!this.#alive) return;
      this.#alive = false;
      this.#cancelKill?.();
      handlers.exited(reason);
    };
    this.#child.on('exit', (code, signal) => ended(signal ? `killed by ${signal}` : `exit code ${code}`));
    this.#child.on('error', (error) => {
      // A failed send is an error too, while the process still lives; only a failed start has no process id.
      if (this.#child.pid === undefined) ended(`could not be started: ${error.message}`);
      else log('debug', `Process of the ${role}: ${error.message}`);
    });
    this.#child.on('message', (value) => {
      let message: In;
      try {
        message = read(value);
      } catch (error) {
        log('error', messageOf(error));
        return;
      }
      if (this.#alive) handlers.message(message);
    });
    // Both pipes must be drained, or the child blocks when they are full.
    drain(this.#child.stdout, (text) => log('debug', text));
    drain(this.#child.stderr, (text) => log('warning', text));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Dropped when the process is ending; its end is told by `exited`. */
  send(message: Out | Shutdown): void {
    if (this.#alive && this.#child.connected) this.#child.send(message, undefined, undefined, () => undefined);
  }

  /** Asks the process to end and kills it when it does not, as when it is inside a long computation. */
  stop(withinMs = patienceMs): void {
    if (!this.#alive || this.#cancelKill) return;
    this.send({ kind: 'shutdown' });
    this.#cancelKill = this.#clock.after(withinMs, () => this.kill());
  }

  kill(): void {
    if (this.#alive) this.#child.kill('SIGKILL');
  }
}

function forkOptions(): ForkOptions & { windowsHide: boolean } {
  return {
    execArgv: [],
    env: childEnvironment(process.env),
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    windowsHide: true,
  };
}

export function childEnvironment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const inherited = Object.entries(own).filter(([name]) => !/^(VSCODE_.*|NODE_OPTIONS|NODE_V8_COVERAGE)$/i.test(name));
  return { ...Object.fromEntries(inherited), ELECTRON_RUN_AS_NODE: '1' };
}

function drain(pipe: Readable | null, log: (text: string) => void): void {
  pipe?.setEncoding('utf8').on('data', (chunk: string) => log(bounded(chunk.trimEnd(), limits.logTextLength)));
  pipe?.on('error', () => undefined);
}
