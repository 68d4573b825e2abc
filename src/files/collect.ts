// The texts of a folder that are worth learning from, one by one: walked, read, judged, and each only once.
import { throwIfCancelled } from '../base/errors.ts';
import { isSecretPath } from '../base/secretPaths.ts';
import { classifyText, type FileClass } from './classify.ts';
import { DuplicateFilter } from './duplicates.ts';
import { nodeFileSystem } from './fileSystem.ts';
import {
  defaultWalkLimits,
  type LeftOutReason,
  type WalkOptions,
  type WalkResult,
  walkFolder,
  whyUnreadable,
} from './walk.ts';

export interface SourceText {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  /** As an editor shows it: without byte order mark, line ends as they are. */
  readonly text: string;
}

export type PassedOver = LeftOutReason | Exclude<FileClass, 'text'> | 'duplicate';

export interface CollectReport {
  readonly texts: number;
  readonly bytes: number;
  /** How many files and folders were passed over, and why. */
  readonly passedOver: Readonly<Partial<Record<PassedOver, number>>>;
  readonly stoppedBy: WalkResult['stoppedBy'];
}

/** In order of path. The report comes as the return value. @throws CancelledError. */
export async function* collectTexts(root: string, options: WalkOptions): AsyncGenerator<SourceText, CollectReport> {
  const maxFileBytes = options.limits?.maxFileBytes ?? defaultWalkLimits.maxFileBytes;
  const fileSystem = options.fileSystem ?? nodeFileSystem;
  const walked = await walkFolder(root, options);
  const passedOver: Partial<Record<PassedOver, number>> = { ...walked.counts };
  const passOver = (why: PassedOver) => {
    passedOver[why] = (passedOver[why] ?? 0) + 1;
  };
  const duplicates = new DuplicateFilter();
  let texts = 0;
  let bytes = 0;
  for (const file of walked.files) {
    throwIfCancelled(options.signal);
    if (isSecretPath(file.path)) {
      passOver('secret'); // Not even read.
      continue;
    }
    let content: Uint8Array;
    try {
      content = await fileSystem.read(file.absolutePath, maxFileBytes + 1);
    } catch (error) {
      passOver(whyUnreadable(error));
      continue;
    }
    const judged = classifyText(file.path, content, maxFileBytes);
    if (judged.kind !== 'text') passOver(judged.kind);
    else if (duplicates.earlier(file.path, judged.decoded.text) !== undefined) passOver('duplicate');
    else {
      texts += 1;
      bytes += content.length;
      yield { path: file.path, text: judged.decoded.text };
    }
  }
  return { texts, bytes, passedOver, stoppedBy: walked.stoppedBy };
}
