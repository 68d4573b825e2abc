import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelledError, throwIfCancelled } from '../../../src/base/errors.ts';
import { applyEdits } from '../../../src/host/documents.ts';
import type { CompleteMessage } from '../../../src/protocol/hostMessages.ts';
import { DocumentMirror } from '../../../src/shell/documentMirror.ts';
import type { EngineAnswer } from '../../../src/shell/engineClient.ts';
import { type Offer, Suggester } from '../../../src/shell/suggester.ts';
import { ManualClock, settle } from '../manualClock.ts';

type Question = Pick<CompleteMessage, 'offset' | 'replaceLength' | 'replacement' | 'maxSuggestions'>;

/** An editor with one document, `|` being the cursor, over an engine that the test answers for. */
class Fixture {
  readonly clock = new ManualClock();
  readonly asked: Question[] = [];
  readonly lines: string[] = [];
  readonly thinking: boolean[] = [];
  readonly suggester: Suggester;
  running = true;
  #answers: { resolve: (answer: EngineAnswer) => void; reject: (error: Error) => void }[] = [];
  #text: string;
  cursor: number;

  constructor(document: string) {
    this.cursor = document.indexOf('|');
    this.#text = document.replace('|', '');
    const isRunning = () => this.running;
    this.suggester = new Suggester({
      client: {
        start: () => undefined,
        get running() {
          return isRunning();
        },
        complete: async (question, signal) => {
          throwIfCancelled(signal);
          this.asked.push(question);
          return new Promise((resolve, reject) => {
            this.#answers.push({ resolve, reject });
            signal.addEventListener('abort', () => reject(new CancelledError('cancelled')));
          });
        },
      },
      mirror: new DocumentMirror(() => undefined),
      clock: this.clock,
      log: (level, text) => this.lines.push(`${level} ${text}`),
      completion: () => ({ maxSymbols: 8, multiline: 'auto' }),
      onThinking: (thinking) => this.thinking.push(thinking),
    });
  }

  type(text: string): void {
    this.edit(this.cursor, text);
  }

  /** At the cursor or before it. */
  edit(at: number, text: string): void {
    const edits = [{ start: at, end: at, text }];
    this.#text = applyEdits(this.#text, edits) ?? assert.fail();
    this.cursor += text.length;
    this.suggester.edited('a', edits);
  }

  suggest(
    { automatic = true, selected }: { automatic?: boolean; selected?: { start: number; text: string } } = {},
    signal = new AbortController().signal,
  ): readonly Offer[] | Promise<readonly Offer[]> {
    const text = this.#text;
    const slice = (start: number, end: number) => text.slice(start, end);
    const source = { key: 'a', languageId: 'c', path: 'a.c', length: text.length, slice };
    const indentation = { insertSpaces: true, tabSize: 4 };
    return this.suggester.suggest({ source, cursor: this.cursor, selected, indentation, automatic }, signal);
  }

  /** What is shown at the cursor. */
  present() {
    const text = this.#text;
    const slice = (start: number, end: number) => text.slice(start, end);
    const source = { key: 'a', languageId: 'c', path: 'a.c', length: text.length, slice };
    return this.suggester.present(source, this.cursor);
  }

  async wait(ms: number): Promise<void> {
    this.clock.advance(ms);
    await settle();
  }

  answer(...texts: string[]): void {
    this.#answers.shift()?.resolve({ kind: 'suggestion', request: 1, texts, numSymbols: 1, elapsedMs: 1 });
  }

  nothing(): void {
    this.#answers.shift()?.resolve({ kind: 'nothing', reason: 'empty' });
  }

  fail(message: string): void {
    this.#answers.shift()?.reject(new Error(message));
  }
}

test('typing along a suggestion is answered at once and never asks the engine', async () => {
  const fixture = new Fixture('let x = |');
  const first = fixture.suggest();
  await fixture.wait(20);
  fixture.answer('foo(1);');
  assert.deepEqual(await first, [{ start: 8, end: 8, text: 'foo(1);' }]);
  for (const character of 'foo(1') {
    fixture.type(character);
    const offers = fixture.suggest();
    assert.ok(!(offers instanceof Promise), 'answered synchronously');
    assert.equal(offers[0]?.start, fixture.cursor);
  }
  assert.equal(fixture.asked.length, 1);
  assert.equal(fixture.suggester.numAnsweredAlong, 5);
  fixture.type(');');
  assert.ok(fixture.suggest() instanceof Promise, 'all of it is there: what comes next is asked');
});

test('a keystroke within the moment of waiting costs the engine nothing', async () => {
  const fixture = new Fixture('|');
  const answers = [...'abc'].map((character) => {
    fixture.type(character);
    return fixture.suggest();
  });
  await fixture.wait(20);
  fixture.answer('d');
  assert.deepEqual(await Promise.all(answers), [[], [], [{ start: 3, end: 3, text: 'd' }]]);
  assert.equal(fixture.asked.length, 1);
});

test('a newer request cancels the one before, and so does the editor', async () => {
  const fixture = new Fixture('|');
  const first = fixture.suggest();
  await fixture.wait(20);
  const controller = new AbortController();
  const second = fixture.suggest({}, controller.signal);
  assert.deepEqual(await first, []);
  await fixture.wait(20);
  controller.abort();
  assert.deepEqual(await second, []);
  assert.deepEqual(await fixture.suggest({}, controller.signal), []);
  assert.equal(fixture.asked.length, 2);
  assert.deepEqual(fixture.lines, []);
  assert.equal(fixture.thinking.at(-1), false);
  assert.equal(fixture.clock.numTimers, 0);
});

test('a request by hand does not wait, and is for several', async () => {
  const fixture = new Fixture('let x = |');
  const first = fixture.suggest({ automatic: false });
  await settle();
  assert.deepEqual(
    fixture.asked.map(({ maxSuggestions }) => maxSuggestions),
    [3],
  );
  fixture.answer('foo(1);', 'far;', '[1];');
  assert.deepEqual(
    await first,
    ['foo(1);', 'far;', '[1];'].map((text) => ({ start: 8, end: 8, text })),
  );
  fixture.type('f');
  const along = fixture.suggest();
  assert.deepEqual(
    along,
    ['oo(1);', 'ar;'].map((text) => ({ start: 9, end: 9, text })),
  );
  fixture.type('a');
  assert.deepEqual(fixture.suggest(), [{ start: 10, end: 10, text: 'r;' }]);
  assert.equal(fixture.asked.length, 1);
});

test('what is known does not keep a person from asking for more', async () => {
  const fixture = new Fixture('|');
  const first = fixture.suggest();
  await fixture.wait(20);
  assert.equal(fixture.asked[0]?.maxSuggestions, 1);
  fixture.answer('abc');
  await first;
  const more = fixture.suggest({ automatic: false });
  assert.ok(more instanceof Promise);
  await settle();
  fixture.answer('abc', 'def');
  assert.deepEqual(await more, [
    { start: 0, end: 0, text: 'abc' },
    { start: 0, end: 0, text: 'def' },
  ]);
});

test('texts that come to the same beside what follows are offered once', async () => {
  const fixture = new Fixture('f(|, b)');
  const offers = fixture.suggest({ automatic: false });
  await settle();
  fixture.answer('a', 'a\nb', 'c');
  assert.deepEqual(await offers, [
    { start: 2, end: 2, text: 'a' },
    { start: 2, end: 2, text: 'c' },
  ]);
});

test('a failure is silent in the editor and loud in the log', async () => {
  const fixture = new Fixture('|');
  const offers = fixture.suggest();
  await fixture.wait(20);
  fixture.fail('symbol 9 of 8');
  assert.deepEqual(await offers, []);
  assert.match(fixture.lines.join(), /error .*symbol 9 of 8/);
  assert.deepEqual(fixture.thinking, [true, false]);
});

test('a suggestion continues the item selected in the suggest widget', async () => {
  const fixture = new Fixture('console.l|');
  const selected = { start: 8, text: 'log' };
  const offers = fixture.suggest({ selected });
  await fixture.wait(20);
  const { offset, replaceLength, replacement } = fixture.asked[0] ?? assert.fail();
  assert.deepEqual({ offset, replaceLength, replacement }, { offset: 9, replaceLength: 1, replacement: 'log' });
  fixture.answer('(x);');
  assert.deepEqual(await offers, [{ start: 8, end: 9, text: 'log(x);' }]);
  fixture.type('o');
  assert.deepEqual(fixture.suggest({ selected }), [{ start: 8, end: 10, text: 'log(x);' }]);
  assert.deepEqual(fixture.suggest(), [{ start: 10, end: 10, text: 'g(x);' }]);
});

test('what follows the cursor is not repeated, also while typing along', async () => {
  const fixture = new Fixture('foo|');
  const offers = fixture.suggest();
  await fixture.wait(20);
  fixture.answer('(a, b)');
  await offers;
  fixture.type('()');
  fixture.cursor--;
  assert.deepEqual(fixture.suggest(), [{ start: 4, end: 5, text: 'a, b)' }]);
});

test('nothing is asked while the engine is not there, nor offered when there is nothing to add', async () => {
  const fixture = new Fixture('|');
  fixture.running = false;
  const none = fixture.suggest();
  await fixture.wait(20);
  assert.deepEqual(await none, []);
  fixture.running = true;
  const blank = fixture.suggest();
  await fixture.wait(20);
  fixture.answer('  \n');
  assert.deepEqual(await blank, []);
});

test('forgetting ends both the request and the memory', async () => {
  const fixture = new Fixture('|');
  const first = fixture.suggest();
  await fixture.wait(20);
  fixture.answer('abc');
  await first;
  fixture.suggester.forget();
  const second = fixture.suggest();
  assert.ok(second instanceof Promise);
  fixture.suggester.forget();
  assert.deepEqual(await second, []);
});

test('an edit while the engine thinks makes its answer worthless', async () => {
  const fixture = new Fixture('let x = |;');
  const offers = fixture.suggest();
  await fixture.wait(20);
  fixture.answer('foo');
  fixture.edit(0, 'a;\n');
  assert.deepEqual(await offers, []);
  const again = fixture.suggest();
  assert.ok(again instanceof Promise, 'nothing is remembered');
  fixture.suggester.edited('b', [{ start: 0, end: 0, text: 'x' }]);
  fixture.suggester.edited('a', []);
  await fixture.wait(20);
  fixture.answer('foo');
  assert.deepEqual(await again, [{ start: 11, end: 11, text: 'foo' }]);
});

test('who asks by hand while the engine has nothing is offered what is known', async () => {
  const fixture = new Fixture('|');
  const first = fixture.suggest();
  await fixture.wait(20);
  fixture.answer('foo(1)');
  await first;
  fixture.type('foo');
  const known = [{ start: 3, end: 3, text: '(1)' }];
  const asked = fixture.suggest({ automatic: false });
  await settle();
  fixture.nothing();
  assert.deepEqual(await asked, known);
  fixture.running = false;
  assert.deepEqual(await fixture.suggest({ automatic: false }), known);
});

test('what is shown can be asked about, as it was asked for, until something else happens', async () => {
  const fixture = new Fixture('let x = |');
  assert.equal(fixture.present(), undefined);
  const first = fixture.suggest();
  await fixture.wait(20);
  fixture.answer('foo(1);', 'bar');
  await first;
  const { text, numTyped, question } = fixture.present() ?? assert.fail();
  assert.deepEqual([text, numTyped], ['foo(1);', 0]);
  assert.deepEqual([question.offset, question.replaceLength, question.replacement], [8, 0, '']);
  assert.deepEqual([question.shown, question.maxSymbols, question.tabSize], ['foo(1);', 8, 4]);
  fixture.type('fo');
  assert.equal(fixture.present(), undefined, 'nothing is shown until it is asked again');
  await fixture.suggest();
  const along = fixture.present() ?? assert.fail();
  assert.deepEqual([along.text, along.numTyped], ['foo(1);', 2]);
  assert.deepEqual([along.question.offset, along.question.replaceLength], [10, 2], 'the place where it was made');
  fixture.cursor -= 1;
  assert.equal(fixture.present(), undefined, 'the cursor has moved');
  fixture.cursor += 1;
  fixture.suggester.forget();
  assert.equal(fixture.present(), undefined);
});

test('what goes on from a selected item, or is shown in part, is asked about as such', async () => {
  const fixture = new Fixture('con|');
  const first = fixture.suggest({ selected: { start: 0, text: 'console' } });
  await fixture.wait(20);
  fixture.answer('.log(1);');
  await first;
  const { text, question } = fixture.present() ?? assert.fail();
  assert.equal(text, '.log(1);');
  assert.deepEqual([question.offset, question.replaceLength, question.replacement], [3, 3, 'console']);
  const inside = new Fixture('foo(|);');
  const second = inside.suggest();
  await inside.wait(20);
  inside.answer('a);');
  await second;
  const { text: shown } = inside.present() ?? assert.fail();
  assert.ok('a);'.startsWith(shown), shown);
});

test('nothing to offer is nothing to explain', async () => {
  const fixture = new Fixture('let x = |');
  const first = fixture.suggest();
  await fixture.wait(20);
  fixture.nothing();
  await first;
  assert.equal(fixture.present(), undefined);
});
