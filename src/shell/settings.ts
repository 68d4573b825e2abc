// The settings, typed and checked: a value that the manifest does not allow counts as the default and is reported. The rows
// are held equal to the manifest by a test.
import { type RuntimeChoice, runtimeChoice, runtimeChoices } from '../base/runtimeChoice.ts';
import { type WeightsChoice, weightsChoice, weightsChoices } from '../base/weightsChoice.ts';
import { type Multiline, multilineChoices } from '../protocol/hostMessages.ts';

export interface Settings {
  readonly modelPath: string;
  readonly maxSymbols: number;
  readonly multiline: Multiline;
  /** Whether the engine computes what is likely to be asked next. */
  readonly workAhead: boolean;
  /** 0: the engine measures which number is best. */
  readonly threads: number;
  /** 0: chosen by the number of processors. */
  readonly trainingThreads: number;
  readonly runtime: RuntimeChoice;
  readonly weights: WeightsChoice;
  /** Whether lines far above their file's own norm are told while its likelihood is shown. */
  readonly unusualLines: boolean;
}

interface Row<T> {
  readonly key: string;
  readonly fallback: T;
  readonly expected: string;
  accepts(value: unknown): value is T;
}

const text = (value: unknown): value is string => typeof value === 'string';
const flag = (value: unknown): value is boolean => typeof value === 'boolean';
const multilineChoice = (value: unknown): value is Multiline => multilineChoices.some((choice) => choice === value);
const isRuntimeChoice = (value: unknown): value is RuntimeChoice => runtimeChoice(value) !== undefined;
const isWeightsChoice = (value: unknown): value is WeightsChoice => weightsChoice(value) !== undefined;
const integer =
  (min: number, max: number) =>
  (value: unknown): value is number =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max;

export const maxSymbolsRange = { min: 1, max: 256 } as const;
export const threadsRange = { min: 0, max: 64 } as const;

export const settingRows = {
  enabled: { key: 'chainrule.enabled', fallback: true, expected: 'true or false', accepts: flag },
  modelPath: { key: 'chainrule.model.path', fallback: '', expected: 'a folder', accepts: text },
  maxSymbols: {
    key: 'chainrule.completion.maxSymbols',
    fallback: 64,
    expected: `an integer from ${maxSymbolsRange.min} to ${maxSymbolsRange.max}`,
    accepts: integer(maxSymbolsRange.min, maxSymbolsRange.max),
  },
  multiline: {
    key: 'chainrule.completion.multiline',
    fallback: 'auto',
    expected: `one of ${multilineChoices.join(', ')}`,
    accepts: multilineChoice,
  },
  workAhead: { key: 'chainrule.completion.workAhead', fallback: true, expected: 'true or false', accepts: flag },
  threads: {
    key: 'chainrule.engine.threads',
    fallback: 0,
    expected: `an integer from ${threadsRange.min} to ${threadsRange.max}`,
    accepts: integer(threadsRange.min, threadsRange.max),
  },
  trainingThreads: {
    key: 'chainrule.training.threads',
    fallback: 0,
    expected: `an integer from ${threadsRange.min} to ${threadsRange.max}`,
    accepts: integer(threadsRange.min, threadsRange.max),
  },
  runtime: {
    key: 'chainrule.engine.runtime',
    fallback: 'auto',
    expected: `one of ${runtimeChoices.join(', ')}`,
    accepts: isRuntimeChoice,
  },
  weights: {
    key: 'chainrule.engine.weights',
    fallback: 'auto',
    expected: `one of ${weightsChoices.join(', ')}`,
    accepts: isWeightsChoice,
  },
  unusualLines: {
    key: 'chainrule.likelihood.unusualLines',
    fallback: false,
    expected: 'true or false',
    accepts: flag,
  },
} as const;

export type ReadValue = (key: string) => unknown;

export function readSettings(read: ReadValue, report: (problem: string) => void): Settings {
  return {
    modelPath: readRow<string>(settingRows.modelPath, read, report),
    maxSymbols: readRow<number>(settingRows.maxSymbols, read, report),
    multiline: readRow<Multiline>(settingRows.multiline, read, report),
    workAhead: readRow<boolean>(settingRows.workAhead, read, report),
    threads: readRow<number>(settingRows.threads, read, report),
    trainingThreads: readRow<number>(settingRows.trainingThreads, read, report),
    runtime: readRow<RuntimeChoice>(settingRows.runtime, read, report),
    weights: readRow<WeightsChoice>(settingRows.weights, read, report),
    unusualLines: readRow<boolean>(settingRows.unusualLines, read, report),
  };
}

/** The one setting that differs by language; `read` is scoped to a document or a language. */
export function readEnabled(read: ReadValue): boolean {
  return readRow<boolean>(settingRows.enabled, read, () => undefined);
}

/** All processors but one of many, at most eight: the process has a low priority, and more threads gain little. */
export function trainingThreadsFor(setting: number, numProcessors: number): number {
  if (setting > 0) return setting;
  return Math.min(8, numProcessors > 2 ? numProcessors - 1 : Math.max(1, numProcessors));
}

function readRow<T>(row: Row<T>, read: ReadValue, report: (problem: string) => void): T {
  const value = read(row.key);
  if (value === undefined || row.accepts(value)) return value ?? row.fallback;
  report(`${row.key}: expected ${row.expected}, got ${JSON.stringify(value)}; using ${JSON.stringify(row.fallback)}`);
  return row.fallback;
}

/** `~` is the home folder; empty stays empty: the built-in model. */
export function modelFolderPath(setting: string, home: string): string {
  const folder = setting.trim();
  return folder === '~' || folder.startsWith('~/') || folder.startsWith('~\\') ? home + folder.slice(1) : folder;
}
