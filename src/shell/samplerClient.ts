// The sampling process as the shell sees it: started with the first wish, ended when nobody has wished for anything for a while,
// so that no model stays in memory for nothing.
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import { UserError } from '../base/errors.ts';
import type { RuntimeChoice } from '../base/runtimeChoice.ts';
import {
  type FromSampler,
  readFromSampler,
  type ToSampler,
  trainerProtocolVersion,
} from '../protocol/trainerMessages.ts';
import { HostProcess, type Log, type RoleWire } from './hostProcess.ts';
import { Requests } from './requests.ts';

type Wish<Kind> = Omit<Extract<ToSampler, { kind: Kind }>, 'kind' | 'request'>;

export interface Sampler {
  /** `onText` is told what comes, piece by piece. @throws CancelledError, UserError */
  text(wish: Wish<'sampleText'>, onText: (text: string) => void, signal: AbortSignal): Promise<void>;
  /** `onImage` is told each, a PNG in base64. @throws CancelledError, UserError */
  images(wish: Wish<'sampleImages'>, onImage: (png: string, index: number) => void, signal: AbortSignal): Promise<void>;
}

interface SamplerOptions {
  readonly hostPath: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Of a process that is started. */
  readonly runtime?: () => RuntimeChoice;
}

const wire: RoleWire<FromSampler> = { role: 'sampler', read: readFromSampler };
const idleMs = 60_000;

type Piece = Extract<FromSampler, { kind: 'text' | 'image' }>;

export class SamplerClient implements Sampler, Disposable {
  readonly #options: SamplerOptions;
  readonly #requests = new Requests<undefined>();
  readonly #listeners = new Map<number, (piece: Piece) => void>();
  #process: HostProcess<FromSampler, ToSampler> | undefined;
  #cancelIdle: (() => void) | undefined;
  #disposed = false;

  constructor(options: SamplerOptions) {
    this.#options = options;
  }

  get running(): boolean {
    return this.#process !== undefined;
  }

  text(wish: Wish<'sampleText'>, onText: (text: string) => void, signal: AbortSignal): Promise<void> {
    const listen = (piece: Piece) => piece.kind === 'text' && onText(piece.text);
    return this.#draw((request) => ({ kind: 'sampleText', request, ...wish }), listen, signal);
  }

  images(
    wish: Wish<'sampleImages'>,
    onImage: (png: string, index: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const listen = (piece: Piece) => piece.kind === 'image' && onImage(piece.png, piece.index);
    return this.#draw((request) => ({ kind: 'sampleImages', request, ...wish }), listen, signal);
  }

  dispose(): void {
    this.#disposed = true;
    this.#cancelIdle?.();
    this.#requests.refuseAll(new Error('The extension is ending'));
    this.#process?.stop();
  }

  async #draw(
    message: (request: number) => ToSampler,
    listen: (piece: Piece) => void,
    signal: AbortSignal,
  ): Promise<void> {
    if (this.#disposed) throw new Error('The extension is ending');
    this.#cancelIdle?.();
    this.#cancelIdle = undefined;
    this.#process ??= this.#start();
    const process = this.#process;
    let asked = 0;
    try {
      await this.#requests.ask(
        (request) => {
          asked = request;
          this.#listeners.set(request, listen);
          process.send(message(request));
        },
        signal,
        (request) => process.send({ kind: 'cancel', request }),
      );
    } finally {
      this.#listeners.delete(asked);
      this.#endWhenIdle();
    }
  }

  #endWhenIdle(): void {
    if (this.#requests.size > 0 || this.#disposed || !this.#process) return;
    this.#cancelIdle?.();
    this.#cancelIdle = this.#options.clock.after(idleMs, () => {
      this.#cancelIdle = undefined;
      const idle = this.#process;
      this.#process = undefined; // Who wishes for something while it ends gets another.
      idle?.stop();
    });
  }

  #start(): HostProcess<FromSampler, ToSampler> {
    const { hostPath, clock, log, runtime } = this.#options;
    const process: HostProcess<FromSampler, ToSampler> = new HostProcess(hostPath, wire, {
      clock,
      log,
      runtime: runtime?.(),
      handlers: {
        message: (message) => this.#receive(message),
        exited: (reason) => {
          if (this.#process !== process) return;
          this.#process = undefined;
          this.#cancelIdle?.();
          this.#cancelIdle = undefined;
          this.#requests.refuseAll(new Error(`The sampling process ended (${reason})`));
        },
      },
    });
    process.send({ kind: 'hello', protocolVersion: trainerProtocolVersion });
    return process;
  }

  #receive(message: FromSampler): void {
    switch (message.kind) {
      case 'ready':
        break;
      case 'text':
      case 'image':
        this.#listeners.get(message.request)?.(message);
        break;
      case 'sampled':
        this.#requests.answer(message.request, undefined);
        break;
      case 'failed':
        this.#requests.refuse(message.request, new UserError(message.reason));
        break;
      case 'log':
        this.#options.log(message.level, message.text);
        break;
      default:
        message satisfies never;
    }
  }
}
