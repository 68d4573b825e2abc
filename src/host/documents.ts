// The engine's side of the document mirror: texts kept equal to the editor's by versioned edits. A gap in versions, an edit
// outside the text or a length that does not agree is detected; the document is then dropped and the shell asked to open
// it afresh. Bounded in number and in total length; the document used longest ago goes first.
import type { ChangeMessage, OpenMessage, TextEdit } from '../protocol/hostMessages.ts';

export interface MirroredDocument {
  readonly version: number;
  readonly languageId: string;
  readonly path: string;
  readonly text: string;
}

export interface DocumentLimits {
  readonly maxDocuments: number;
  /** UTF-16 units of all documents together. */
  readonly maxTotalLength: number;
}

export type ChangeResult = 'applied' | 'unknownDocument' | 'gap' | 'mismatch';

export class Documents {
  readonly #limits: DocumentLimits;
  /** In order of use, the latest last. */
  readonly #documents = new Map<number, MirroredDocument>();
  #totalLength = 0;

  constructor(limits: DocumentLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#documents.size;
  }

  get totalLength(): number {
    return this.#totalLength;
  }

  open(message: Omit<OpenMessage, 'kind'>): void {
    const { document, version, languageId, path, text } = message;
    this.#put(document, { version, languageId, path, text });
    for (const oldest of this.#documents.keys()) {
      const { maxDocuments, maxTotalLength } = this.#limits;
      if (this.#documents.size <= maxDocuments && this.#totalLength <= maxTotalLength) break;
      if (oldest !== document) this.close(oldest);
    }
  }

  /** Anything but 'applied' leaves the document closed. */
  change(message: Omit<ChangeMessage, 'kind'>): ChangeResult {
    const before = this.#documents.get(message.document);
    if (before === undefined) return 'unknownDocument';
    if (message.version !== before.version + 1) {
      this.close(message.document);
      return 'gap';
    }
    const text = applyEdits(before.text, message.edits);
    if (text?.length !== message.length) {
      this.close(message.document);
      return 'mismatch';
    }
    this.#put(message.document, { ...before, version: message.version, text });
    return 'applied';
  }

  close(document: number): void {
    this.#totalLength -= this.#documents.get(document)?.text.length ?? 0;
    this.#documents.delete(document);
  }

  /** Undefined when the document is not here in that very version. */
  at(document: number, version: number): MirroredDocument | undefined {
    const found = this.#documents.get(document);
    if (found?.version !== version) return undefined;
    this.#put(document, found);
    return found;
  }

  #put(document: number, value: MirroredDocument): void {
    this.close(document);
    this.#documents.set(document, value);
    this.#totalLength += value.text.length;
  }
}

/** Applies edits one after the other; undefined when one lies outside the text. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string | undefined {
  let result = text;
  for (const { start, end, text: inserted } of edits) {
    if (start > end || end > result.length) return undefined;
    result = result.slice(0, start) + inserted + result.slice(end);
  }
  return result;
}
