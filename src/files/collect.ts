// The texts of a workspace that are worth learning from, one by one: found, read, judged, and each only once. `surveyText` walks the
// same way and keeps nothing but the report.
import { classifyText, holdsSecret } from './classify.ts';
import { decodeText } from './decode.ts';
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
  /** Of all texts that are given together; where there are more, it ends as at a limit of the walk. */
  readonly maxTextBytes?: number;
  readonly leftOut?: LeftOutTally;
}

/**
 * Files that people write; a file that is named is taken as long as it is text that holds no secrets. The report comes as the return
 * value. @throws CancelledError.
 */
export async function* collectTexts(
  roots: readonly SourceRoot[],
  options: CollectOptions,
): AsyncGenerator<SourceText, Survey> {
  const leftOut = options.leftOut ?? new LeftOutTally();
  const duplicates = options.duplicates ?? new DuplicateFilter();
  const tally = new SurveyTally();
  const maxTextBytes = options.maxTextBytes ?? Number.POSITIVE_INFINITY;
  let numBytes = 0;
  const files = readRoots(roots, () => true, leftOut, options);
  for (;;) {
    const next = await files.next();
    if (next.done) return { ...tally.finish(), leftOut: leftOut.list(), stoppedBy: next.value.stoppedBy };
    const { id, path, label, bytes, isNamed } = next.value;
    const judged = isNamed ? judgeNamed(next.value) : classifyText(path, bytes, bytes.length);
    if (judged.kind !== 'text') {
      leftOut.add(judged.kind, label, judged.detail);
      continue;
    }
    const { text } = judged.decoded;
    const before = duplicates.earlier(label, text);
    if (before !== undefined) {
      leftOut.add(
        before.kind,
        label,
        `it is ${before.kind === 'duplicate' ? '' : 'nearly '}the same as ${before.path}`,
      );
      continue;
    }
    numBytes += bytes.length;
    if (numBytes > maxTextBytes) return { ...tally.finish(), leftOut: leftOut.list(), stoppedBy: 'maxBytes' };
    tally.add(languageOf(path), bytes.length);
    yield { id, path, text };
  }
}

export interface TextSurveyOptions extends CollectOptions {
  /** Sees each text in passing, such as to count its characters. */
  readonly onText?: (text: string) => void;
}

/** What `collectTexts` will read and leave out. @throws CancelledError. */
export async function surveyText(roots: readonly SourceRoot[], options: TextSurveyOptions): Promise<Survey> {
  const texts = collectTexts(roots, options);
  for (;;) {
    const next = await texts.next();
    if (next.done) return next.value;
    options.onText?.(next.value.text);
  }
}

/** It may be generated and have long lines, but not hold a secret. */
function judgeNamed({ path, bytes }: ReadFile): ReturnType<typeof classifyText> {
  const decoded = decodeText(bytes);
  if (decoded === undefined) return { kind: 'binary', detail: 'it is no text in UTF-8 or UTF-16' };
  const secret = findSecret(path, decoded.text);
  if (secret !== undefined) return { kind: 'secret', detail: holdsSecret(secret) };
  return { kind: 'text', decoded };
}
