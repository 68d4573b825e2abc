// Where in a text the model has something to show. A keystroke that brings no ghost text has no time to measure, and a small model
// is silent at most places: so somebody types the text and stops where it is not.
import { throwIfCancelled } from '../src/base/errors.ts';
import { Completer } from '../src/completion/completer.ts';
import { loadTextModel } from '../src/engine/loadModel.ts';
import { readConfig } from '../src/models/registry.ts';
import { openRuntime } from '../src/runtime/ortNode.ts';
import type { BenchContext } from './context.ts';

export interface TypedLine {
  readonly text: string;
  /** The column in which typing pauses; without one it does not. */
  readonly stop?: number;
}

export interface TypedFile {
  readonly name: string;
  /** Is there when the file is opened. */
  readonly before: string;
}

const lettersBeforeFirst = 3;
const maxTriesPerLine = 8;

/** Behind the first letters of a line, then behind each of the next words and signs; something is left to be suggested. */
export function possibleStops(line: string): number[] {
  const first = line.search(/\S|$/) + lettersBeforeFirst;
  const ends = [...line.matchAll(/\w+|[^\w\s]+/g)].map((match) => match.index + match[0].length);
  return [first, ...ends.filter((end) => end > first)]
    .filter((stop) => stop < line.length - 1)
    .slice(0, maxTriesPerLine);
}

/** Behind the first letters of every line, whatever the model knows. */
export function earlyStops(lines: readonly string[]): TypedLine[] {
  return lines.map((text) => ({ text, ...stopAt(possibleStops(text)[0]) }));
}

/** The first place in each line, if there is one, where the model would show ghost text; and how many places were tried. */
export async function sureStops(
  { dir, threads, signal }: { readonly dir: string } & Pick<BenchContext, 'threads' | 'signal'>,
  { name, before }: TypedFile,
  lines: readonly string[],
): Promise<{ lines: TypedLine[]; numTried: number }> {
  const textModel = await loadTextModel(dir, { runtime: await openRuntime(), threads, verify: false, readConfig });
  const completer = new Completer(textModel);
  let numTried = 0;
  const isShown = async (text: string) => {
    throwIfCancelled(signal);
    numTried += 1;
    const limits = { maxSymbols: 64, multiline: 'auto', deadlineMs: Number.POSITIVE_INFINITY } as const; // The settings' defaults.
    const place = { document: `${numTried}`, path: name, languageId: 'typescript', before: text, after: '' };
    return (await completer.complete({ ...place, ...limits }, signal)).kind === 'suggestion';
  };
  try {
    const typed: TypedLine[] = [];
    let written = before;
    for (const text of lines) {
      let found: number | undefined;
      for (const stop of possibleStops(text)) {
        if (!(await isShown(written + text.slice(0, stop)))) continue;
        found = stop;
        break;
      }
      typed.push({ text, ...stopAt(found) });
      written += `${text}\n`;
    }
    return { lines: typed, numTried };
  } finally {
    completer.dispose();
    textModel.dispose();
  }
}

function stopAt(stop: number | undefined): { stop?: number } {
  return stop === undefined ? {} : { stop };
}
