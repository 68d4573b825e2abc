// Where the cursor rests, the first keystroke should be answered as fast as the ones after it: the engine is told the place, and leads
// the model there while nobody asks. Typing needs none of this, since every keystroke asks by itself. Knows no editor.
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import type { DocumentMirror, MirroredPlace, SourceDocument } from './documentMirror.ts';
import type { EngineClient } from './engineClient.ts';

/** The cursor of the editor that has the focus. */
export interface FrontPlace {
  readonly source: SourceDocument;
  readonly cursor: number;
}

export interface PlaceAheadDeps {
  readonly client: Pick<EngineClient, 'status' | 'send'>;
  readonly mirror: DocumentMirror;
  readonly clock: Clock;
  /** Undefined where nothing is completed: its text must not leave the editor. */
  readonly front: () => FrontPlace | undefined;
  /** From the settings: the prompt leaves room for so many. */
  readonly maxSymbols: () => number;
}

/** Whoever passes through files or lines does not rest in them. */
const restMs = 150;
/** An edit moves the cursor: an event of its own, a moment later. */
const afterEditMs = 50;

export class PlaceAhead implements Disposable {
  readonly #deps: PlaceAheadDeps;
  #cancel: () => void = () => undefined;
  #quietUntil = Number.NEGATIVE_INFINITY;
  #last: MirroredPlace | undefined;

  constructor(deps: PlaceAheadDeps) {
    this.#deps = deps;
  }

  /** The cursor may be at another place, or the engine is ready. */
  moved(): void {
    const { clock } = this.#deps;
    if (clock.now() < this.#quietUntil) return;
    this.#cancel();
    this.#cancel = clock.after(restMs, () => this.#tell());
  }

  /** Somebody types. */
  edited(): void {
    this.#cancel();
    this.#quietUntil = this.#deps.clock.now() + afterEditMs;
  }

  dispose(): void {
    this.#cancel();
  }

  #tell(): void {
    const { client, mirror, front, maxSymbols } = this.#deps;
    if (client.status.state !== 'ready') return;
    const place = front();
    if (place === undefined) return;
    const { document, version, offset } = mirror.prepare(place.source, place.cursor);
    const last = this.#last;
    if (last?.document === document && last.version === version && last.offset === offset) return;
    this.#last = { document, version, offset };
    client.send({ kind: 'prepare', document, version, offset, maxSymbols: maxSymbols() });
  }
}
