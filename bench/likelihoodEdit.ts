// One person editing a file of 2,000 lines whose colors are shown, seen from the scorer's wire: from the edit to the message after which
// every color of the lines on the screen is that of the text as it is now. Half of the edits come in the middle of the idle work.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { deserialize, serialize } from 'node:v8';
import { systemClock } from '../src/base/clock.ts';
import { Random } from '../src/base/random.ts';
import { ModelShelf, shelfLoaders } from '../src/host/modelShelf.ts';
import { startScorerRole } from '../src/host/scorerRole.ts';
import { documentLimits } from '../src/protocol/documentScoringMessages.ts';
import { type FromScorer, readFromScorer, type ToScorer } from '../src/protocol/scorerMessages.ts';
import { type BenchContext, forRounds } from './context.ts';
import { percentile } from './statistics.ts';

const numLines = 2000;
const [linesOnScreen, linesAround] = [50, 25];
const editsPerRound = 40;
/** After the colors of an edit: the shortest and the longest rest. Idle work begins after 400 ms. */
const [leastRestMs, mostRestMs] = [50, 900];
const typed = ['x', ';', ' ', 'return value', '\n', '(', '// why', ''];

export async function likelihoodEditBench(bench: BenchContext): Promise<void> {
  const { dir } = await bench.model();
  const shelf = new ModelShelf(shelfLoaders(bench.runtime));
  shelf.threads = Math.max(1, bench.options.threads);
  try {
    const random = new Random(3);
    await forRounds(bench, 'likelihoodEditor', async () => {
      const document = await OpenDocument.open(shelf, dir, sourceLines());
      const times: number[] = [];
      for (let i = 0; i < editsPerRound; i++) {
        times.push(await document.edit(random));
        await setTimeout(leastRestMs + random.nextInteger(mostRestMs - leastRestMs));
      }
      document.close();
      bench.recorder.add('likelihood/editToColors/p50', 'ms', percentile(times, 0.5));
      bench.recorder.add('likelihood/editToColors/p95', 'ms', percentile(times, 0.95));
    });
    bench.note(`Edits to colors: ${editsPerRound} a round, ${linesOnScreen} of ${numLines} lines on the screen.`);
  } finally {
    shelf.dispose();
  }
}

/** This repository's sources, one after the other. */
function sourceLines(): string {
  const folder = path.join('src', 'engine');
  const texts = readdirSync(folder)
    .sort()
    .map((name) => readFileSync(path.join(folder, name), 'utf8'));
  const lines = texts.join('').split('\n').slice(0, numLines);
  if (lines.length < numLines) throw new Error(`likelihoodEditor: expected ${numLines} lines, got ${lines.length}`);
  return lines.join('\n');
}

class OpenDocument {
  readonly #send: (message: ToScorer) => void;
  #text: string;
  #version = 0;
  #took: (message: FromScorer) => void = () => undefined;

  private constructor(shelf: ModelShelf, text: string) {
    this.#text = text;
    let receive: (value: unknown) => void = () => undefined;
    // As a pipe between processes would carry it.
    const carried = (message: object): unknown => deserialize(serialize(message));
    startScorerRole(
      {
        send: (message) => this.#took(readFromScorer(carried(message))),
        onMessage: (listener) => {
          receive = listener;
        },
        exit: () => undefined,
      },
      { shelf, clock: systemClock },
    );
    this.#send = (message) => receive(carried(message));
  }

  static async open(shelf: ModelShelf, modelPath: string, text: string): Promise<OpenDocument> {
    const document = new OpenDocument(shelf, text);
    const { pieceLength } = documentLimits;
    const length = text.length;
    await document.#until(
      (message) => message.kind === 'documentSummary',
      () => {
        document.#send({
          ...{ kind: 'openDocument', document: 1, version: 0, modelPath, length },
          text: text.slice(0, pieceLength),
        });
        for (let at = pieceLength; at < length; at += pieceLength) {
          document.#send({ kind: 'documentPiece', document: 1, text: text.slice(at, at + pieceLength) });
        }
      },
    );
    return document;
  }

  /** Somewhere on a screen that stands somewhere; milliseconds until all of its colors are new. */
  async edit(random: Random): Promise<number> {
    const starts = [0, ...[...this.#text.matchAll(/\n/g)].map(({ index }) => index + 1)];
    const lineAt = (line: number) => starts[Math.min(starts.length - 1, Math.max(0, line))]!;
    const first = random.nextInteger(starts.length - linesOnScreen);
    const screen = { start: lineAt(first), end: lineAt(first + linesOnScreen) };
    const around = [
      { start: lineAt(first - linesAround), end: screen.start },
      { start: screen.end, end: lineAt(first + linesOnScreen + linesAround) },
    ];
    await this.#colored(screen.end, () => this.#watch([screen, ...around]));
    const start = screen.start + random.nextInteger(Math.max(1, screen.end - screen.start - 4));
    const text = typed[random.nextInteger(typed.length)]!;
    const end = text === '' ? start + 1 : start;
    return this.#colored(screen.end + text.length - (end - start), () => {
      this.#text = this.#text.slice(0, start) + text + this.#text.slice(end);
      this.#version += 1;
      const { length } = this.#text;
      const edits = [{ start, end, text }];
      this.#send({ kind: 'changeDocument', document: 1, version: this.#version, length, edits });
    });
  }

  close(): void {
    this.#send({ kind: 'closeDocument', document: 1 });
  }

  #watch(ranges: { start: number; end: number }[]): void {
    this.#send({ kind: 'watchDocument', document: 1, version: this.#version, ranges, part: null });
  }

  /** Milliseconds from `act` to spans that reach `end` and lack nothing before it. */
  async #colored(end: number, act: () => void): Promise<number> {
    const startedAt = performance.now();
    await this.#until((message) => {
      if (message.kind !== 'documentSpans' || message.version !== this.#version || message.to < end) return false;
      const last = message.starts.findLastIndex((start) => start < end);
      return last >= 0 && message.starts[last]! + message.lengths[last]! >= end;
    }, act);
    return performance.now() - startedAt;
  }

  #until(isIt: (message: FromScorer) => boolean, act: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#took = (message) => {
        if (message.kind === 'documentFailed') reject(new Error(`likelihoodEditor: ${message.reason}`));
        else if (isIt(message)) resolve();
      };
      act();
    });
  }
}
