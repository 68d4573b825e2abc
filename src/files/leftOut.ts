// Why a file is not read, counted, with a few examples of each reason: what a person wants to see before training on a folder of a
// hundred thousand files, and small enough for any message.

export const leftOutReasons = [
  /** By a `.gitignore`, by the globs of `files.exclude`. */
  'ignored',
  'excluded',
  /** Links are not followed; sockets and devices are not opened. */
  'link',
  'notAFile',
  'tooDeep',
  'tooLarge',
  /** Access refused; gone since it was listed. */
  'unreadable',
  'vanished',
  'empty',
  'secret',
  /** Texts only. */
  'binary',
  'generated',
  'minified',
  /** The same as, or hardly different from, one that is read. */
  'duplicate',
  'nearDuplicate',
  /** Images only: broken, truncated or something else; of a kind that is not decoded. */
  'corrupt',
  'unsupported',
] as const;

export type LeftOutReason = (typeof leftOutReasons)[number];

export interface LeftOutExample {
  readonly path: string;
  /** Such as which file it is a duplicate of. */
  readonly detail?: string;
}

export interface LeftOut {
  readonly reason: LeftOutReason;
  /** Of files and folders; a folder counts once, whatever it holds. */
  readonly count: number;
  /** The first few. */
  readonly examples: readonly LeftOutExample[];
}

export type LeftOutCounts = Readonly<Partial<Record<LeftOutReason, number>>>;

const mostExamples = 5;
const longestDetail = 200;

export class LeftOutTally {
  readonly #byReason = new Map<LeftOutReason, { count: number; examples: LeftOutExample[] }>();
  readonly #onAdd: ((reason: LeftOutReason, path: string, detail: string | undefined) => void) | undefined;

  /** `onAdd` is told of every single one. */
  constructor(onAdd?: (reason: LeftOutReason, path: string, detail: string | undefined) => void) {
    this.#onAdd = onAdd;
  }

  add(reason: LeftOutReason, path: string, detail?: string): void {
    this.#onAdd?.(reason, path, detail);
    const entry = this.#byReason.get(reason) ?? { count: 0, examples: [] };
    this.#byReason.set(reason, entry);
    entry.count += 1;
    if (entry.examples.length < mostExamples) {
      entry.examples.push(detail === undefined ? { path } : { path, detail: detail.slice(0, longestDetail) });
    }
  }

  counts(): LeftOutCounts {
    return Object.fromEntries([...this.#byReason].map(([reason, { count }]) => [reason, count]));
  }

  /** The most frequent first. */
  list(): LeftOut[] {
    const all = [...this.#byReason].map(([reason, { count, examples }]) => ({
      reason,
      count,
      examples: [...examples],
    }));
    return all.sort((a, b) => b.count - a.count || leftOutReasons.indexOf(a.reason) - leftOutReasons.indexOf(b.reason));
  }
}
