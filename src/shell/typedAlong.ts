// Typing along a shown suggestion. The last suggestion is remembered with the region of the document that it may come to
// fill; as long as every edit stays inside that region, and what stands there is how the suggestion begins, the rest of it is
// the answer, at once and without the engine.
//
//   document   let x = fo|          remembered at `let x = `, the suggestion being `foo(1);`
//   region            [fo]          the answer: `o(1);`
import type { TextEdit } from '../protocol/hostMessages.ts';

export interface Remembered {
  /** The document. */
  readonly key: string;
  /** Where the suggested text begins. */
  readonly start: number;
  /** The cursor; what stands between is replaced by the suggestion. */
  readonly end: number;
  readonly text: string;
}

/** Where a completion is wanted: `selectedText` is to replace [start, cursor); without one, start is the cursor. */
export interface Place {
  readonly key: string;
  readonly start: number;
  readonly cursor: number;
  readonly selectedText: string;
  slice(start: number, end: number): string;
}

export class TypedAlong {
  #last: Remembered | undefined;
  #regionEnd = 0;

  remember(suggestion: Remembered): void {
    this.#last = suggestion;
    this.#regionEnd = suggestion.end;
  }

  forget(): void {
    this.#last = undefined;
  }

  edited(key: string, edits: readonly TextEdit[]): void {
    for (const { start, end, text } of edits) {
      const last = this.#last;
      if (last?.key !== key) return;
      if (start < last.start || end > this.#regionEnd) this.forget();
      else this.#regionEnd += text.length - (end - start);
    }
  }

  /** The text to put in place of [place.start, place.cursor); undefined when the last suggestion does not say. */
  continuation(place: Place): string | undefined {
    const last = this.#last;
    if (last?.key !== place.key || place.cursor < last.start || place.cursor > this.#regionEnd) return undefined;
    // A selected item may begin before the suggestion did: what stands there must be how the item begins.
    const before = place.start < last.start ? withLineFeeds(place.slice(place.start, last.start)) : '';
    if (!place.selectedText.startsWith(before)) return undefined;
    const typed = place.start > last.start ? withLineFeeds(place.slice(last.start, place.start)) : '';
    const known = typed + withLineFeeds(place.selectedText).slice(before.length);
    if (!last.text.startsWith(known) || last.text.length === known.length) return undefined;
    return before + last.text.slice(typed.length);
  }
}

/** The editor writes its own line ends; suggestions are compared with line feeds alone. */
export function withLineFeeds(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}
