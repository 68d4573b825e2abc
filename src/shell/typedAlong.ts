// Typing along a shown suggestion. The last suggestions, for one place, are remembered with the region of the document that
// they may come to fill; as long as every edit stays inside that region, and what stands there is how one of them begins, the
// rest of it is the answer, at once and without the engine. Which of them is shown need not be known. Behind the cursor the
// region holds nothing but what the editor closed by itself: a rest put before what was typed would say that again.
//
//   document   let x = fo|          remembered at `let x = `, the suggestion being `foo(1);`
//   region            [fo]          the answer: `o(1);`
import type { TextEdit } from '../protocol/hostMessages.ts';

export interface Remembered {
  /** The document. */
  readonly key: string;
  /** Where the suggested texts begin. */
  readonly start: number;
  /** The cursor; what stands between is replaced by the suggested text. */
  readonly end: number;
  /** The best first. */
  readonly texts: readonly string[];
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

  remember(suggestions: Remembered): void {
    this.#last = suggestions;
    this.#regionEnd = suggestions.end;
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

  /** The texts to put in place of [place.start, place.cursor), as far as the last suggestions say. */
  continuations(place: Place): string[] {
    const last = this.#last;
    if (last?.key !== place.key || place.cursor < last.start || place.cursor > this.#regionEnd) return [];
    if (!/^[)\]}"'`]*$/.test(place.slice(place.cursor, this.#regionEnd))) return [];
    // A selected item may begin before the suggestions did: what stands there must be how the item begins.
    const before = place.start < last.start ? withLineFeeds(place.slice(place.start, last.start)) : '';
    if (!place.selectedText.startsWith(before)) return [];
    const typed = place.start > last.start ? withLineFeeds(place.slice(last.start, place.start)) : '';
    const known = typed + withLineFeeds(place.selectedText).slice(before.length);
    const continuing = last.texts.filter((text) => text.startsWith(known) && text.length > known.length);
    return continuing.map((text) => before + text.slice(typed.length));
  }
}

/** The editor writes its own line ends; suggestions are compared with line feeds alone. */
export function withLineFeeds(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}
