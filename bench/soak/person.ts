// Somebody who edits a few files of this repository, at random and by a seed: types lines that stand elsewhere, deletes, jumps, undoes,
// takes what is suggested, goes to another file. The documents reach the engine as they do from the editor, through the mirror.
import { readFileSync } from 'node:fs';
import type { Random } from '../../src/base/random.ts';
import type { CompleteMessage, ToHost } from '../../src/protocol/hostMessages.ts';
import { DocumentMirror, type MirroredPlace } from '../../src/shell/documentMirror.ts';

const files = [
  'src/engine/sequenceCache.ts',
  'src/host/engineRole.ts',
  'src/shell/suggester.ts',
  'src/README.md',
  'src/host.ts',
];
/** A document that grew by more is begun anew. */
const maxGrowth = 20_000;
const maxUndo = 20;

interface Edited {
  readonly file: string;
  readonly original: string;
  text: string;
  cursor: number;
  /** What the last edits replaced, the latest last. */
  readonly undo: { at: number; inserted: number; removed: string }[];
}

export class Person {
  readonly #random: Random;
  readonly #mirror: DocumentMirror;
  readonly #documents: readonly Edited[];
  #now: Edited;
  /** What is being typed. */
  #line = '';

  constructor(random: Random, send: (message: ToHost) => void) {
    this.#random = random;
    this.#mirror = new DocumentMirror(send);
    this.#documents = files.map((file) => {
      const original = readFileSync(file, 'utf8');
      return { file, original, text: original, cursor: random.nextInteger(original.length), undo: [] };
    });
    this.#now = this.#documents[0]!;
  }

  /** One edit, or one movement; `suggested` is what was last shown where the cursor is. */
  act(suggested: string | undefined): void {
    const dice = this.#random.nextFloat();
    const { text, cursor } = this.#now;
    // Who moves begins another line.
    if (dice >= 0.84) this.#line = '';
    if (suggested !== undefined && dice < 0.4) this.#replace(cursor, 0, suggested);
    else if (dice < 0.7) this.#replace(cursor, 0, this.#nextText(1 + this.#random.nextInteger(5)));
    else if (dice < 0.8) this.#replace(Math.max(0, cursor - 1 - this.#random.nextInteger(8)), -1, '');
    else if (dice < 0.84) this.#replace(cursor, 1 + this.#random.nextInteger(20), '');
    else if (dice < 0.88) this.#undo();
    else if (dice < 0.92) this.#now.cursor = lineEndFrom(text, this.#random.nextInteger(text.length + 1));
    else if (dice < 0.94) this.#now.cursor = this.#random.nextInteger(text.length + 1);
    else this.#now = this.#documents[this.#random.nextInteger(this.#documents.length)]!;
  }

  /** To the end of some line of some file. */
  jump(): void {
    this.#now = this.#documents[this.#random.nextInteger(this.#documents.length)]!;
    this.#now.cursor = lineEndFrom(this.#now.text, this.#random.nextInteger(this.#now.text.length + 1));
    this.#line = '';
  }

  get place(): MirroredPlace {
    const { file, text, cursor } = this.#now;
    const slice = (start: number, end: number) => text.slice(start, end);
    return this.#mirror.prepare(
      { key: file, languageId: 'typescript', path: file, length: text.length, slice },
      cursor,
    );
  }

  question(maxSymbols: number): Omit<CompleteMessage, 'kind' | 'request'> {
    const asked = { maxSymbols, maxSuggestions: this.#random.nextFloat() < 0.02 ? 3 : 1, deadlineMs: 5000 };
    const editor = { replaceLength: 0, replacement: '', multiline: 'auto', insertSpaces: true, tabSize: 2 } as const;
    return { ...this.place, ...asked, ...editor };
  }

  #undo(): void {
    const last = this.#now.undo.pop();
    if (last) this.#change(last.at, last.inserted, last.removed);
  }

  /** `removed` -1: what is between there and the cursor. */
  #replace(at: number, removed: number, inserted: string): void {
    const { text, cursor, undo, original } = this.#now;
    const end = Math.min(text.length, removed < 0 ? cursor : at + removed);
    undo.push({ at, inserted: inserted.length, removed: text.slice(at, end) });
    if (undo.length > maxUndo) undo.shift();
    this.#change(at, end - at, inserted);
    const grown = Math.abs(this.#now.text.length - original.length);
    if (grown <= maxGrowth) return;
    undo.length = 0;
    this.#change(0, this.#now.text.length, original);
    this.#now.cursor = this.#random.nextInteger(original.length);
  }

  #change(at: number, removed: number, inserted: string): void {
    const { file, text } = this.#now;
    const start = Math.min(at, text.length);
    const end = Math.min(text.length, start + removed);
    this.#now.text = text.slice(0, start) + inserted + text.slice(end);
    this.#now.cursor = start + inserted.length;
    if (start < end || inserted !== '') this.#mirror.changed(file, [{ start, end, text: inserted }]);
  }

  /** The next characters of a line of some file, and then of another. */
  #nextText(length: number): string {
    if (this.#line === '') {
      const lines = this.#documents[this.#random.nextInteger(this.#documents.length)]!.original.split('\n');
      this.#line = `\n${lines[this.#random.nextInteger(lines.length)]!}`;
    }
    const next = this.#line.slice(0, length);
    this.#line = this.#line.slice(length);
    return next;
  }
}

function lineEndFrom(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}
