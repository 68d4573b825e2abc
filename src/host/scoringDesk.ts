// What the subjects of the scorer share: models, whose turn it is to compute, the wire, and questions that are answered once and can be
// cancelled.
import type { Clock } from '../base/clock.ts';
import { CancelledError, messageOf, stackOf, UserError } from '../base/errors.ts';
import { bounded, type LogLevel, limits, logLevels } from '../protocol/hostMessages.ts';
import { type FromScorer, scorerLimits } from '../protocol/scorerMessages.ts';
import { Baton } from './baton.ts';
import type { ModelShelf } from './modelShelf.ts';
import type { Wire } from './wire.ts';

export class ScoringDesk {
  readonly shelf: ModelShelf;
  readonly clock: Clock;
  readonly baton = new Baton();
  readonly #wire: Wire<FromScorer>;
  readonly #questions = new Map<number, AbortController>();
  /** '' until it is configured, and where nothing may be remembered. */
  storagePath = '';
  logLevel: LogLevel = 'info';

  constructor(wire: Wire<FromScorer>, deps: { readonly shelf: ModelShelf; readonly clock: Clock }) {
    this.#wire = wire;
    this.shelf = deps.shelf;
    this.clock = deps.clock;
  }

  send(message: FromScorer): void {
    this.#wire.send(message);
  }

  /** `work` sends the answer; what it throws is the answer otherwise. */
  take(request: number, work: (signal: AbortSignal) => Promise<void>): void {
    if (this.#questions.has(request)) {
      this.log('error', `Question ${request} was asked twice; only the first is answered`);
      return;
    }
    const controller = new AbortController();
    this.#questions.set(request, controller);
    void work(controller.signal)
      .catch((error: unknown) => this.#failed(request, error))
      .finally(() => this.#questions.delete(request));
  }

  cancel(request: number): void {
    this.#questions.get(request)?.abort(new CancelledError('cancelled'));
  }

  log(level: LogLevel, text: string): void {
    if (logLevels.indexOf(level) < logLevels.indexOf(this.logLevel)) return;
    this.#wire.send({ kind: 'log', level, text: bounded(text, limits.logTextLength) });
  }

  #failed(request: number, error: unknown): void {
    const cancelled = error instanceof CancelledError;
    if (!cancelled && !(error instanceof UserError)) this.log('error', stackOf(error));
    this.send({ kind: 'failed', request, cancelled, reason: bounded(messageOf(error), scorerLimits.reasonLength) });
  }
}
