// From a place in a document to what is offered there. Typing along the last suggestions is answered synchronously; everything
// else waits a moment, supersedes the request before it and asks the engine. Knows no editor.
import type { Clock } from '../base/clock.ts';
import { CancelledError, messageOf, throwIfCancelled } from '../base/errors.ts';
import { type ExplainMessage, limits, type Multiline, type TextEdit } from '../protocol/hostMessages.ts';
import type { DocumentMirror, SourceDocument } from './documentMirror.ts';
import type { EngineClient } from './engineClient.ts';
import { ghostText } from './ghostText.ts';
import type { Log } from './hostProcess.ts';
import { pause } from './pause.ts';
import { TypedAlong, withLineFeeds } from './typedAlong.ts';

export interface Query {
  readonly source: SourceDocument;
  readonly cursor: number;
  /** The item selected in the suggest widget: its text would replace [start, cursor). */
  readonly selected: { readonly start: number; readonly text: string } | undefined;
  readonly indentation: { readonly insertSpaces: boolean; readonly tabSize: number };
  /** While typing, as opposed to asked for by a person, who may want to choose among several. */
  readonly automatic: boolean;
}

/** `text` in place of [start, end); it begins with what stands between start and the cursor. */
export interface Offer {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What was asked when the last suggestions came. */
interface Asked {
  readonly key: string;
  /** Where they begin, with `replacement`: the item that was selected then. */
  readonly start: number;
  readonly replacement: string;
}

interface Shown {
  readonly asked: Asked;
  readonly cursor: number;
  /** The best of them from the start of what was asked on, as far as it is shown. */
  readonly text: string;
  readonly indentation: Query['indentation'];
}

/** The suggestion that is shown at a place. */
export interface PresentSuggestion {
  readonly text: string;
  /** How many of its characters were typed since it was made. */
  readonly numTyped: number;
  readonly question: Omit<ExplainMessage, 'kind' | 'request'>;
}

export interface SuggesterDeps {
  readonly client: Pick<EngineClient, 'start' | 'running' | 'complete'>;
  readonly mirror: DocumentMirror;
  readonly clock: Clock;
  readonly log: Log;
  /** From the settings. */
  readonly completion: () => { readonly maxSymbols: number; readonly multiline: Multiline };
  readonly onThinking: (thinking: boolean) => void;
}

/** The editor has waited for a pause in typing already; this lets the events of one keystroke settle. */
const settleMs = 20;
const automaticDeadlineMs = 2000;
const invokedDeadlineMs = 10_000;
/** How far after the cursor repeats are looked for. */
const followingLength = 1000;

export class Suggester {
  readonly #deps: SuggesterDeps;
  readonly #typedAlong = new TypedAlong();
  #latest: { readonly key: string; readonly controller: AbortController } | undefined;
  #numAnsweredAlong = 0;
  #asked: Asked | undefined;
  #shown: Shown | undefined;

  constructor(deps: SuggesterDeps) {
    this.#deps = deps;
  }

  get numAnsweredAlong(): number {
    return this.#numAnsweredAlong;
  }

  edited(key: string, edits: readonly TextEdit[]): void {
    this.#typedAlong.edited(key, edits);
    if (edits.length > 0 && this.#shown?.asked.key === key) this.#shown = undefined;
    // An answer would be for a text that is no more, at a place that has moved.
    if (edits.length > 0 && this.#latest?.key === key) this.#latest.controller.abort();
  }

  /** Forgets the last suggestions: the model or the settings changed. */
  forget(): void {
    this.#typedAlong.forget();
    this.#shown = undefined;
    this.#latest?.controller.abort();
  }

  /** The best first. A list when it is known at once, a promise when the engine is asked. Never throws, never rejects. */
  suggest(query: Query, signal: AbortSignal): readonly Offer[] | Promise<readonly Offer[]> {
    this.#latest?.controller.abort();
    this.#shown = undefined;
    // Who asks by hand may have seen what is known, and is offered it again only when the engine has nothing.
    const known = query.automatic ? this.#knownOffers(query) : [];
    if (known.length === 0) return this.#ask(query, signal);
    this.#numAnsweredAlong++;
    return this.#offered(known, query);
  }

  /** What is shown there, and how to ask the engine about it; undefined when nothing is. */
  present(source: SourceDocument, cursor: number): PresentSuggestion | undefined {
    const shown = this.#shown;
    if (shown?.asked.key !== source.key || shown.cursor !== cursor) return undefined;
    const { asked, indentation } = shown;
    const { mirror, completion } = this.#deps;
    const text = shown.text.slice(asked.replacement.length);
    const typed = withLineFeeds(source.slice(asked.start, cursor)).length - asked.replacement.length;
    const question = {
      ...mirror.prepare(source, cursor),
      replaceLength: cursor - asked.start,
      replacement: asked.replacement,
      ...completion(),
      ...indentation,
      deadlineMs: invokedDeadlineMs,
      shown: text,
    };
    return { text, numTyped: Math.max(0, typed), question };
  }

  /** Keeps in mind which is shown. */
  #offered(offers: readonly Offer[], { source, cursor, indentation }: Query): readonly Offer[] {
    const [best] = offers;
    const asked = this.#asked;
    if (best === undefined || asked?.key !== source.key) return offers;
    const between = best.start > asked.start ? withLineFeeds(source.slice(asked.start, best.start)) : '';
    const before = best.start < asked.start ? withLineFeeds(source.slice(best.start, asked.start)).length : 0;
    this.#shown = { asked, cursor, text: between + best.text.slice(before), indentation };
    return offers;
  }

  #knownOffers(query: Query): Offer[] {
    const { source, cursor, selected } = query;
    const start = selected?.start ?? cursor;
    const slice = (from: number, to: number) => source.slice(from, to);
    const place = { key: source.key, start, cursor, selectedText: selected?.text ?? '', slice };
    return offersOf(this.#typedAlong.continuations(place), query);
  }

  async #ask(query: Query, signal: AbortSignal): Promise<readonly Offer[]> {
    const { clock, log, onThinking } = this.#deps;
    const controller = new AbortController();
    const abort = () => controller.abort();
    if (signal.aborted) return [];
    signal.addEventListener('abort', abort);
    this.#latest = { key: query.source.key, controller };
    try {
      if (query.automatic && !(await pause(settleMs, clock, controller.signal))) return [];
      onThinking(true);
      return await this.#askEngine(query, controller.signal);
    } catch (error) {
      if (!(error instanceof CancelledError)) log('error', `Completion failed: ${messageOf(error)}`);
      return [];
    } finally {
      signal.removeEventListener('abort', abort);
      // Superseded by another request that is still thinking: the state is that one's to tell.
      if (this.#latest?.controller === controller) {
        this.#latest = undefined;
        onThinking(false);
      }
    }
  }

  async #askEngine(query: Query, signal: AbortSignal): Promise<readonly Offer[]> {
    const { client, mirror, log, completion, clock } = this.#deps;
    const { source, cursor, selected, automatic } = query;
    client.start();
    if (!client.running) return this.#offered(this.#knownOffers(query), query);
    const askedAt = clock.now();
    const start = selected?.start ?? cursor;
    const replacement = selected?.text ?? '';
    const question = {
      ...mirror.prepare(source, cursor),
      replaceLength: cursor - start,
      replacement,
      ...completion(),
      ...query.indentation,
      maxSuggestions: automatic ? 1 : limits.suggestions,
      deadlineMs: automatic ? automaticDeadlineMs : invokedDeadlineMs,
    };
    const answer = await client.complete(question, signal);
    throwIfCancelled(signal);
    if (answer.kind === 'nothing') {
      log('debug', `Nothing to offer: ${answer.reason}`);
      return this.#offered(this.#knownOffers(query), query);
    }
    const roundTripMs = Math.round(clock.now() - askedAt);
    log('debug', `${answer.numSymbols} symbols in ${Math.round(answer.elapsedMs)} ms, ${roundTripMs} ms in all`);
    const texts = answer.texts.map((text) => withLineFeeds(replacement + text));
    this.#typedAlong.remember({ key: source.key, start, end: cursor, texts });
    this.#asked = { key: source.key, start, replacement };
    return this.#offered(offersOf(texts, query), query);
  }
}

/** Beside what follows the cursor several texts may come to the same. */
function offersOf(texts: readonly string[], query: Query): Offer[] {
  const offers = new Map<string, Offer>();
  for (const text of texts) {
    const offer = offerOf(text, query);
    if (offer && !offers.has(offer.text)) offers.set(offer.text, offer);
  }
  return [...offers.values()];
}

function offerOf(text: string, { source, cursor, selected }: Query): Offer | undefined {
  const ghost = ghostText(text, source.slice(cursor, Math.min(source.length, cursor + followingLength)));
  if (ghost === undefined || ghost.text === selected?.text) return undefined;
  return { start: selected?.start ?? cursor, end: cursor + ghost.replaceAfter, text: ghost.text };
}
