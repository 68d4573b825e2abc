// Suggestions made before, so that typing along one needs no model. A suggestion belongs to the text around its cursor, of
// which a bounded part and the length are compared; it answers where the text typed since is how it begins.
import type { Piece } from './generate.ts';
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
  readonly suggestion: CachedSuggestion;
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

  add(place: SuggestionPlace, suggestion: CachedSuggestion): void {
    const kept = { ...place, before: detached(tail(place.before)), after: detached(head(place.after)) };
    this.#entries.push({
      place: kept,
      beforeLength: place.before.length,
      afterLength: place.after.length,
      suggestion,
    });
    if (this.#entries.length > this.#maxEntries) this.#entries.shift();
  }

  /** What is left of a suggestion after what was typed of it, and how much that was. The latest wins. */
  find(place: SuggestionPlace): { suggestion: CachedSuggestion; typedLength: number } | undefined {
    const at = this.#entries.findLastIndex((entry) => typedSince(entry, place) !== undefined);
    const [entry] = at < 0 ? [] : this.#entries.splice(at, 1);
    if (entry === undefined) return undefined;
    this.#entries.push(entry);
    return { suggestion: entry.suggestion, typedLength: typedSince(entry, place)!.length };
  }
}

/** The text typed since, when it is a proper beginning of the suggestion and nothing else changed. */
function typedSince(
  { place, beforeLength, afterLength, suggestion }: Entry,
  asked: SuggestionPlace,
): string | undefined {
  const length = asked.before.length - beforeLength;
  // A line end may be two characters in the document and is one in the suggestion.
  if (place.key !== asked.key || length < 0 || length > 2 * suggestion.text.length) return undefined;
  if (asked.after.length !== afterLength || head(asked.after) !== place.after) return undefined;
  const typed = toLineFeeds(asked.before.slice(beforeLength));
  if (typed.length >= suggestion.text.length || !suggestion.text.startsWith(typed)) return undefined;
  return tail(asked.before.slice(0, beforeLength)) === place.before ? typed : undefined;
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
