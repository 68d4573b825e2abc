// The sampler role: draws text and images from model folders, one wish after the other, and keeps the model of the last wish. How
// a model draws is behind `LoadDrawing`, so that tests run it with a fake.
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import { CancelledError, messageOf, stackOf, throwIfCancelled, UserError } from '../base/errors.ts';
import { SerialQueue } from '../base/serialQueue.ts';
import { bounded, type LogLevel, limits } from '../protocol/hostMessages.ts';
import {
  type FromSampler,
  readToSampler,
  type ToSampler,
  trainerLimits,
  trainerProtocolVersion,
} from '../protocol/trainerMessages.ts';
import type { Wire } from './wire.ts';

type Wish<Kind> = Extract<ToSampler, { kind: Kind }>;
export type TextWish = Pick<Wish<'sampleText'>, 'prompt' | 'temperature' | 'seed' | 'maxSymbols'>;
export type ImageWish = Pick<Wish<'sampleImages'>, 'count' | 'temperature' | 'seed' | 'completes'>;

/** A model that draws. Both let the event loop turn, so that cancelling is seen. @throws CancelledError, UserError */
export interface DrawingModel extends Disposable {
  text?(wish: TextWish, onText: (text: string) => void, signal: AbortSignal): Promise<void>;
  /** `onImages` is told PNGs in base64, also such as are not finished; the number is the first one's. */
  images?(wish: ImageWish, onImages: (pngs: () => string[], first: number) => void, signal: AbortSignal): Promise<void>;
}

export type LoadDrawing = (
  kind: 'text' | 'image',
  options: { readonly modelPath: string; readonly threads: number },
) => Promise<DrawingModel>;

/** Unfinished images are shown so often. */
const showEveryMs = 400;

export function startSamplerRole(wire: Wire<FromSampler>, deps: { loadDrawing: LoadDrawing; clock: Clock }): void {
  const role = new SamplerRole(wire, deps.loadDrawing, deps.clock);
  wire.onMessage((value) => role.receive(value));
}

class SamplerRole {
  readonly #wire: Wire<FromSampler>;
  readonly #loadDrawing: LoadDrawing;
  readonly #clock: Clock;
  readonly #queue = new SerialQueue();
  readonly #wishes = new Map<number, AbortController>();
  #loaded: { readonly key: string; readonly model: DrawingModel } | undefined;

  constructor(wire: Wire<FromSampler>, loadDrawing: LoadDrawing, clock: Clock) {
    this.#wire = wire;
    this.#loadDrawing = loadDrawing;
    this.#clock = clock;
  }

  receive(value: unknown): void {
    let message: ToSampler;
    try {
      message = readToSampler(value);
    } catch (error) {
      this.#log('error', messageOf(error));
      return;
    }
    switch (message.kind) {
      case 'hello':
        this.#wire.send({ kind: 'ready', protocolVersion: trainerProtocolVersion, pid: process.pid });
        break;
      case 'sampleText':
        this.#take(message.request, (signal) => this.#text(message, signal));
        break;
      case 'sampleImages':
        this.#take(message.request, (signal) => this.#images(message, signal));
        break;
      case 'cancel':
        this.#wishes.get(message.request)?.abort();
        break;
      case 'shutdown':
        this.#wire.exit(0);
        break;
      default:
        message satisfies never;
    }
  }

  /** Answers exactly once. */
  #take(request: number, draw: (signal: AbortSignal) => Promise<void>): void {
    const controller = new AbortController();
    this.#wishes.set(request, controller);
    const answered = this.#queue.run(async () => {
      throwIfCancelled(controller.signal);
      await draw(controller.signal);
    });
    void answered
      .then(
        () => this.#wire.send({ kind: 'sampled', request }),
        (error: unknown) => this.#failed(request, error),
      )
      .finally(() => this.#wishes.delete(request));
  }

  #failed(request: number, error: unknown): void {
    const expected = error instanceof UserError || error instanceof CancelledError;
    if (!expected) this.#log('error', stackOf(error));
    this.#wire.send({ kind: 'failed', request, reason: bounded(messageOf(error), trainerLimits.reasonLength) });
  }

  async #text({ request, modelPath, threads, ...wish }: Wish<'sampleText'>, signal: AbortSignal): Promise<void> {
    const model = await this.#model('text', modelPath, threads);
    const tell = (text: string) => {
      for (let at = 0; at < text.length; at += trainerLimits.sampleLength) {
        this.#wire.send({ kind: 'text', request, text: text.slice(at, at + trainerLimits.sampleLength) });
      }
    };
    await model.text?.(wish, tell, signal);
  }

  async #images({ request, modelPath, threads, ...wish }: Wish<'sampleImages'>, signal: AbortSignal): Promise<void> {
    const model = await this.#model('image', modelPath, threads);
    let shownAt = this.#clock.now();
    let unshown: { pngs: () => string[]; first: number } | undefined;
    const show = ({ pngs, first }: { pngs: () => string[]; first: number }) => {
      for (const [i, png] of pngs().entries()) this.#wire.send({ kind: 'image', request, index: first + i, png });
      shownAt = this.#clock.now();
      unshown = undefined;
    };
    const tell = (pngs: () => string[], first: number) => {
      if (unshown && unshown.first !== first) show(unshown); // Those are finished.
      unshown = { pngs, first };
      if (this.#clock.now() - shownAt >= showEveryMs) show(unshown);
    };
    await model.images?.(wish, tell, signal);
    if (unshown) show(unshown);
  }

  /** Two models are never held at once. */
  async #model(kind: 'text' | 'image', modelPath: string, threads: number): Promise<DrawingModel> {
    const key = JSON.stringify([kind, modelPath, threads]);
    if (this.#loaded?.key === key) return this.#loaded.model;
    this.#loaded?.model.dispose();
    this.#loaded = undefined;
    const model = await this.#loadDrawing(kind, { modelPath, threads });
    this.#loaded = { key, model };
    return model;
  }

  #log(level: LogLevel, text: string): void {
    this.#wire.send({ kind: 'log', level, text: bounded(text, limits.logTextLength) });
  }
}
