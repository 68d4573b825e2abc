// The texts of a workspace that are worth learning from, one by one: found, read, judged, and each only once. `surveyText` walks the
// same way and keeps nothing but the report.
import { classifyText, holdsSecret } from './classify.ts';
import { decodeText, type TextEncoding } from './decode.ts';
import { DuplicateFilter } from './duplicates.ts';
import { languageOf } from './languages.ts';
import { LeftOutTally } from './leftOut.ts';
import { type ReadFile, type RootsOptions, readRoots, type SourceRoot } from './roots.ts';
import { findSecret } from './secrets.ts';
import { type Survey, SurveyTally } from './survey.ts';

export interface SourceText {
  /** The root's own name and the path below it: tells apart what lies in several roots, the same wherever they lie. */
  readonly id: string;
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  /** As an editor shows it: without byte order mark, line ends as they are. */
  readonly text: string;
}

export interface CollectOptions extends RootsOptions {
  /** Shared between calls, a text is given by one of them only. */
  readonly duplicates?: DuplicateFilter;
  readonly leftOut?: LeftOutTally;
}

export interface TextSurvey extends Survey {
  readonly kind: 'text';
  /** How many files in each. */
  readonly encodings: Readonly<Partial<Record<TextEncoding, number>>>;
}

/**
 * Files that people write; a file that is named is taken as long as it is text that holds no secrets. The report comes as the return
 * value. @throws CancelledError.
 */
export async function* collectTexts(
  roots: readonly SourceRoot[],
  options: CollectOptions,
): AsyncGenerator<SourceText, TextSurvey> {
  const leftOut = options.leftOut ?? new LeftOutTally();
  const duplicates = options.duplicates ?? new DuplicateFilter();
  const tally = new SurveyTally();
  const encodings: Partial<Record<TextEncoding, number>> = {};
  const files = readRoots(roots, () => true, leftOut, options);
  for (;;) {
    const next = await files.next();
    if (next.done) {
      return { kind: 'text', ...tally.finish(), leftOut: leftOut.list(), stoppedBy: next.value.stoppedBy, encodings };
    }
    const { id, path, label, bytes, isNamed } = next.value;
    const judged = isNamed ? judgeNamed(next.value) : classifyText(path, bytes, bytes.length);
    if (judged.kind !== 'text') {
      leftOut.add(judged.kind, label, judged.detail);
      continue;
    }
    const { text, encoding } = judged.decoded;
    const before = duplicates.earlier(label, text);
    if (before !== undefined) {
      leftOut.add(
        before.kind,
        label,
        `it is ${before.kind === 'duplicate' ? '' : 'nearly '}the same as ${before.path}`,
      );
      continue;
    }
    encodings[encoding] = (encodings[encoding] ?? 0) + 1;
    tally.add(label, languageOf(path), bytes.length);
    yield { id, path, text };
  }
}

export interface TextSurveyOptions extends CollectOptions {
  /** Sees each text in passing, such as to count its characters. */
  readonly onText?: (text: string) => void;
}

/** What `collectTexts` will read and leave out. @throws CancelledError. */
export async function surveyText(roots: readonly SourceRoot[], options: TextSurveyOptions): Promise<TextSurvey> {
  const texts = collectTexts(roots, options);
  for (;;) {
    const next = await texts.next();
    if (next.done) return next.value;
    options.onText?.(next.value.text);
  }
}

/** It may be generated and have long lines, but not hold a secret. */
function judgeNamed({ bytes }: ReadFile): ReturnType<typeof classifyText> {
  const decoded = decodeText(bytes);
  if (decoded === undefined) return { kind: 'binary', detail: 'it is no text in UTF-8 or UTF-16' };
  const secret = findSecret(decoded.text);
  if (secret !== undefined) return { kind: 'secret', detail: holdsSecret(secret) };
  return { kind: 'text', decoded };
}
