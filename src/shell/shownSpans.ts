// What of an edited document is colored, as its editors show it: spans with their surprisal, in order, that move along with edits as the
// editor moves its decorations; and what is to be painted of them. Knows no editor.
import type { TextRange } from '../protocol/documentScoringMessages.ts';
import type { TextEdit } from '../protocol/hostMessages.ts';
import { stepOf, surprisalSteps } from '../protocol/surprisalScale.ts';

export interface Span extends TextRange {
  readonly bits: number;
}

/** Ranges of each step of the scale. */
export interface Painting {
  readonly ranges: readonly (readonly TextRange[])[];
  /** There was more than may be painted at a time. */
  readonly isCut: boolean;
}

export class ShownSpans {
  #spans: readonly Span[] = [];

  get count(): number {
    return this.#spans.length;
  }

  /** As an editor does: what an edit touches is gone, what follows moves. */
  edited(edits: readonly TextEdit[]): void {
    this.#spans = movedSpans(this.#spans, edits);
  }

  /** All that is known of [from, to). */
  take(from: number, to: number, spans: readonly Span[]): void {
    const before = this.#spans.filter(({ end, start }) => end <= from && start < from);
    const after = this.#spans.filter(({ start }) => start >= to);
    this.#spans = [...before, ...spans, ...after];
  }

  /** Spans in order, with gaps in which what is known stays. */
  takeEach(spans: readonly Span[]): void {
    const all: Span[] = [];
    let next = 0;
    for (const span of spans) {
      for (; next < this.#spans.length && this.#spans[next]!.start < span.end; next++) {
        if (this.#spans[next]!.end <= span.start) all.push(this.#spans[next]!);
      }
      all.push(span);
    }
    this.#spans = [...all, ...this.#spans.slice(next)];
  }

  /** Forgets what lies elsewhere. */
  keep(ranges: readonly TextRange[]): void {
    this.#spans = this.#spans.filter((span) =>
      ranges.some((range) => span.start < range.end && span.end > range.start),
    );
  }

  clear(): void {
    this.#spans = [];
  }

  /** Neighbors of the same step are one range. At most `most` of them, in the order of the text. */
  painting(ranges: readonly TextRange[], most: number): Painting {
    const painted: TextRange[][] = surprisalSteps.map(() => []);
    let count = 0;
    let isCut = false;
    let open: { step: number; start: number; end: number } | undefined;
    const close = () => {
      if (open) painted[open.step]!.push({ start: open.start, end: open.end });
      open = undefined;
    };
    for (const { start: from, end: to } of united(ranges)) {
      for (let i = this.#firstAfter(from); i < this.#spans.length && this.#spans[i]!.start < to; i++) {
        const { start, end, bits } = this.#spans[i]!;
        const step = stepOf(bits);
        const shown = { start: Math.max(start, from), end: Math.min(end, to) };
        if (open?.step === step && open.end === shown.start) {
          open.end = shown.end;
          continue;
        }
        close();
        if (count === most) {
          isCut = true;
          break;
        }
        open = { step, ...shown };
        count += 1;
      }
      close();
      if (isCut) break;
    }
    return { ranges: painted, isCut };
  }

  /** The first span that ends after the offset. */
  #firstAfter(offset: number): number {
    let [low, high] = [0, this.#spans.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#spans[middle]!.end <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Edits in the order of the editor's event, each in the coordinates that those before it left. */
export function movedSpans<S extends TextRange>(spans: readonly S[], edits: readonly TextEdit[]): S[] {
  // The editor tells many cursors' edits from the last to the first, and then one walk does for all.
  const isBackwards = edits.every(({ end }, i) => i === 0 || end <= edits[i - 1]!.start);
  if (isBackwards) return movedByAll(spans, edits.toReversed());
  let moved: readonly S[] = spans;
  for (const edit of edits) moved = movedByAll(moved, [edit]);
  return [...moved];
}

/** Edits in the order of the text, all in the coordinates of before. */
function movedByAll<S extends TextRange>(spans: readonly S[], edits: readonly TextEdit[]): S[] {
  const moved: S[] = [];
  let [next, shift] = [0, 0];
  for (const span of spans) {
    for (let edit = edits[next]; edit && edit.end <= span.start; edit = edits[++next]) {
      shift += edit.text.length - (edit.end - edit.start);
    }
    const edit = edits[next];
    if (edit && edit.start < span.end) continue;
    moved.push(shift === 0 ? span : { ...span, start: span.start + shift, end: span.end + shift });
  }
  return moved;
}

/** A range that an edit touches becomes what is left of it, the inserted text included where it lies within. */
export function movedRange({ start, end }: TextRange, edits: readonly TextEdit[]): TextRange {
  let range = { start, end };
  for (const edit of edits) {
    const shift = edit.text.length - (edit.end - edit.start);
    const move = (at: number) => (at >= edit.end ? at + shift : Math.min(at, edit.start));
    range = { start: move(range.start), end: Math.max(move(range.start), move(range.end)) };
  }
  return range;
}

/** In order, without overlaps. */
export function united(ranges: readonly TextRange[]): TextRange[] {
  const result: { start: number; end: number }[] = [];
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else if (start < end) result.push({ start, end });
  }
  return result;
}
