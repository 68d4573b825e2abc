// The engine as the extension runs it, a forked process behind the real wire, driven without an editor.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../../src/base/clock.ts';
import { UserError } from '../../src/base/errors.ts';
import {
  type CompleteMessage,
  type MemoryMessage,
  readToShell,
  type ToHost,
  type ToShell,
} from '../../src/protocol/hostMessages.ts';
import { HostProcess } from '../../src/shell/hostProcess.ts';

export interface DriverOptions {
  readonly model: string;
  readonly runtime: 'native' | 'plain';
  readonly threads: number;
}

export type Answer = Extract<ToShell, { kind: 'suggestion' | 'nothing' | 'failed' }>;

const engineWire = { role: 'engine', read: readToShell } as const;

export class EngineDriver {
  readonly #process: HostProcess<ToShell, ToHost>;
  readonly #answers = new Map<number, (answer: Answer) => void>();
  readonly #ready: Promise<string>;
  #memory: (memory: MemoryMessage) => void = () => undefined;
  #exited: () => void = () => undefined;
  readonly #ended = new Promise<void>((resolve) => {
    this.#exited = resolve;
  });
  #lastRequest = 0;
  #ending = false;

  constructor({ model, runtime, threads }: DriverOptions) {
    let loaded: (title: string) => void;
    let failed: (error: Error) => void;
    this.#ready = new Promise((resolve, reject) => {
      [loaded, failed] = [resolve, reject];
    });
    this.#process = new HostProcess<ToShell, ToHost>(path.resolve('dist', 'host.js'), engineWire, {
      clock: systemClock,
      log: (level, text) => {
        if (level === 'error' || level === 'warning') console.error(text);
      },
      runtime,
      handlers: {
        message: (message) => {
          if (message.kind === 'memory') this.#memory(message);
          else if (message.kind === 'status' && message.state === 'ready') loaded(message.detail);
          else if (message.kind === 'status' && message.state === 'failed') failed(new UserError(message.detail));
          else if (message.kind === 'log' && message.level === 'error') console.error(message.text);
          else if ('request' in message && message.kind !== 'explanation') {
            this.#answers.get(message.request)?.(message);
            this.#answers.delete(message.request);
          }
        },
        exited: (reason) => {
          this.#exited();
          if (!this.#ending) throw new Error(`The engine ended: ${reason}`);
        },
      },
    });
    this.send({
      kind: 'configure',
      modelPath: path.resolve(model),
      threads,
      weights: 'auto',
      storagePath: '',
      logLevel: 'error',
      workAhead: true,
    });
  }

  /** The model's title, once it is loaded. */
  ready(): Promise<string> {
    return this.#ready;
  }

  send(message: ToHost): void {
    this.#process.send(message);
  }

  ask(question: Omit<CompleteMessage, 'kind' | 'request'>): { readonly request: number; answer: Promise<Answer> } {
    this.#lastRequest += 1;
    const request = this.#lastRequest;
    const answer = new Promise<Answer>((resolve) => {
      this.#answers.set(request, resolve);
    });
    this.send({ kind: 'complete', request, ...question });
    return { request, answer };
  }

  memory(): Promise<MemoryMessage> {
    return new Promise((resolve) => {
      this.#memory = resolve;
      this.send({ kind: 'reportMemory' });
    });
  }

  async end(): Promise<void> {
    this.#ending = true;
    this.#process.stop();
    await this.#ended;
  }
}

/** What both scripts take; `count` is the name of the option that says how much is done. @throws UserError */
export function readDriverOptions(args: readonly string[], count: string, usual: number) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      [count]: { type: 'string', default: String(usual) },
      seed: { type: 'string', default: '1' },
      model: { type: 'string', default: path.join('models', 'default') },
      runtime: { type: 'string', default: 'native' },
      threads: { type: 'string', default: '1' },
    },
  });
  const number = (name: string) => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value > 0) return value;
    throw new UserError(`--${name}: expected a whole number above 0, got ${String(values[name])}`);
  };
  const { runtime, model } = values;
  if (runtime !== 'native' && runtime !== 'plain') {
    throw new UserError(`--runtime: expected native or plain, got ${String(runtime)}`);
  }
  return {
    count: number(count),
    seed: number('seed'),
    model: String(model),
    runtime,
    threads: number('threads'),
  } as const;
}
