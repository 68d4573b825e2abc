// The scores of a workspace as a window holds them: a run that asks the scoring process, what came of it so far, what is said about it, and
// what is exported. Knows no editor.
import { CancelledError, messageOf } from '../base/errors.ts';
import { allFolders, bitsPerByteOf, type FileScore, folderTree, languageSums, sumsOf } from '../protocol/fileSums.ts';
import type { FromScorer } from '../protocol/scorerMessages.ts';
import type { SourceRoot } from '../protocol/trainerMessages.ts';
import {
  defaultChoices,
  type RunPhase,
  type ToWorkspaceView,
  type WorkspaceChoices,
  type WorkspaceState,
  workspaceViewLimits,
} from '../protocol/workspaceViewMessages.ts';
import { bitsText, counted, countText, sizeText } from './quantities.ts';
import { reasonText } from './reasonTexts.ts';
import type { ScorerClient } from './scorerClient.ts';

export interface WorkspaceScoresDeps {
  readonly scorer: Pick<ScorerClient, 'ask'>;
  /** The model's folder, and what a person calls it. */
  readonly model: () => Promise<{ readonly path: string; readonly name: string }>;
  readonly workspaceName: () => string;
  /** Something of it is another than before. */
  readonly changed: () => void;
}

type News = Extract<FromScorer, { kind: 'folderFiles' | 'folderProgress' }>;
interface HeldFile extends FileScore {
  readonly absolutePath: string;
}

export class WorkspaceScores {
  readonly #deps: WorkspaceScoresDeps;
  #files = new Map<string, HeldFile>();
  /** Of the run before, shown until they are scored again or known to be gone. */
  #earlier = new Map<string, HeldFile>();
  #phase: RunPhase = 'idle';
  #problem = '';
  #notes: string[] = [];
  #leftOut: WorkspaceState['leftOut'] = [];
  #progress = { done: 0, total: 0 };
  #numRemembered = 0;
  #modelName = '';
  #modelPath = '';
  #controller: AbortController | undefined;
  /** What a page that knows the others was not told yet. */
  #fresh: HeldFile[] = [];
  #mustTellAll = true;
  choices: WorkspaceChoices = defaultChoices;

  constructor(deps: WorkspaceScoresDeps) {
    this.#deps = deps;
  }

  get phase(): RunPhase {
    return this.#phase;
  }

  /** Those of the run, and of the one before what was not come to yet. */
  get files(): readonly HeldFile[] {
    return [...this.#files.values(), ...[...this.#earlier.values()].filter(({ path }) => !this.#files.has(path))];
  }

  /** Where a file lies; undefined for one that was never told. */
  placeOf(path: string): string | undefined {
    return (this.#files.get(path) ?? this.#earlier.get(path))?.absolutePath;
  }

  /** A run that is under way ends first. What stands in the way is told by the state; never rejects. */
  async run(roots: readonly SourceRoot[], left: readonly string[]): Promise<void> {
    this.#controller?.abort(new CancelledError('another run'));
    const controller = new AbortController();
    this.#controller = controller;
    const isCurrent = () => this.#controller === controller;
    const { choices } = this;
    this.#phase = 'running';
    this.#problem = '';
    this.#progress = { done: 0, total: 0 };
    this.#numRemembered = 0;
    this.#leftOut = [];
    this.#notes = left.length > 0 ? [`Not read: ${left.join(', ')}.`] : [];
    this.#deps.changed();
    try {
      const model = await this.#deps.model();
      if (!isCurrent()) return;
      // What another model told says nothing about this one.
      this.#earlier = model.path === this.#modelPath ? new Map(this.files.map((file) => [file.path, file])) : new Map();
      this.#files = new Map();
      [this.#modelPath, this.#modelName] = [model.path, model.name];
      this.#mustTellAll = true;
      const { leftOut, stoppedBy, numUnseen } = await this.#deps.scorer.ask(
        { kind: 'scoreFolders', modelPath: model.path, roots: [...roots], ...choices },
        'scoredFolders',
        {
          signal: controller.signal,
          news: (message) => {
            if (isCurrent() && (message.kind === 'folderFiles' || message.kind === 'folderProgress')) {
              this.#take(message);
            }
          },
        },
      );
      if (!isCurrent()) return;
      this.#earlier = new Map();
      this.#mustTellAll = true;
      this.#phase = 'done';
      this.#leftOut = leftOut.map((row) => ({ ...row, reason: reasonText(row.reason) }));
      if (stoppedBy === 'maxBytes') {
        const rest = numUnseen > 0 ? `; ${counted(numUnseen, 'file')} of those found were not scored` : '';
        this.#notes.push(`It ended at ${sizeText(choices.maxBytes)} of text in all${rest}. Choose more to go on.`);
      }
      if (stoppedBy === 'maxFiles') this.#notes.push('It ended at the largest number of files; open a folder below.');
      const cut = [...this.#files.values()].filter(({ bytes, sizeBytes }) => bytes < sizeBytes).length;
      if (cut > 0) {
        this.#notes.push(`Of ${counted(cut, 'file')} only the first ${sizeText(choices.maxFileBytes)} were scored.`);
      }
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

  #take(message: News): void {
    if (message.kind === 'folderProgress') this.#progress = { done: message.done, total: message.total };
    else {
      for (const { remembered, ...file } of message.files) {
        this.#files.set(file.path, file);
        this.#fresh.push(file);
        if (remembered) this.#numRemembered += 1;
      }
    }
    this.#deps.changed();
  }

  state(): WorkspaceState {
    const { done, total } = this.#progress;
    return {
      kind: 'state',
      title: `Likelihood of ${this.#deps.workspaceName()}`.slice(0, workspaceViewLimits.textLength),
      phase: this.#phase,
      headline: this.#headline(),
      note: this.#notes.join(' ').slice(0, workspaceViewLimits.textLength),
      progress: this.#phase === 'running' && total > 0 ? Math.min(1, done / total) : null,
      model: this.#modelName.slice(0, workspaceViewLimits.textLength),
      choices: this.choices,
      leftOut: this.#leftOut.slice(0, workspaceViewLimits.rows),
    };
  }

  /** All files in pieces, for a page that knows none. */
  allFiles(): ToWorkspaceView[] {
    this.#fresh = [];
    this.#mustTellAll = false;
    return inPieces(this.files, 0);
  }

  /** What a page that was told everything before must be told now. */
  freshFiles(): ToWorkspaceView[] {
    if (this.#mustTellAll) return this.allFiles();
    const fresh = this.#fresh;
    this.#fresh = [];
    return fresh.length > 0 ? inPieces(fresh, 1) : [];
  }

  #headline(): string {
    const { numFiles, bytes, bits } = sumsOf(this.#files.values());
    const scored = `${counted(numFiles, 'file')}, ${sizeText(bytes)}: ${bitsText(bits / Math.max(1, bytes))} bits per byte`;
    const known = this.#numRemembered > 0 ? `; ${countText(this.#numRemembered)} not computed again` : '';
    const { done, total } = this.#progress;
    switch (this.#phase) {
      case 'idle':
        return 'Nothing was scored yet.';
      case 'running':
        if (total === 0) return 'Looking for files...';
        return `Scoring: ${countText(done)} of ${counted(total, 'file')}${numFiles > 0 ? `; ${scored}` : ''}`;
      case 'done':
        return numFiles > 0 ? `${scored}${known}` : 'There is no text to be scored.';
      case 'stopped':
        return `Stopped: ${numFiles > 0 ? scored : 'nothing was scored'}${known}`;
      case 'failed':
        return `Failed: ${this.#problem}`.slice(0, workspaceViewLimits.textLength);
    }
  }

  csv(): string {
    const rows = this.files.map((file) => [
      // A name that a spreadsheet would take for a formula is still a path with this before it.
      quoted(/^[=+\-@\t\r]/.test(file.path) ? `./${file.path}` : file.path),
      quoted(file.language),
      ...[file.sizeBytes, file.bytes, file.bits, bitsPerByteOf(file), file.numSymbols],
    ]);
    const head = ['path', 'language', 'bytes', 'scoredBytes', 'bits', 'bitsPerByte', 'symbols'];
    return [head, ...rows].map((row) => `${row.join(',')}\r\n`).join('');
  }

  json(): string {
    const files = this.files.map(({ absolutePath: _, ...file }) => ({ ...file, bitsPerByte: bitsPerByteOf(file) }));
    const tree = folderTree(this.files);
    const folders = [...allFolders(tree)].map(({ path, numFiles, bytes, bits }) => ({ path, numFiles, bytes, bits }));
    const { leftOut, note, phase } = this.state();
    return `${JSON.stringify({ model: this.#modelPath, phase, note, folders, languages: languageSums(files), files, leftOut }, null, 2)}\n`;
  }
}

/** `first` is 0 where they replace what was told. */
function inPieces(files: readonly HeldFile[], first: 0 | 1): ToWorkspaceView[] {
  const all = files.map(({ absolutePath: _, ...file }) => file);
  const messages: ToWorkspaceView[] = [];
  for (let at = 0; at === 0 || at < all.length; at += workspaceViewLimits.filesAtOnce) {
    messages.push({ kind: 'files', first: first + at, files: all.slice(at, at + workspaceViewLimits.filesAtOnce) });
  }
  return messages;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
