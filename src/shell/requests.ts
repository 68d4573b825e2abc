// Questions to another process that are answered by number: each is settled exactly once, by its answer, by a refusal, by its
// signal, or by the end of the process.
import { CancelledError, throwIfCancelled } from '../base/errors.ts';

interface Pending<Answer> {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

export class Requests<Answer> {
  readonly #pending = new Map<number, Pending<Answer>>();
  #last = 0;

  get size(): number {
    return this.#pending.size;
  }

  /** `send` is given the number; `cancelled` is told when the signal aborts while the answer is due. */
  async ask(
    send: (request: number) => void,
    signal?: AbortSignal,
    cancelled: (request: number) => void = () => undefined,
  ): Promise<Answer> {
    throwIfCancelled(signal);
    const request = ++this.#last;
    const abort = () => {
      cancelled(request);
      this.refuse(request, new CancelledError('cancelled'));
    };
    signal?.addEventListener('abort', abort);
    try {
      return await new Promise<Answer>((resolve, reject) => {
        this.#pending.set(request, { resolve, reject });
        send(request);
      });
    } finally {
      this.#pending.delete(request);
      signal?.removeEventListener('abort', abort);
    }
  }

  has(request: number): boolean {
    return this.#pending.has(request);
  }

  answer(request: number, answer: Answer): void {
    this.#pending.get(request)?.resolve(answer);
  }

  refuse(request: number, error: Error): void {
    this.#pending.get(request)?.reject(error);
  }

  refuseAll(error: Error): void {
    for (const { reject } of [...this.#pending.values()]) reject(error);
  }
}
