// The bits of a change as a window holds them: a run over the changed files, one question each, and what is said about it. Knows no editor.
import { CancelledError, messageOf, UserError } from '../base/errors.ts';
import { isSecretPath } from '../base/secretPaths.ts';
import {
  type ChangedFile,
  type ChangeState,
  type RunPhase,
  workspaceViewLimits,
} from '../protocol/workspaceViewMessages.ts';
import type { ListedChange } from './changeList.ts';
import { counted, countText } from './quantities.ts';
import type { ScorerClient } from './scorerClient.ts';

/** A changed file as it is found; what the editor shows of it stays with who found it. */
export interface FoundChange extends ListedChange {
  readonly label: string;
  readonly oldLabel: string;
  readOld(): Promise<Uint8Array | 'tooLarge' | null>;
}

export interface ChangeScoresDeps<Change extends FoundChange> {
  readonly scorer: Pick<ScorerClient, 'ask'>;
  readonly model: () => Promise<{ readonly path: string; readonly name: string }>;
  /** @throws UserError where there is nothing that tells changes. */
  readonly changes: () => Promise<readonly Change[]>;
  /** Files that were edited and not saved, which a change of the working tree does not hold. */
  readonly numUnsaved: () => number;
  readonly changed: () => void;
}

type Scored = Omit<ChangedFile, 'kind' | 'index'>;

export class ChangeScores<Change extends FoundChange> {
  readonly #deps: ChangeScoresDeps<Change>;
  #changes: readonly Change[] = [];
  #scored: Scored[] = [];
  #phase: RunPhase = 'idle';
  #problem = '';
  #notes: string[] = [];
  #modelName = '';
  #controller: AbortController | undefined;
  /** How many of the files a page was told. */
  #numTold = 0;

  constructor(deps: ChangeScoresDeps<Change>) {
    this.#deps = deps;
  }

  get phase(): RunPhase {
    return this.#phase;
  }

  changeAt(index: number): Change | undefined {
    return this.#changes[index];
  }

  /** A run that is under way ends first. What stands in the way is told by the state; never rejects. */
  async run(): Promise<void> {
    this.#controller?.abort(new CancelledError('another run'));
    const controller = new AbortController();
    this.#controller = controller;
    const { signal } = controller;
    const isCurrent = () => this.#controller === controller;
    [this.#phase, this.#problem, this.#notes] = ['running', '', []];
    [this.#changes, this.#scored, this.#numTold] = [[], [], 0];
    this.#deps.changed();
    try {
      const model = await this.#deps.model();
      const found = await orCancelled(this.#deps.changes(), signal);
      if (!isCurrent()) return;
      this.#modelName = model.name;
      this.#changes = found.slice(0, workspaceViewLimits.changedFiles);
      const numMore = found.length - this.#changes.length;
      if (numMore > 0) this.#notes.push(`${counted(numMore, 'more file')} changed and are not shown.`);
      const numUnsaved = this.#deps.numUnsaved();
      if (numUnsaved > 0) this.#notes.push(`${counted(numUnsaved, 'file')} not saved: what is on the disk counts.`);
      this.#deps.changed();
      for (const change of this.#changes) {
        if (signal.aborted) throw new CancelledError('cancelled');
        const scored = await this.#score(change, model.path, signal);
        if (!isCurrent()) return;
        this.#scored.push(scored);
        this.#deps.changed();
      }
      this.#phase = 'done';
    } catch (error) {
      if (!isCurrent()) return;
      this.#phase = error instanceof CancelledError ? 'stopped' : 'failed';
      this.#problem = messageOf(error);
    }
    this.#controller = undefined;
    this.#deps.changed();
  }

  cancel(): void {
    this.#controller?.abort(new CancelledError('cancelled'));
  }

  dispose(): void {
    this.cancel();
    this.#controller = undefined;
  }

  async #score(change: Change, modelPath: string, signal: AbortSignal): Promise<Scored> {
    const { label, oldLabel, status, isGone, path } = change;
    const told = { path: label, oldPath: oldLabel === label ? '' : oldLabel, status };
    const unscored = (reason: ChangedFile['unscored'], detail = ''): Scored => ({
      ...told,
      ...{ unscored: reason, detail, hunks: [], numLeftOut: 0 },
    });
    if (isSecretPath(label) || isSecretPath(oldLabel)) return unscored('secret');
    let old: Uint8Array | 'tooLarge' | null;
    try {
      old = await change.readOld();
    } catch (error) {
      return unscored('unreadable', `git does not tell what was there before: ${messageOf(error).slice(0, 500)}`);
    }
    if (old === 'tooLarge') return unscored('tooLarge');
    const { hunks, numLeftOut, ...answer } = await this.#deps.scorer.ask(
      {
        ...{ kind: 'scoreChange', modelPath, path: label, newFile: isGone ? '' : path },
        oldContent: old === null ? null : Buffer.from(old).toString('base64'),
      },
      'scoredChange',
      { signal },
    );
    return { ...told, unscored: answer.unscored, detail: answer.detail, hunks, numLeftOut };
  }

  state(): ChangeState {
    const [done, total] = [this.#scored.length, this.#changes.length];
    return {
      kind: 'state',
      title: 'Bits of This Change',
      phase: this.#phase,
      headline: this.#headline().slice(0, workspaceViewLimits.textLength),
      note: this.#notes.join(' '),
      progress: this.#phase === 'running' && total > 0 ? done / total : null,
      model: this.#modelName.slice(0, workspaceViewLimits.textLength),
      numFiles: total,
    };
  }

  /** All files, for a page that knows none. */
  allFiles(): ChangedFile[] {
    this.#numTold = this.#scored.length;
    return this.#scored.map((file, index) => ({ kind: 'file', index, ...file }));
  }

  /** Those that a page was not told yet. */
  freshFiles(): ChangedFile[] {
    const first = this.#numTold;
    return this.allFiles().slice(first);
  }

  #headline(): string {
    const [done, total] = [this.#scored.length, this.#changes.length];
    switch (this.#phase) {
      case 'idle':
        return 'Nothing was scored yet.';
      case 'running':
        return total === 0 ? 'Asking git...' : `Scoring: ${countText(done)} of ${counted(total, 'changed file')}`;
      case 'done':
        return total === 0 ? 'Nothing is changed: the working tree is as it was committed.' : this.#summary();
      case 'stopped':
        return done > 0 ? `Stopped: ${this.#summary()}` : 'Stopped.';
      case 'failed':
        return `Failed: ${this.#problem}`;
    }
  }

  #summary(): string {
    const { added, removed, numHunks } = this.totals();
    if (numHunks === 0) return `${counted(this.#scored.length, 'changed file')}, and no hunk that can be scored.`;
    const came = added.bytes > 0 ? `${countText(added.bits)} bits added (${density(added)})` : 'nothing added';
    const went =
      removed.bytes > 0 ? `${countText(removed.bits)} bits removed (${density(removed)})` : 'nothing removed';
    return `${counted(numHunks, 'hunk')} in ${counted(this.#scored.length, 'file')}: ${came}, ${went}`;
  }

  totals(): { added: { bytes: number; bits: number }; removed: { bytes: number; bits: number }; numHunks: number } {
    const [added, removed] = [
      { bytes: 0, bits: 0 },
      { bytes: 0, bits: 0 },
    ];
    const hunks = this.#scored.flatMap((file) => file.hunks);
    for (const hunk of hunks) {
      added.bytes += hunk.added.bytes;
      added.bits += hunk.added.bits;
      removed.bytes += hunk.removed.bytes;
      removed.bits += hunk.removed.bits;
    }
    return { added, removed, numHunks: hunks.length };
  }

  /** @throws UserError when there is nothing to export. */
  json(): string {
    if (this.#scored.length === 0) throw new UserError('there is nothing to export; refresh first');
    return `${JSON.stringify({ model: this.#modelName, total: this.totals(), files: this.#scored }, null, 2)}\n`;
  }
}

function density({ bits, bytes }: { readonly bits: number; readonly bytes: number }): string {
  return `${(bits / bytes).toFixed(2)} bits per byte`;
}

/** Git itself cannot be stopped; what it still tells then is not waited for. */
function orCancelled<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new CancelledError('cancelled'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    void work.then(resolve, reject);
  });
}
