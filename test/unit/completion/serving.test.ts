// How requests are served: what is reused, what is bounded in time, what a cancelled one leaves behind.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { CancelledError } from '../../../src/base/errors.ts';
import { Completer, type CompletionResult } from '../../../src/completion/completer.ts';
import { ManualClock } from '../manualClock.ts';
import { atCursor, codecs, request, scriptedModel } from './scripted.ts';

afterEach(() => assert.deepEqual(liveObjects(), {}));

const script = `${'const y = foo(bar);\n'.repeat(12)}let total = sum(items);\nreturn total;\n`;
const msPerRun = 10;

/** A completer over the script, whose every run takes ten milliseconds and is reported. */
function scripted({ chunkSymbols = 64, maxPromptSymbols = 400, onRun = (_: number): void => {} } = {}) {
  const codec = codecs[1]!;
  const clock = new ManualClock();
  const runs: number[] = [];
  const model = scriptedModel(codec, [script], {
    beforeStep: (length) => {
      clock.advance(msPerRun);
      runs.push(length);
      onRun(runs.length);
    },
  });
  const sequences = { maxBytes: 1e6, maxSequences: 4, chunkSymbols };
  const completer = new Completer({ model, codec }, { clock, sequences, maxPromptSymbols, copies: 'none' });
  const ask = (text: string, more: { deadlineMs?: number; signal?: AbortSignal; document?: string } = {}) => {
    const { signal, ...fields } = more;
    return completer.complete({ ...request, path: '', ...fields, ...atCursor(text) }, signal);
  };
  const dispose = () => {
    completer.dispose();
    model.dispose();
  };
  return { ask, runs, clock, completer, dispose };
}

function textOf(result: CompletionResult): string {
  return result.kind === 'suggestion' ? result.text : `(${result.reason})`;
}

function at(part: string): string {
  return `${script.slice(0, script.indexOf(part) + part.length)}|`;
}

test('the next request steps what is new, and says how much was reused', async () => {
  const { ask, runs, dispose } = scripted();
  const first = await ask(at('let total ='));
  assert.equal(textOf(first), ' sum(items);');
  assert.ok(first.kind === 'suggestion' && first.reusedSymbols === 0 && first.prefillMs >= msPerRun);
  assert.equal(first.decodeMs, (first.symbols - 1) * msPerRun);
  const prompt = runs.reduce((sum, length) => sum + length) - (first.symbols - 1);
  runs.length = 0;
  const other = await ask(at('let total = sum(items);\nreturn'));
  assert.equal(textOf(other), ' total;');
  assert.ok(other.kind === 'suggestion' && other.reusedSymbols >= prompt - 1);
  assert.ok(runs[0]! < 12, `${runs[0]} symbols stepped`);
  dispose();
});

test('typing along asks the model nothing; its probability is that of what is left', async () => {
  const { ask, runs, dispose } = scripted();
  const whole = await ask(at('let total ='));
  runs.length = 0;
  const rest = await ask(at('let total = su'));
  assert.equal(textOf(rest), 'm(items);');
  assert.deepEqual(runs, []);
  assert.ok(rest.kind === 'suggestion' && whole.kind === 'suggestion');
  assert.ok(rest.symbols === 0 && rest.prefillMs === 0 && rest.logProbNats > whole.logProbNats);
  assert.equal(textOf(await ask(at('let total = su'), { document: 'another' })), 'm(items);');
  assert.notDeepEqual(runs, [], 'another document is another place');
  dispose();
});

test('out of time while catching up: nothing now, and the next request goes on', async () => {
  const { ask, runs, dispose } = scripted({ chunkSymbols: 16 });
  const deadlineMs = 2 * msPerRun;
  assert.equal(textOf(await ask(at('let total ='), { deadlineMs })), '(deadline)');
  assert.deepEqual(runs, [16, 16]);
  for (let i = 0; i < 20; i++) {
    const result = await ask(at('let total ='), { deadlineMs: 3 * msPerRun });
    if (result.kind === 'suggestion') return dispose();
  }
  assert.fail('the answer never came');
});

test('out of time while decoding: a shorter answer', async () => {
  const { ask, dispose } = scripted({ chunkSymbols: 1000 });
  const result = await ask(at('let total ='), { deadlineMs: 3 * msPerRun });
  const text = textOf(result);
  assert.ok(' sum(items);'.startsWith(text) && text.length < 12, text);
  assert.ok(result.kind === 'suggestion' && result.symbols <= 4);
  dispose();
});

for (const run of [2, 6]) {
  test(`cancelled in run ${run}, the cache stays usable`, async () => {
    const controller = new AbortController();
    const { ask, runs, dispose } = scripted({ chunkSymbols: 32, onRun: (n) => n === run && controller.abort() });
    await assert.rejects(ask(at('let total ='), { signal: controller.signal }), CancelledError);
    assert.equal(runs.length, run);
    const again = await ask(at('let total ='));
    assert.equal(textOf(again), ' sum(items);');
    assert.ok(again.kind === 'suggestion' && again.reusedSymbols >= 32);
    await assert.rejects(ask(at('let total ='), { signal: AbortSignal.abort() }), CancelledError);
    dispose();
  });
}

test('the limit of symbols is kept, and half the context at most is spent on decoding', async () => {
  const codec = codecs[0]!;
  const model = scriptedModel(codec, ['ab'.repeat(9)], { contextLength: 20 });
  const completer = new Completer({ model, codec }, { review: 'none', copies: 'none' });
  const result = await completer.complete({ ...request, before: 'ab', after: '', multiline: 'unbounded' });
  assert.ok(result.kind === 'suggestion' && result.symbols === 10);
  const one = await completer.complete({ ...request, before: 'ab', after: '', maxSymbols: 1 });
  assert.ok(one.kind === 'suggestion' && one.symbols === 1 && one.text === 'a');
  completer.dispose();
  model.dispose();
});

/** A completer whose model knows three ways on and takes ten milliseconds per run. */
function branching(onRun = (_: number): void => {}) {
  const codec = codecs[1]!;
  const clock = new ManualClock();
  const runs: number[] = [];
  const before = `${'const y = foo(bar);\n'.repeat(12)}let x = `;
  const model = scriptedModel(
    codec,
    ['sum(items);', 'foo(bar);', '[1];'].map((says) => before + says),
    {
      beforeStep: (length) => {
        clock.advance(msPerRun);
        runs.push(length);
        onRun(runs.length);
      },
    },
  );
  const sequences = { maxBytes: 1e6, maxSequences: 4, chunkSymbols: 128 };
  const completer = new Completer({ model, codec }, { clock, sequences, copies: 'none' });
  const ask = (typed: string, maxSuggestions: number, deadlineMs = 1000, signal?: AbortSignal) =>
    completer.complete({ ...request, before: before + typed, after: '', maxSuggestions, deadlineMs }, signal);
  const dispose = () => {
    completer.dispose();
    model.dispose();
  };
  return { ask, runs, dispose };
}

function allOf(result: CompletionResult): readonly string[] {
  return result.kind === 'suggestion' ? [result.text, ...result.alternatives] : [];
}

test('alternatives step the prompt once, and each its own symbols', async () => {
  const { ask, runs, dispose } = branching();
  assert.deepEqual(allOf(await ask('', 3)), ['sum(items);', 'foo(bar);', '[1];']);
  const [prefill, ...steps] = runs;
  assert.ok(prefill! > 60 && steps.length < 60 && steps.every((length) => length <= 2), runs.join());
  dispose();
});

test('one that is typed along is found whichever it is; asking for others keeps it the first', async () => {
  const { ask, runs, dispose } = branching();
  await ask('', 3);
  runs.length = 0;
  assert.deepEqual(allOf(await ask('', 1)), ['sum(items);']);
  assert.deepEqual(allOf(await ask('f', 1)), ['oo(bar);']);
  assert.deepEqual(allOf(await ask('[', 1)), ['1];']);
  assert.deepEqual(runs, []);
  assert.equal(allOf(await ask('fo', 3))[0], 'o(bar);');
  assert.ok(runs.length > 0);
  dispose();
});

test('out of time: the alternatives that are ready', async () => {
  for (let deadlineMs = 10 * msPerRun, most = 0; most < 3; deadlineMs += msPerRun) {
    const { ask, dispose } = branching();
    const texts = allOf(await ask('', 3, deadlineMs));
    assert.ok(texts.length >= most, `${texts.length} in ${deadlineMs} ms, ${most} in less`);
    if (texts.length > 1) assert.deepEqual(texts, ['sum(items);', 'foo(bar);', '[1];'].slice(0, texts.length));
    most = texts.length;
    dispose();
    assert.ok(deadlineMs < 600);
  }
});

test('cancelled among the alternatives, the cache stays usable', async () => {
  const controller = new AbortController();
  const { ask, dispose } = branching((run) => run === 6 && controller.abort());
  await assert.rejects(ask('', 3, 1000, controller.signal), CancelledError);
  assert.deepEqual(allOf(await ask('', 3)), ['sum(items);', 'foo(bar);', '[1];']);
  dispose();
});

test('of ten million characters around the cursor the model sees what fits', async () => {
  const { ask, runs, dispose } = scripted({ chunkSymbols: 16 });
  const long = 'x = '.repeat(2_500_000);
  const numStepped = () => runs.splice(0).reduce((sum, length) => sum + length, 0);
  await ask(`${long}|${long}`);
  assert.ok(numStepped() <= 400);
  await ask(`${long}y = |${long}`);
  assert.ok(numStepped() < 40, 'and what it saw, it does not see again');
  dispose();
});
