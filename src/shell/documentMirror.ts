// The shell's side of the document mirror. A document is opened on first need and followed by versioned edits; one that is
// too long is mirrored as a window around the cursor, which is moved when the cursor nears its edge. Whatever cannot be
// followed cheaply (an edit across the window's edge, thousands of edits at once) is closed and opened again on next need.
//
//   document  |--------------------------------------------------|
//   window             start |------------ text ------------|
//   reopened when the cursor is in   |<- margin    margin ->|
import { bounded, limits, type TextEdit, type ToHost } from '../protocol/hostMessages.ts';

/** What the mirror needs to know of an editor's document; cheap to ask, also for a huge one. */
export interface SourceDocument {
  readonly key: string;
  readonly languageId: string;
  readonly path: string;
  /** UTF-16 units. */
  readonly length: number;
  slice(start: number, end: number): string;
}

export interface MirrorLimits {
  /** Up to this length a document is mirrored whole. */
  readonly wholeLength: number;
  readonly windowBefore: number;
  readonly windowAfter: number;
  readonly maxDocuments: number;
}

export const usualMirrorLimits: MirrorLimits = {
  // Opening costs some 2 ms for every 128 Ki, in the extension host.
  wholeLength: 128 * 1024,
  windowBefore: 64 * 1024,
  windowAfter: 32 * 1024,
  maxDocuments: 8,
};

/** A place in the mirrored text. */
export interface MirroredPlace {
  readonly document: number;
  readonly version: number;
  readonly offset: number;
}

interface Window {
  readonly document: number;
  version: number;
  /** In the document. */
  start: number;
  length: number;
  documentLength: number;
  readonly cutBefore: boolean;
  readonly cutAfter: boolean;
}

export class DocumentMirror {
  readonly #send: (message: ToHost) => void;
  readonly #limits: MirrorLimits;
  /** By key, in order of use, the latest last. */
  readonly #windows = new Map<string, Window>();
  #lastDocument = 0;

  constructor(send: (message: ToHost) => void, mirrorLimits: MirrorLimits = usualMirrorLimits) {
    this.#send = send;
    this.#limits = mirrorLimits;
  }

  /** Makes sure that the engine has the text around the offset, and says where that is there. */
  prepare(source: SourceDocument, offset: number): MirroredPlace {
    let window = this.#windows.get(source.key);
    if (window && (window.documentLength !== source.length || !this.#covers(window, offset))) {
      this.closed(source.key);
      window = undefined;
    }
    window ??= this.#open(source, offset);
    this.#windows.delete(source.key);
    this.#windows.set(source.key, window);
    return { document: window.document, version: window.version, offset: offset - window.start };
  }

  /** Edits in the order of the editor's event, each in the coordinates that those before it left. */
  changed(key: string, edits: readonly TextEdit[]): void {
    const window = this.#windows.get(key);
    if (!window || edits.length === 0) return;
    const inside = follow(window, edits);
    const insertedLength = edits.reduce((sum, { text }) => sum + text.length, 0);
    if (!inside || edits.length > limits.editsPerChange || insertedLength > this.#limits.wholeLength) {
      this.closed(key);
    } else if (window.length > limits.documentLength) {
      this.closed(key);
    } else if (inside.length > 0) {
      window.version++;
      const { document, version, length } = window;
      this.#send({ kind: 'change', document, version, length, edits: inside });
    }
  }

  closed(key: string): void {
    const window = this.#windows.get(key);
    if (!window) return;
    this.#windows.delete(key);
    this.#send({ kind: 'close', document: window.document });
  }

  /** The engine lost track of a document. */
  reopen(document: number): void {
    for (const [key, window] of this.#windows) if (window.document === document) this.#windows.delete(key);
  }

  /** A fresh engine knows none. */
  reset(): void {
    this.#windows.clear();
  }

  #covers({ start, length, cutBefore, cutAfter }: Window, offset: number): boolean {
    const first = start + (cutBefore ? this.#limits.windowBefore / 2 : 0);
    const last = start + length - (cutAfter ? this.#limits.windowAfter / 2 : 0);
    return first <= offset && offset <= last;
  }

  #open(source: SourceDocument, offset: number): Window {
    const { wholeLength, windowBefore, windowAfter, maxDocuments } = this.#limits;
    const whole = source.length <= wholeLength;
    const start = whole ? 0 : Math.max(0, offset - windowBefore);
    const end = whole ? source.length : Math.min(source.length, offset + windowAfter);
    const text = source.slice(start, end);
    const window: Window = {
      document: ++this.#lastDocument,
      version: 0,
      start,
      length: text.length,
      documentLength: source.length,
      cutBefore: start > 0,
      cutAfter: end < source.length,
    };
    for (const key of [...this.#windows.keys()].slice(0, Math.max(0, this.#windows.size - maxDocuments + 1))) {
      this.closed(key);
    }
    const { document, version } = window;
    const languageId = bounded(source.languageId, limits.languageIdLength);
    const path = bounded(source.path, limits.pathLength);
    this.#send({ kind: 'open', document, version, languageId, path, text });
    return window;
  }
}

/** Moves the window along with the edits; the edits inside it in its own coordinates, undefined when one crosses its edge. */
function follow(window: Window, edits: readonly TextEdit[]): TextEdit[] | undefined {
  const inside: TextEdit[] = [];
  for (const { start, end, text } of edits) {
    const growth = text.length - (end - start);
    const windowEnd = window.start + window.length;
    if (window.cutBefore && end <= window.start) window.start += growth;
    else if (start >= window.start && end <= windowEnd && !(window.cutAfter && start === windowEnd)) {
      inside.push({ start: start - window.start, end: end - window.start, text });
      window.length += growth;
    } else if (start < windowEnd) return undefined;
    window.documentLength += growth;
  }
  return inside;
}
