// What is done while nobody asks for anything: one piece of work at a time, and one that waits. Whoever asks ends both, since what
// they were for is past; a newer piece takes the place of an older one, except that a place in a document is not prepared before what
// follows the suggestion shown there is computed.
import { CancelledError } from '../base/errors.ts';

export interface IdlePiece {
  readonly document: number;
  readonly kind: 'lookAhead' | 'prepare';
  /** Settles soon after its signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

export interface IdleHandlers {
  /** Whether somebody has asked and waits. */
  busy(): boolean;
  /** Told of anything but a cancellation. */
  failed(error: unknown): void;
}

export class IdleWork {
  readonly #handlers: IdleHandlers;
  #waiting: IdlePiece | undefined;
  #running: { readonly piece: IdlePiece; readonly controller: AbortController } | undefined;

  constructor(handlers: IdleHandlers) {
    this.#handlers = handlers;
  }

  add(piece: IdlePiece): void {
    const running = this.#running?.piece;
    const goesFirst = running?.kind === 'lookAhead' && running.document === piece.document && piece.kind === 'prepare';
    if (running && !goesFirst) this.#abort();
    this.#waiting = piece;
    this.start();
  }

  /** Somebody asks. */
  stop(): void {
    this.#waiting = undefined;
    this.#abort();
  }

  /** Nobody asks any more. */
  start(): void {
    const piece = this.#waiting;
    if (piece === undefined || this.#running || this.#handlers.busy()) return;
    this.#waiting = undefined;
    const controller = new AbortController();
    this.#running = { piece, controller };
    void this.#run(piece, controller.signal);
  }

  async #run(piece: IdlePiece, signal: AbortSignal): Promise<void> {
    try {
      await piece.run(signal);
    } catch (error) {
      if (!(error instanceof CancelledError)) this.#handlers.failed(error);
    } finally {
      this.#running = undefined;
      this.start();
    }
  }

  #abort(): void {
    this.#running?.controller.abort(new CancelledError('somebody asks'));
  }
}
