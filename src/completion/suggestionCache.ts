// Suggestions made before, so that typing along one needs no model. A suggestion belongs to the text around its cursor, of
// which a bounded part and the length are compared; it answers where the text typed since is how it begins. Several that were
// made for one place are held together, the best first.
import type { Piece } from './generate.ts';
import { isBlank } from './lines.ts';
import { toLineFeeds } from './prompt.ts';

/** Where a suggestion is asked for, in the document's own line ends. */
export interface SuggestionPlace {
  /** Document, language and settings: suggestions of different keys never answer for each other. */
  readonly key: string;
  readonly before: string;
  readonly after: string;
}

export interface CachedSuggestion {
  /** With line feeds. */
  readonly text: string;
  readonly pieces: readonly Piece[];
}

interface Entry {
  readonly place: SuggestionPlace;
  readonly beforeLength: number;
  readonly afterLength: number;
  readonly suggestions: readonly CachedSuggestion[];
}

/** Compared, and kept, of the text on each side. */
const comparedLength = 2048;

export class SuggestionCache {
  readonly #maxEntries: number;
  /** In order of use, the latest last. */
  #entries: Entry[] = [];

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#entries.length;
  }

  add(place: SuggestionPlace, suggestions: readonly CachedSuggestion[]): void {
    const kept = { ...place, before: detached(tail(place.before)), after: detached(head(place.after)) };
    this.#entries.push({
      place: kept,
      beforeLength: place.before.length,
      afterLength: place.after.length,
      suggestions,
    });
    if (this.#entries.length > this.#maxEntries) this.#entries.shift();
  }

  /** All that were made for this very place, the latest first. */
  madeAt(place: SuggestionPlace): CachedSuggestion[] {
    const isHere = ({ place: { key, before, after }, beforeLength, afterLength }: Entry) =>
      key === place.key &&
      beforeLength === place.before.length &&
      afterLength === place.after.length &&
      before === tail(place.before) &&
      after === head(place.after);
    return this.#entries
      .filter(isHere)
      .reverse()
      .flatMap(({ suggestions }) => suggestions);
  }

  /** What is left of a suggestion after what was typed of it. The latest wins. */
  find(place: SuggestionPlace): CachedSuggestion | undefined {
    for (const [i, entry] of [...this.#entries.entries()].reverse()) {
      const rest = restOf(entry, place);
      if (rest === undefined) continue;
      this.#entries.splice(i, 1);
      this.#entries.push(entry);
      return rest;
    }
    return undefined;
  }
}

/** What is left of the first suggestion that begins with the text typed since and goes on, when nothing else changed. */
function restOf(
  { place, beforeLength, afterLength, suggestions }: Entry,
  asked: SuggestionPlace,
): CachedSuggestion | undefined {
  const length = asked.before.length - beforeLength;
  // A line end may be two characters in the document and is one in the suggestion.
  const longest = 2 * Math.max(...suggestions.map(({ text }) => text.length));
  if (place.key !== asked.key || length < 0 || length > longest) return undefined;
  if (asked.after.length !== afterLength || head(asked.after) !== place.after) return undefined;
  const typed = toLineFeeds(asked.before.slice(beforeLength));
  const found = suggestions.find(({ text }) => text.startsWith(typed) && !isBlank(text.slice(typed.length)));
  if (found === undefined || tail(asked.before.slice(0, beforeLength)) !== place.before) return undefined;
  return {
    text: found.text.slice(typed.length),
    pieces: found.pieces.flatMap((piece) =>
      piece.at < typed.length ? [] : [{ ...piece, at: piece.at - typed.length }],
    ),
  };
}

function tail(text: string): string {
  return text.slice(-comparedLength);
}

function head(text: string): string {
  return text.slice(0, comparedLength);
}

/** A string of its own: a slice would keep the whole document alive. */
function detached(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
