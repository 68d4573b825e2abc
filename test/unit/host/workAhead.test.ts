// What the engine does while nobody asks: once for each answer, the newest place, and never in the way of a request.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LoadedEngine, startEngineRole } from '../../../src/host/engineRole.ts';
import { readToShell, type ToHost, type ToShell } from '../../../src/protocol/hostMessages.ts';
import { ManualClock, settle } from '../manualClock.ts';

type Work = { readonly what: string; readonly signal: AbortSignal; end(): void };

/** An engine whose every piece of work lasts until the test ends it, or its signal aborts. */
class Fixture {
  readonly work: Work[] = [];
  readonly sent: ToShell[] = [];
  #receive: (value: unknown) => void = () => undefined;

  constructor() {
    const engine: LoadedEngine = {
      title: 'a',
      complete: async ({ text, offset }, signal) => {
        await this.#until(`complete ${text.slice(0, offset)}|`, signal);
        return text === 'nothing' ? { nothing: 'test' } : { texts: ['foo', 'bar'], numSymbols: 1 };
      },
      explain: async ({ text, offset }, signal) => {
        await this.#until(`explain ${text.slice(0, offset)}|`, signal);
        return { nothing: 'test' };
      },
      lookAhead: ({ text, offset }, shown, signal) => this.#until(`ahead ${text.slice(0, offset)}[${shown}]`, signal),
      prepare: ({ text, offset }, signal) => this.#until(`prepare ${text.slice(0, offset)}|`, signal),
      dispose: () => undefined,
    };
    startEngineRole(
      {
        send: (message) => this.sent.push(readToShell(message)),
        onMessage: (listener) => {
          this.#receive = listener;
        },
        exit: () => undefined,
      },
      { loadEngine: async () => engine, clock: new ManualClock() },
    );
  }

  async send(...messages: ToHost[]): Promise<void> {
    for (const message of messages) this.#receive(message);
    await settle();
  }

  async end(at = this.work.length - 1): Promise<void> {
    this.work[at]?.end();
    await settle();
  }

  /** What began, and what of it was ended early. */
  get told(): string[] {
    return this.work.map(({ what, signal }) => (signal.aborted ? `(${what})` : what));
  }

  #until(what: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.work.push({ what, signal, end: resolve });
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  }
}

const configure: ToHost = {
  kind: 'configure',
  modelPath: 'a',
  threads: 1,
  weights: 'auto',
  storagePath: '',
  logLevel: 'info',
  workAhead: true,
};

function open(document: number, text: string): ToHost {
  return { kind: 'open', document, version: 0, languageId: 'c', path: 'a.c', text };
}

function ask(request: number, document: number): ToHost {
  const place = { request, document, version: 0, offset: 1, replaceLength: 0, replacement: '' };
  const limits = { multiline: 'auto', maxSymbols: 8, maxSuggestions: 1, deadlineMs: 1000 } as const;
  return { kind: 'complete', ...place, ...limits, insertSpaces: true, tabSize: 4 };
}

function prepare(document: number, offset = 1, version = 0): ToHost {
  return { kind: 'prepare', document, version, offset, maxSymbols: 8 };
}

test('after an answer what follows it is computed, once', async () => {
  const fixture = new Fixture();
  await fixture.send(configure, open(1, 'x'), open(2, 'nothing'), ask(1, 1));
  await fixture.end();
  assert.deepEqual(fixture.told, ['complete x|', 'ahead x[foo]']);
  assert.equal(fixture.sent.at(-1)?.kind, 'suggestion', 'the answer did not wait for it');
  await fixture.end();
  assert.equal(fixture.work.length, 2);
  await fixture.send(ask(2, 2));
  await fixture.end();
  assert.deepEqual(fixture.told.slice(2), ['complete n|', 'ahead n[]']);
});

test('a request ends what is done ahead, at once, and what waits with it', async () => {
  const fixture = new Fixture();
  await fixture.send(configure, open(1, 'x'), open(2, 'y'), ask(1, 1));
  await fixture.end();
  await fixture.send(prepare(1), ask(2, 2));
  assert.deepEqual(fixture.told, ['complete x|', '(ahead x[foo])', 'complete y|']);
  await fixture.end();
  assert.deepEqual(fixture.told.slice(3), ['ahead y[foo]']);
});

test('while somebody asks nothing is done ahead', async () => {
  const fixture = new Fixture();
  await fixture.send(configure, open(1, 'x'), open(2, 'y'), ask(1, 1), prepare(2));
  assert.deepEqual(fixture.told, ['complete x|']);
  await fixture.send({ kind: 'cancel', request: 1 });
  assert.deepEqual(fixture.told, ['(complete x|)', 'prepare y|']);
});

test('of several places the newest is prepared', async () => {
  const fixture = new Fixture();
  await fixture.send(configure, open(1, 'xxx'), open(2, 'y'), prepare(1, 1));
  await fixture.send(prepare(1, 2), prepare(1, 3), prepare(2));
  assert.deepEqual(fixture.told, ['(prepare x|)', 'prepare y|']);
});

test('what follows a suggestion comes before a place in its document, and not before one in another', async () => {
  const fixture = new Fixture();
  await fixture.send(configure, open(1, 'x'), open(2, 'y'), ask(1, 1));
  await fixture.end();
  await fixture.send(prepare(1));
  assert.deepEqual(fixture.told, ['complete x|', 'ahead x[foo]']);
  await fixture.end();
  assert.deepEqual(fixture.told.slice(2), ['prepare x|']);
  await fixture.send(ask(2, 1));
  await fixture.end();
  await fixture.send(prepare(2));
  assert.deepEqual(fixture.told.slice(3), ['complete x|', '(ahead x[foo])', 'prepare y|']);
});

test('nothing is done ahead when that is off', async () => {
  const fixture = new Fixture();
  await fixture.send(configure, open(1, 'x'), prepare(1));
  await fixture.send(
    {
      kind: 'configure',
      modelPath: 'a',
      threads: 1,
      weights: 'auto',
      storagePath: '',
      logLevel: 'info',
      workAhead: false,
    },
    prepare(1),
  );
  await fixture.send(ask(1, 1));
  await fixture.end();
  assert.deepEqual(fixture.told, ['(prepare x|)', 'complete x|']);
});

test('a place that is not there is left alone, and another model ends what is done for this one', async () => {
  const fixture = new Fixture();
  await fixture.send(configure, open(1, 'x'), prepare(1, 2), prepare(1, 1, 3), prepare(7));
  assert.deepEqual(fixture.told, []);
  await fixture.send(prepare(1));
  await fixture.send({
    kind: 'configure',
    modelPath: 'b',
    threads: 1,
    weights: 'auto',
    storagePath: '',
    logLevel: 'info',
    workAhead: true,
  });
  assert.deepEqual(fixture.told, ['(prepare x|)']);
  assert.deepEqual(
    fixture.sent.filter(({ kind }) => kind === 'failed' || kind === 'nothing'),
    [],
  );
});
