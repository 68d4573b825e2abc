// The same text twice would be learnt twice, and would leak from training into validation. Equal are texts that differ in
// line ends and blanks at line ends only.
import { createHash } from 'node:crypto';

/** A short name for a text; equal texts have equal names, and others do not. */
export function contentHash(text: string): string {
  const lines = text.split('\n').map((line) => line.trimEnd());
  const plain = lines.join('\n').trimEnd();
  return createHash('sha256').update(plain).digest('base64url');
}

export class DuplicateFilter {
  readonly #seen = new Map<string, string>();

  /** The path under which the text was seen before; undefined when it is new, and then it is remembered. */
  earlier(path: string, text: string): string | undefined {
    const hash = contentHash(text);
    const before = this.#seen.get(hash);
    if (before === undefined) this.#seen.set(hash, path);
    return before;
  }
}
