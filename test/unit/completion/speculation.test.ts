// Whole completions with guesses are those without: stop rules, limits, healing, alternatives, deadlines.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import type { TextCodec } from '../../../src/codecs/text.ts';
import {
  Completer,
  type CompleterOptions,
  type CompletionRequest,
  defaultCompleterOptions,
} from '../../../src/completion/completer.ts';
import { cuttableModelOf } from '../engine/plainModels.ts';
import { atCursor, codecs, request, scriptedModel, stoppedClock } from './scripted.ts';

afterEach(() => assert.deepEqual(liveObjects(), {}));

const line = "  check('one', { two: 3, four: [5] });\n";

interface Asked {
  readonly speculation: 'never' | 'measured';
  readonly fields?: Partial<CompletionRequest>;
  readonly options?: Partial<CompleterOptions>;
}

/** The answer, and the runs of the model that it took. */
async function ask(codec: TextCodec, text: string, says: readonly string[], { speculation, fields, options }: Asked) {
  const cursor = atCursor(text);
  let runs = 0;
  const scripts = says.map((one) => cursor.before + one);
  const model = scriptedModel(codec, scripts, { beforeStep: () => (runs += 1), make: cuttableModelOf });
  let readings = 0;
  // By this clock every run takes as long as any other.
  const sequences = { ...defaultCompleterOptions.sequences, speculation, clock: { now: () => readings++ } };
  const completer = new Completer({ model, codec }, { clock: stoppedClock, review: 'none', ...options, sequences });
  const { prefillMs, decodeMs, ...answer } = {
    prefillMs: 0,
    decodeMs: 0,
    ...(await completer.complete({ ...request, ...cursor, ...fields })),
  };
  completer.dispose();
  model.dispose();
  return { answer, runs };
}

/** The same answer with guesses and without; the runs of both. */
async function check(text: string, says: readonly string[], asked: Omit<Asked, 'speculation'> = {}) {
  const runs = { plain: 0, guessed: 0 };
  for (const codec of codecs) {
    const plain = await ask(codec, text, says, { ...asked, speculation: 'never' });
    const guessed = await ask(codec, text, says, { ...asked, speculation: 'measured' });
    assert.deepEqual(guessed.answer, plain.answer, codec.kind);
    runs.plain += plain.runs;
    runs.guessed += guessed.runs;
  }
  return runs;
}

test('a line, a block, a text to its end', async () => {
  await check(`${line.repeat(3)}  ch|`, ["eck('one', { two: 3 });\nmore"]);
  await check(`${line.repeat(3)}|`, [`${line.repeat(3)}done();\n`], { fields: { multiline: 'always' } });
  await check(`f() {|\n}\n`, [`\n${line.repeat(2)}}\n`]);
  await check('let x = |', ['1;\n']);
  const { plain, guessed } = await check(`${line.repeat(3)}|`, [line.repeat(4)], {
    fields: { multiline: 'unbounded' },
  });
  assert.ok(guessed < plain / 2, `${guessed} of ${plain} runs`);
});

test('any limit of symbols', async () => {
  for (let maxSymbols = 1; maxSymbols < 20; maxSymbols++) {
    await check(`${line.repeat(2)}  check(|`, [`'one', { two: 3, six: 7 });\n${line}`], {
      fields: { multiline: 'unbounded', maxSymbols },
    });
  }
});

test('what was typed is healed', async () => {
  for (let typed = 1; typed < line.length; typed++) {
    await check(`${line.repeat(2)}${line.slice(0, typed)}|`, [line.slice(typed) + line]);
  }
});

test('alternatives', async () => {
  const options = { review: 'editor', minAskedMeanLogProbNats: -100 } as const;
  await check(`${line.repeat(2)}  check(|`, ["'one', { two: 3 });", "'two', {});", '1);'], {
    fields: { maxSuggestions: 3 },
    options,
  });
});

test('by the deadline there is as much, or more of the same', async () => {
  for (const codec of codecs) {
    const texts = [];
    for (const speculation of ['never', 'measured'] as const) {
      let now = 0;
      const clock = { now: () => now, after: () => () => {} };
      const before = line.repeat(3);
      const beforeStep = () => (now += 10);
      const model = scriptedModel(codec, [before + line.repeat(4)], { beforeStep, make: cuttableModelOf });
      const sequences = { ...defaultCompleterOptions.sequences, speculation, clock };
      const completer = new Completer({ model, codec }, { clock, review: 'none', sequences });
      const fields = { before, after: '', multiline: 'unbounded', deadlineMs: 95 } as const;
      const result = await completer.complete({ ...request, ...fields });
      assert.ok(result.kind === 'suggestion' && now <= 100);
      texts.push(result.text);
      completer.dispose();
      model.dispose();
    }
    const [plain, guessed] = texts;
    assert.ok(guessed!.startsWith(plain!) && guessed!.length > plain!.length, `${plain} | ${guessed}`);
  }
});
