// What every group of the benchmark is handed.

import { throwIfCancelled } from '../src/base/errors.ts';
import type { Runtime } from '../src/runtime/session.ts';
import type { Recorder } from './figures.ts';
import type { BenchModel } from './model.ts';
import type { BenchOptions } from './options.ts';

/** From scripts/, which TypeScript does not see. */
export interface Scripts {
  /** Builds dist/ and packs it for this machine; returns the VSIX's path. */
  makePackage(options: { readonly out: string }): Promise<string>;
  /** Finds the editor and the browser of the editor suites, or installs them. */
  ensureEditorAndBrowser(): void;
}

export interface BenchContext {
  readonly options: BenchOptions;
  readonly recorder: Recorder;
  readonly scripts: Scripts;
  /** Of the engine, as the extension would choose. */
  readonly threads: number;
  /** What computes the figures, unless they are of whole processes. */
  readonly runtime: () => Promise<Runtime>;
  /** The model measured: made or found when first asked for. */
  readonly model: () => Promise<BenchModel>;
  /** The VSIX of this checkout, packed when first asked for. */
  readonly vsix: () => Promise<string>;
  /** Below the table: what its reader must know. */
  readonly note: (text: string) => void;
  /** For whoever waits. */
  readonly progress: (text: string) => void;
  /** Ctrl+C. Asked between rounds. */
  readonly signal: AbortSignal;
}

/** Runs a body once per round. @throws CancelledError */
export async function forRounds(
  { options, signal, progress }: Pick<BenchContext, 'options' | 'signal' | 'progress'>,
  what: string,
  body: (round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < options.rounds; round++) {
    throwIfCancelled(signal);
    progress(`${what}, round ${round + 1} of ${options.rounds}`);
    await body(round);
  }
}
