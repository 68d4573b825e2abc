// What will be read of a workspace, and what is left out and why: plain data of bounded size, which a message can carry. It is made
// by the very walk that reads for training, so that the reading yields exactly what the survey promised while nothing changes.
import type { LeftOut } from './leftOut.ts';

export interface SurveyGroup {
  /** A language, or a size in pixels. */
  readonly name: string;
  readonly numFiles: number;
  readonly numBytes: number;
}

export interface Survey {
  readonly numFiles: number;
  /** On disk. */
  readonly numBytes: number;
  /** The largest first; what is beyond the bound is summed up as `other`. */
  readonly groups: readonly SurveyGroup[];
  readonly leftOut: readonly LeftOut[];
  /** The limit at which the walk ended; null when everything was seen. */
  readonly stoppedBy: 'maxFiles' | 'maxBytes' | null;
}

const mostGroups = 20;

export class SurveyTally {
  readonly #groups = new Map<string, { numFiles: number; numBytes: number }>();
  #numFiles = 0;
  #numBytes = 0;

  add(group: string, numBytes: number): void {
    const entry = this.#groups.get(group) ?? { numFiles: 0, numBytes: 0 };
    this.#groups.set(group, entry);
    entry.numFiles += 1;
    entry.numBytes += numBytes;
    this.#numFiles += 1;
    this.#numBytes += numBytes;
  }

  finish(): Omit<Survey, 'leftOut' | 'stoppedBy'> {
    const all = [...this.#groups]
      .map(([name, { numFiles, numBytes }]): SurveyGroup => ({ name, numFiles, numBytes }))
      .sort((a, b) => b.numBytes - a.numBytes || (a.name < b.name ? -1 : 1));
    const shown = all.length > mostGroups ? all.slice(0, mostGroups - 1) : all;
    const rest = all.slice(shown.length);
    const sum = (of: (group: SurveyGroup) => number) => rest.reduce((total, group) => total + of(group), 0);
    const other = { name: 'other', numFiles: sum((group) => group.numFiles), numBytes: sum((group) => group.numBytes) };
    return {
      numFiles: this.#numFiles,
      numBytes: this.#numBytes,
      groups: rest.length > 0 ? [...shown, other] : shown,
    };
  }
}
