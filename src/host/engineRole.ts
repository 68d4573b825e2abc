// The engine role: mirrors documents, holds one model, answers one completion at a time, and works ahead while nobody asks. It knows
// the wire and the queue; how a model is loaded and how it completes is behind `LoadEngine`, so that tests run it with a fake.
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import { CancelledError, messageOf, stackOf, throwIfCancelled, UserError } from '../base/errors.ts';
import {
  bounded,
  type ChangeMessage,
  type CompleteMessage,
  type ConfigureMessage,
  type ExplainMessage,
  type ExplanationMessage,
  type LogLevel,
  limits,
  logLevels,
  type Multiline,
  type PrepareMessage,
  protocolVersion,
  readToHost,
  type StatusMessage,
  type ToHost,
  type ToShell,
} from '../protocol/hostMessages.ts';
import { applyEdits, Documents, type MirroredDocument } from './documents.ts';
import { IdleWork } from './idleWork.ts';
import { RequestQueue } from './requestQueue.ts';
import type { Wire } from './wire.ts';

export interface PlaceInText {
  readonly text: string;
  /** Where a completion goes, in `text`. */
  readonly offset: number;
  readonly path: string;
  readonly maxSymbols: number;
}

export interface CompletionQuestion extends PlaceInText {
  /** The shell's number of it. */
  readonly document: number;
  readonly languageId: string;
  readonly maxSuggestions: number;
  readonly multiline: Multiline;
  readonly indentation: { readonly insertSpaces: boolean; readonly tabSize: number };
  /** What is left of the time the shell granted; better a short answer in time than none. */
  readonly timeMs: number;
}

export type CompletionAnswer =
  | { /** At least one, the best first. */ readonly texts: readonly string[]; readonly numSymbols: number }
  /** An expected outcome: nothing worth showing, and why. */
  | { readonly nothing: string };

export interface ExplainQuestion extends Omit<CompletionQuestion, 'maxSuggestions'> {
  /** What is shown of the suggestion there. */
  readonly shown: string;
}

export type ExplainAnswer = Omit<ExplanationMessage, 'kind' | 'request'> | { readonly nothing: string };

export interface LoadedEngine extends Disposable {
  /** One line for the log and the status: which model. */
  readonly title: string;
  /** Lets the event loop turn between decoding steps, so that cancelling is seen. @throws CancelledError */
  complete(question: CompletionQuestion, signal: AbortSignal): Promise<CompletionAnswer>;
  /** Lets the event loop turn as well. @throws CancelledError */
  explain(question: ExplainQuestion, signal: AbortSignal): Promise<ExplainAnswer>;
  /** Computes what comes after the text that the question was answered with, '' for none, and keeps it. @throws CancelledError */
  lookAhead(question: CompletionQuestion, shown: string, signal: AbortSignal): Promise<void>;
  /** Makes a question there quick. @throws CancelledError */
  prepare(place: PlaceInText, signal: AbortSignal): Promise<void>;
}

export type Log = (level: LogLevel, text: string) => void;

export type LoadEngine = (
  options: Pick<ConfigureMessage, 'modelPath' | 'threads' | 'weights' | 'storagePath'>,
  log: Log,
) => Promise<LoadedEngine>;

interface Arrived {
  readonly arrivedAt: number;
  /** As it was when the request came. */
  readonly source: MirroredDocument;
}

type CompleteJob = CompleteMessage & Arrived;
type Job = (CompleteMessage | ExplainMessage) & Arrived;

const maxDocuments = 16;
const maxTotalLength = 4 * limits.documentLength;
/** How long past its deadline a request may go on before it is aborted; the engine should have answered by itself. */
const graceMs = 500;
/** Follows what has to be repaired. */
const tryAgain = '. Then run "Chainrule: Restart Engine"';

export function startEngineRole(
  wire: Wire<ToShell>,
  deps: { readonly loadEngine: LoadEngine; readonly clock: Clock },
): void {
  const role = new EngineRole(wire, deps.loadEngine, deps.clock);
  wire.onMessage((value) => role.receive(value));
}

class EngineRole {
  readonly #wire: Wire<ToShell>;
  readonly #loadEngine: LoadEngine;
  readonly #clock: Clock;
  readonly #documents = new Documents({ maxDocuments, maxTotalLength });
  readonly #queue: RequestQueue<CompleteJob>;
  readonly #receivers: { readonly [K in ToHost['kind']]: (message: Extract<ToHost, { kind: K }>) => void } = {
    hello: (message) => this.#hello(message.protocolVersion),
    configure: (message) => this.#configure(message),
    open: (message) => this.#documents.open(message),
    change: (message) => this.#change(message),
    close: (message) => this.#documents.close(message.document),
    complete: (message) => this.#ask(message),
    prepare: (message) => this.#prepare(message),
    explain: (message) => void this.#explain(message),
    cancel: ({ request }) => {
      this.#queue.cancel(request);
      if (this.#explaining?.request === request) this.#endExplaining('cancelled');
    },
    reportMemory: () => this.#reportMemory(),
    shutdown: () => this.#wire.exit(0),
  };
  readonly #idle: IdleWork;
  #explaining: { readonly request: number; readonly controller: AbortController } | undefined;
  #logLevel: LogLevel = 'info';
  #configured: ConfigureMessage | undefined;
  /** The engine of the latest configuration; undefined when it failed to load or none was asked for. */
  #engine: Promise<LoadedEngine | undefined> = Promise.resolve(undefined);
  #failedToLoad = false;

  constructor(wire: Wire<ToShell>, loadEngine: LoadEngine, clock: Clock) {
    this.#wire = wire;
    this.#loadEngine = loadEngine;
    this.#clock = clock;
    this.#queue = new RequestQueue<CompleteJob>({
      run: (job, signal) => this.#complete(job, signal),
      dropped: ({ request }, reason) => this.#wire.send({ kind: 'nothing', request, reason }),
      idle: () => this.#idle.start(),
    });
    this.#idle = new IdleWork({
      busy: () => this.#queue.busy || this.#explaining !== undefined,
      failed: (error) => this.#log('debug', stackOf(error)),
    });
  }

  receive(value: unknown): void {
    let message: ToHost;
    try {
      message = readToHost(value);
    } catch (error) {
      this.#log('error', messageOf(error));
      return;
    }
    // The row of its own kind takes the message; TypeScript cannot tie the two.
    this.#receivers[message.kind](message as never);
  }

  #hello(version: number): void {
    this.#wire.send({ kind: 'ready', protocolVersion, pid: process.pid });
    if (version !== protocolVersion) {
      this.#status(
        'failed',
        `The engine speaks protocol ${protocolVersion}, the extension ${version}; reload the window`,
      );
    }
  }

  #configure(message: ConfigureMessage): void {
    const before = this.#configured;
    this.#configured = message;
    this.#logLevel = message.logLevel;
    const same = (['modelPath', 'threads', 'weights'] as const).every((name) => before?.[name] === message[name]);
    if (!message.workAhead) this.#idle.stop();
    // What failed may have been repaired.
    if (same && !this.#failedToLoad) return;
    this.#failedToLoad = false;
    this.#idle.stop();
    this.#endExplaining('the model changes');
    this.#queue.cancelAll('the model changes');
    this.#engine = this.#replaceEngine(this.#engine, message);
  }

  #change(message: ChangeMessage): void {
    const result = this.#documents.change(message);
    if (result !== 'applied') this.#reopen(message.document, result);
  }

  #ask(message: CompleteMessage): void {
    const { request, document, version } = message;
    this.#idle.stop();
    this.#endExplaining('somebody types');
    const source = this.#documents.at(document, version);
    if (source) this.#queue.add({ ...message, source, arrivedAt: this.#clock.now() });
    else {
      this.#wire.send({ kind: 'nothing', request, reason: 'stale document' });
      this.#reopen(document, `not here in version ${version}`);
    }
  }

  #prepare({ document, version, offset, maxSymbols }: PrepareMessage): void {
    if (!this.#configured?.workAhead) return;
    const source = this.#documents.at(document, version);
    // A request for that document will find out, and repair it.
    if (source === undefined || offset > source.text.length) return;
    const { text, path } = source;
    const run = async (signal: AbortSignal) => {
      const engine = await this.#engine;
      throwIfCancelled(signal);
      await engine?.prepare({ text, offset, path, maxSymbols }, signal);
    };
    this.#idle.add({ document, kind: 'prepare', run });
  }

  /** Loads after the old engine is gone, so that two models are never held at once. Never rejects. */
  async #replaceEngine(
    old: Promise<LoadedEngine | undefined>,
    configuration: ConfigureMessage,
  ): Promise<LoadedEngine | undefined> {
    (await old)?.dispose();
    if (configuration.modelPath !== this.#configured?.modelPath) return undefined;
    // The one before this may have failed while this was waiting.
    this.#failedToLoad = false;
    this.#status('loading', configuration.modelPath);
    const startedAt = this.#clock.now();
    try {
      const engine = await this.#loadEngine(configuration, (level, text) => this.#log(level, text));
      this.#log('info', `Loaded ${engine.title} in ${Math.round(this.#clock.now() - startedAt)} ms`);
      this.#status('ready', engine.title);
      return engine;
    } catch (error) {
      if (!(error instanceof UserError)) this.#log('error', stackOf(error));
      this.#failedToLoad = true;
      this.#status('failed', `${bounded(messageOf(error), limits.reasonLength - tryAgain.length)}${tryAgain}`);
      return undefined;
    }
  }

  async #complete(job: CompleteJob, signal: AbortSignal): Promise<void> {
    const { request } = job;
    await this.#answerOnce(job, signal, async (timeMs, ended) => {
      const answer = await this.#answer(job, timeMs, ended);
      if ('nothing' in answer) return { kind: 'nothing', request, reason: reasonText(answer.nothing) };
      const elapsedMs = Math.max(0, this.#clock.now() - job.arrivedAt);
      const texts = answer.texts.map((text) => bounded(text, limits.suggestionLength));
      return { kind: 'suggestion', request, texts, numSymbols: answer.numSymbols, elapsedMs };
    });
  }

  /** Takes its turn after what is being completed; the next completion ends it. */
  async #explain(message: ExplainMessage): Promise<void> {
    const { request, document, version } = message;
    this.#endExplaining('superseded');
    const source = this.#documents.at(document, version);
    if (source === undefined) {
      this.#wire.send({ kind: 'nothing', request, reason: 'stale document' });
      this.#reopen(document, `not here in version ${version}`);
      return;
    }
    this.#idle.stop();
    const explaining = new AbortController();
    this.#explaining = { request, controller: explaining };
    const job = { ...message, source, arrivedAt: this.#clock.now() };
    await this.#answerOnce(job, explaining.signal, async (timeMs, ended) => {
      const answer = await this.#askEngine(job, timeMs, ended, (engine, question) =>
        engine.explain({ ...question, shown: message.shown }, ended),
      );
      if ('nothing' in answer) return { kind: 'nothing', request, reason: reasonText(answer.nothing) };
      return { kind: 'explanation', request, ...answer };
    });
    if (this.#explaining?.controller === explaining) this.#explaining = undefined;
    this.#idle.start();
  }

  #endExplaining(reason: string): void {
    this.#explaining?.controller.abort(new CancelledError(reason));
    this.#explaining = undefined;
  }

  /** Answers the job exactly once. Never rejects. */
  async #answerOnce(
    { request, deadlineMs, arrivedAt }: Pick<Job, 'request' | 'deadlineMs' | 'arrivedAt'>,
    signal: AbortSignal,
    answer: (timeMs: number, signal: AbortSignal) => Promise<ToShell>,
  ): Promise<void> {
    const controller = new AbortController();
    const abort = () => controller.abort(signal.reason);
    signal.addEventListener('abort', abort);
    const timeMs = deadlineMs - (this.#clock.now() - arrivedAt);
    const cancelTimer = this.#clock.after(Math.max(0, timeMs) + graceMs, () =>
      controller.abort(new CancelledError('deadline')),
    );
    try {
      this.#wire.send(await answer(timeMs, controller.signal));
    } catch (error) {
      // Whoever threw need not know why it was cancelled; the signal does.
      const { reason } = controller.signal;
      if (error instanceof CancelledError) {
        this.#wire.send({ kind: 'nothing', request, reason: reasonText(messageOf(reason ?? error)) });
      } else {
        this.#log('error', stackOf(error));
        this.#wire.send({ kind: 'failed', request, reason: reasonText(messageOf(error)) });
      }
    } finally {
      cancelTimer();
      signal.removeEventListener('abort', abort);
    }
  }

  async #answer(job: CompleteJob, timeMs: number, signal: AbortSignal): Promise<CompletionAnswer> {
    return this.#askEngine(job, timeMs, signal, async (engine, place) => {
      const question = { ...place, maxSuggestions: job.maxSuggestions };
      const answer = await engine.complete(question, signal);
      if (!this.#configured?.workAhead) return answer;
      const shown = 'nothing' in answer ? '' : (answer.texts[0] ?? '');
      // Once for each answer, and while nobody asks: the next request ends it.
      const run = (idle: AbortSignal) => engine.lookAhead(question, shown, idle);
      this.#idle.add({ document: job.document, kind: 'lookAhead', run });
      return answer;
    });
  }

  /** @throws RangeError when the place is outside the document; CancelledError. */
  async #askEngine<Answer>(
    job: Job,
    timeMs: number,
    signal: AbortSignal,
    ask: (engine: LoadedEngine, question: Omit<CompletionQuestion, 'maxSuggestions'>) => Promise<Answer>,
  ): Promise<Answer | { readonly nothing: string }> {
    if (timeMs <= 0) return { nothing: 'deadline' };
    const start = job.offset - job.replaceLength;
    const text =
      start < 0 ? undefined : applyEdits(job.source.text, [{ start, end: job.offset, text: job.replacement }]);
    if (text === undefined) throw new RangeError(`${job.kind}: offset ${job.offset} is outside the document`);
    const engine = await this.#engine;
    if (engine === undefined) return { nothing: 'no model' };
    throwIfCancelled(signal);
    const { languageId, path } = job.source;
    const { document, maxSymbols, multiline, insertSpaces, tabSize } = job;
    const indentation = { insertSpaces, tabSize };
    const offset = start + job.replacement.length;
    return ask(engine, { document, text, offset, languageId, path, indentation, maxSymbols, multiline, timeMs });
  }

  #reopen(document: number, why: string): void {
    this.#log('debug', `Document ${document}: ${why}; asking for it afresh`);
    this.#wire.send({ kind: 'reopen', document });
  }

  #reportMemory(): void {
    const { rss: residentBytes, heapUsed: heapBytes } = process.memoryUsage();
    const { count: numDocuments, totalLength: documentLength } = this.#documents;
    this.#wire.send({ kind: 'memory', residentBytes, heapBytes, numDocuments, documentLength });
  }

  #status(state: StatusMessage['state'], detail: string): void {
    this.#wire.send({ kind: 'status', state, detail: reasonText(detail) });
  }

  #log(level: LogLevel, text: string): void {
    if (logLevels.indexOf(level) < logLevels.indexOf(this.#logLevel)) return;
    this.#wire.send({ kind: 'log', level, text: bounded(text, limits.logTextLength) });
  }
}

function reasonText(text: string): string {
  return bounded(text, limits.reasonLength);
}
