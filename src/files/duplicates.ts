// The same text twice would be learnt twice, and would leak from training into validation. Equal are texts that differ in
// line ends and blanks at line ends only; nearly equal, what nearDuplicates.ts says.
import { createHash } from 'node:crypto';
import { NearDuplicateTexts } from './nearDuplicates.ts';

/** A short name for a text; equal texts have equal names, and others do not. */
export function contentHash(text: string): string {
  const lines = text.split('\n').map((line) => line.trimEnd());
  const plain = lines.join('\n').trimEnd();
  return createHash('sha256').update(plain).digest('base64url');
}

export interface Duplicate {
  readonly kind: 'duplicate' | 'nearDuplicate';
  /** Of the one that came first. */
  readonly path: string;
}

export class DuplicateFilter {
  readonly #seen = new Map<string, string>();
  readonly #near = new NearDuplicateTexts();

  /** What came before and is the same; undefined when it is new, and then it is remembered. */
  earlier(path: string, text: string): Duplicate | undefined {
    const hash = contentHash(text);
    const same = this.#seen.get(hash);
    if (same !== undefined) return { kind: 'duplicate', path: same };
    this.#seen.set(hash, path);
    const near = this.#near.earlier(path, text);
    return near === undefined ? undefined : { kind: 'nearDuplicate', path: near };
  }
}
