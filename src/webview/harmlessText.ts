// Names and lines as a page shows them: whatever would reorder, hide or break what stands around it is shown as its code.

/** Control and format characters, line and paragraph separators, halves of surrogate pairs. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** A tab stays one. */
export function harmlessText(text: string): string {
  return text.replace(unseen, (one) =>
    one === '\t' ? one : `<U+${one.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}>`,
  );
}
