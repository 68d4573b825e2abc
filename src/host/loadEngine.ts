// The engine behind the role: a model folder, the runtime and the completer. How many threads is measured with the model itself
// where the setting leaves it open: the model is ready with one, and what is better takes its place between two requests.
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Clock } from '../base/clock.ts';
import { CancelledError, messageOf } from '../base/errors.ts';
import { Completer, defaultCompleterOptions } from '../completion/completer.ts';
import { loadTextModel, type TextModel } from '../engine/loadModel.ts';
import { climbThreads, describeClimb, threadCandidates } from '../engine/threadScaling.ts';
import { modelFileName } from '../formats/modelDescription.ts';
import { readConfig } from '../models/registry.ts';
import type { Runtime } from '../runtime/session.ts';
import type {
  CompletionAnswer,
  CompletionQuestion,
  ExplainAnswer,
  ExplainQuestion,
  LoadEngine,
  LoadedEngine,
  Log,
  PlaceInText,
} from './engineRole.ts';
import { IdleTime } from './idleTime.ts';
import { measuringKey, recallThreads, rememberThreads } from './measuredThreads.ts';
import { ModelTrial } from './threadTrials.ts';

/**
 * Between two keystrokes the engine's threads sleep: with the library's own time they would burn their cores a good while after
 * every step. This bridges the moment between two steps of one suggestion, as it does in training.
 */
export const engineSpinMicroseconds = 200;
/** Whoever has not typed for so long is not kept waiting by a session that is opened, which takes some 60 ms. */
const idleMs = 2000;
/** While the samples do not agree. */
const maxAttempts = 3;
/** How long a run of many symbols should take where it leaves the thread free and can be ended early. */
const backgroundChunkMs = 100;

export interface EngineLoaderDeps {
  readonly openRuntime: () => Promise<Runtime>;
  readonly clock: Clock;
  readonly numProcessors?: number;
}

export function engineLoader({
  openRuntime,
  clock,
  numProcessors = os.availableParallelism(),
}: EngineLoaderDeps): LoadEngine {
  return async ({ modelPath, threads: wanted, weights, storagePath }, log) => {
    const runtime = await openRuntime();
    const open = (threads: number, verify: boolean) =>
      loadTextModel(modelPath, {
        ...{ runtime, threads, spinMicroseconds: engineSpinMicroseconds, verify, readConfig },
        variant: weights === 'auto' ? 'fastest' : weights,
        missingVariant: 'fp32',
      });
    const candidates = threadCandidates(numProcessors);
    const isOpen = wanted === 0 && candidates.length > 1;
    const key = isOpen ? measuringKey(runtime, [weights, await descriptionOf(modelPath)]) : '';
    const known = isOpen && storagePath !== '' ? await recallThreads(storagePath, key) : undefined;
    const threads = known?.threads ?? Math.max(1, wanted);
    const { sequences } = defaultCompleterOptions;
    const pace = runtime.background ? { chunkMs: backgroundChunkMs } : {};
    const complete = (model: TextModel) => new Completer(model, { sequences: { ...sequences, ...pace } });
    const name = path.basename(modelPath);
    const textModel = await open(threads, true);
    const engine = new ServingEngine({ name, textModel, complete, clock, log });
    const { decode, prefill } = textModel.weights;
    const why = wanted > 0 ? 'as the setting says' : (known?.why ?? (isOpen ? 'to begin with' : 'the only processor'));
    log(
      'info',
      `${runtime.name} ${runtime.version}, weights ${decode}, to read with ${prefill}; ${inThreads(threads)}: ${why}`,
    );
    if (isOpen && !known) {
      const remember = async (best: number, reason: string) => {
        if (storagePath !== '') await rememberThreads(storagePath, { key, threads: best, why: reason });
      };
      const openTrial = async (more: number) => new ModelTrial(more, await open(more, false));
      void engine.measureThreads({ threads, candidates, open: openTrial, remember });
    }
    return engine;
  };
}

/** It names every file of the model with its hash. */
async function descriptionOf(modelPath: string): Promise<string> {
  // What is wrong with it is told where the model is loaded.
  return readFile(path.join(modelPath, modelFileName), 'utf8').catch(() => '');
}

interface Measuring {
  /** Of the model that serves now. */
  readonly threads: number;
  readonly candidates: readonly number[];
  open(threads: number): Promise<ModelTrial>;
  remember(threads: number, why: string): Promise<void>;
}

interface ServingParts {
  readonly name: string;
  readonly textModel: TextModel;
  readonly complete: (model: TextModel) => Completer;
  readonly clock: Clock;
  readonly log: Log;
}

class ServingEngine implements LoadedEngine {
  readonly title: string;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #completerOf: (model: TextModel) => Completer;
  readonly #idle: IdleTime;
  #textModel: TextModel;
  #completer: Completer;

  constructor({ name, textModel, complete, clock, log }: ServingParts) {
    const { architecture, vocabularySize } = textModel.description;
    this.title = `${name} (${architecture}, ${vocabularySize} symbols)`;
    this.#log = log;
    this.#clock = clock;
    this.#idle = new IdleTime(clock, idleMs);
    this.#completerOf = complete;
    this.#textModel = textModel;
    this.#completer = complete(textModel);
  }

  complete(question: CompletionQuestion, signal: AbortSignal): Promise<CompletionAnswer> {
    return this.#idle.busy(() => this.#complete(question, signal));
  }

  explain({ shown, ...question }: ExplainQuestion, signal: AbortSignal): Promise<ExplainAnswer> {
    return this.#idle.busy(async () => {
      const explained = await this.#completer.explain(requestOf(question), shown, signal);
      if (explained === undefined) return { nothing: 'empty' };
      const { kind: _, ...explanation } = explained;
      return explanation;
    });
  }

  lookAhead(question: CompletionQuestion, shown: string, signal: AbortSignal): Promise<void> {
    return this.#idle.busy(() => this.#completer.lookAhead(requestOf(question), shown, signal));
  }

  prepare(place: PlaceInText, signal: AbortSignal): Promise<void> {
    return this.#idle.busy(() => this.#completer.prepare({ ...place, ...sidesOf(place) }, signal));
  }

  /** In idle time. Never rejects: with what there is, too, suggestions come. */
  async measureThreads(measuring: Measuring): Promise<void> {
    try {
      for (let attempt = 1; attempt <= maxAttempts; attempt++) {
        if (await this.#measured(measuring)) return;
        // By the time that somebody types again the machine may be done with what it did.
        if (attempt < maxAttempts) await this.#idle.nextRequest();
      }
      this.#log(
        'info',
        `${inThreads(measuring.threads)}: the machine was too busy to measure more; tried again next time`,
      );
    } catch (error) {
      if (error instanceof CancelledError) return;
      this.#log('warning', `The best number of threads is not known: ${messageOf(error)}`);
    }
  }

  /** False when the samples tell more of what else the machine did. */
  async #measured({ threads, candidates, open, remember }: Measuring): Promise<boolean> {
    const first = new ModelTrial(threads, this.#textModel);
    const whenIdle = <R>(piece: (signal: AbortSignal) => Promise<R>) => this.#idle.run(piece);
    const { best, comparisons } = await climbThreads({ first, candidates, open, whenIdle, clock: this.#clock });
    const why = describeClimb(comparisons);
    const isSteady = comparisons.every(({ steady }) => steady);
    if (best !== first) {
      try {
        if (isSteady) await whenIdle(async () => this.#serve(best.textModel));
        else best.dispose();
      } catch (error) {
        best.dispose();
        throw error;
      }
    }
    if (!isSteady) {
      this.#log('debug', `On a busy machine ${why}`);
      return false;
    }
    const problem = await remember(best.threads, why).then(() => undefined, messageOf);
    this.#log('info', [`${inThreads(best.threads)}, ${why}`, problem].filter(Boolean).join('; '));
    return true;
  }

  dispose(): void {
    this.#idle.dispose();
    this.#completer.dispose();
    this.#textModel.dispose();
  }

  /** What the old one had computed of the open files is lost with it, once in a machine's life: the next request takes as long as a first. */
  #serve(textModel: TextModel): void {
    this.#completer.dispose();
    this.#textModel.dispose();
    this.#textModel = textModel;
    this.#completer = this.#completerOf(textModel);
  }

  async #complete(question: CompletionQuestion, signal: AbortSignal): Promise<CompletionAnswer> {
    const result = await this.#completer.complete(requestOf(question), signal);
    if (result.kind === 'nothing') return { nothing: result.reason };
    const { prefillMs, decodeMs, reusedSymbols, logProbNats, symbols } = result;
    this.#log(
      'trace',
      `${symbols} symbols at ${logProbNats.toFixed(2)} nats; prefill ${prefillMs.toFixed(1)} ms ` +
        `(${reusedSymbols} symbols reused), decoding ${decodeMs.toFixed(1)} ms`,
    );
    return { texts: [result.text, ...result.alternatives], numSymbols: symbols };
  }
}

function requestOf({ document, text, offset, timeMs, ...question }: Omit<CompletionQuestion, 'maxSuggestions'>) {
  return { ...question, ...sidesOf({ text, offset }), document: String(document), deadlineMs: timeMs };
}

function sidesOf({ text, offset }: Pick<PlaceInText, 'text' | 'offset'>) {
  return { before: text.slice(0, offset), after: text.slice(offset) };
}

function inThreads(threads: number): string {
  return `${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}
