// Stands for a part of the extension that is a bundle of its own until it is first needed, so that activation pays for none of it. Knows
// no editor.
import type { Disposable } from '../base/disposable.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from './hostProcess.ts';

export interface Part extends Disposable {
  /** Resolves when no process of the part runs any more; after `dispose`. */
  ended(): Promise<void>;
}

export interface LatePartDeps<P> {
  /** Such as `the part that trains models`. */
  readonly name: string;
  /** Loads the code and puts the part together. */
  readonly load: () => P;
  readonly log: Log;
  readonly showError: (text: string) => void;
}

export class LatePart<P extends Part> implements Part {
  readonly #deps: LatePartDeps<P>;
  #loaded: P | undefined;
  #disposed = false;

  constructor(deps: LatePartDeps<P>) {
    this.#deps = deps;
  }

  get loaded(): P | undefined {
    return this.#loaded;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /** What a person asked for: undefined when the part cannot be loaded, which the person is told, or is not wanted any more. */
  wanted(): P | undefined {
    return this.quietly((problem) => this.#deps.showError(problem));
  }

  /** What nobody asked for: a problem is told in the log alone. Another try may succeed. */
  quietly(tell: (problem: string) => void = () => undefined): P | undefined {
    if (this.#disposed) return undefined;
    try {
      this.#loaded ??= this.#deps.load();
    } catch (error) {
      const problem = `${this.#deps.name} could not be loaded`;
      this.#deps.log('error', `${problem}: ${messageOf(error)}`);
      const [reason] = messageOf(error).split('\n'); // Node adds who asked for a missing file, line by line.
      tell(`Chainrule: ${problem} (${reason}). Reload the window; if that does not help, install the extension again`);
    }
    return this.#loaded;
  }

  dispose(): void {
    this.#disposed = true;
    this.#loaded?.dispose();
  }

  async ended(): Promise<void> {
    await this.#loaded?.ended();
  }
}
