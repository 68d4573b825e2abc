// What is told of a suggestion, held against the model itself: its own probabilities, summed by `score`, and, where what was typed is made
// again, the probability under that constraint, worked out here in the plainest way.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { CancelledError } from '../../../src/base/errors.ts';
import type { TextCodec } from '../../../src/codecs/text.ts';
import { Completer, type CompleterOptions } from '../../../src/completion/completer.ts';
import type { Explanation } from '../../../src/completion/explain.ts';
import { buildPrompt } from '../../../src/completion/prompt.ts';
import { modelOf } from '../engine/plainModels.ts';
import { atCursor, codecs, request, scriptedModel, stoppedClock } from './scripted.ts';

afterEach(() => assert.deepEqual(liveObjects(), {}));

const [bytes, bpe] = codecs as [TextCodec, TextCodec];

interface Case {
  readonly codec: TextCodec;
  readonly text: string;
  readonly says: string;
  /** Left out, what is suggested there. */
  readonly shown?: string;
  readonly fields?: Partial<typeof request>;
  readonly options?: Partial<CompleterOptions>;
}

interface Outcome {
  readonly explanation: Explanation;
  readonly suggested: string;
  readonly logProbNats: number;
  /** ln p of the symbols of the suggestion after the prompt, without any constraint. */
  readonly scored: (symbols: readonly number[]) => Promise<number>;
}

async function explained<T>(
  { codec, text, says, shown, fields = {}, options = {} }: Case,
  use: (outcome: Outcome) => Promise<T>,
) {
  const { before, after } = atCursor(text);
  const model = scriptedModel(codec, [before + says, `${before}${says.slice(0, 3)} other`]);
  const completer = new Completer({ model, codec }, { clock: stoppedClock, ...options });
  const asked = { ...request, ...fields, before, after };
  try {
    const result = await completer.complete(asked);
    const suggested = result.kind === 'suggestion' ? result.text : '';
    const explanation = await completer.explain(asked, shown ?? suggested);
    assert.ok(explanation, 'there is something to explain');
    const prompt = buildPrompt(codec, { path: asked.path, before, after }, 256);
    const scored = async (symbols: readonly number[]) => {
      const all = Int32Array.of(...prompt.symbols.subarray(1), ...symbols);
      const { data } = await model.score(all);
      const { size } = codec.vocabulary;
      const from = prompt.symbols.length - 1;
      return symbols.reduce((sum, symbol, i) => sum + data[(from + i) * size + symbol]!, 0);
    };
    const logProbNats = result.kind === 'suggestion' ? result.logProbNats : 0;
    return await use({ explanation, suggested, logProbNats, scored });
  } finally {
    completer.dispose();
    model.dispose();
  }
}

const shownOf = ({ symbols }: Explanation) => symbols.filter(({ isShown }) => isShown);
const textOf = (symbols: Explanation['symbols']) => symbols.map(({ text, numTyped }) => text.slice(numTyped)).join('');
const sumOf = (symbols: Explanation['symbols']) => symbols.reduce((sum, { logProb }) => sum + logProb, 0);
const close = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-4, `${a} is not ${b}`);

test('the product of the probabilities is the probability of the suggestion, and what score says of it', async () => {
  const text = 'let x = |';
  await explained(
    { codec: bytes, text, says: '1 + y;\nz' },
    async ({ explanation, suggested, logProbNats, scored }) => {
      const shown = shownOf(explanation);
      assert.equal(suggested, '1 + y;');
      assert.equal(textOf(shown), suggested);
      close(sumOf(shown), explanation.logProbNats);
      close(explanation.logProbNats, logProbNats);
      close(explanation.logProbNats, await scored([...bytes.encodeText(suggested)]));
      assert.deepEqual([explanation.typed, explanation.layout], ['', 'document']);
      assert.ok(shown.every(({ numPossible, rank }) => numPossible === bytes.vocabulary.size && rank === 1));
      const [after] = explanation.symbols.slice(shown.length);
      assert.deepEqual([after?.text, after?.isShown], ['\n', false], 'where it stopped');
    },
  );
});

test('what was typed is made again: probabilities and ranks are among the symbols that begin with it', async () => {
  const cases = ['console.lo|', '  retu|', 'let sum|'];
  for (const text of cases) {
    const says = { 'console.lo|': 'g(total(items));', '  retu|': 'rn sum;', 'let sum|': ' = 0;' }[text] ?? '';
    await explained({ codec: bpe, text, says }, async ({ explanation, suggested, logProbNats }) => {
      const shown = shownOf(explanation);
      const typed = shown.map((symbol) => symbol.text.slice(0, symbol.numTyped)).join('');
      assert.equal(typed, explanation.typed, text);
      assert.ok(text.slice(0, -1).endsWith(typed) && typed !== '', text);
      assert.equal(textOf(shown), suggested);
      close(explanation.logProbNats, logProbNats);
      const [first] = explanation.symbols;
      assert.ok(first && first.numPossible < bpe.vocabulary.size);
      assert.ok(
        first.alternatives.every((one) => one.text.startsWith(typed) || typed.startsWith(one.text)),
        text,
      );
      const all = first.alternatives.length === first.numPossible;
      const sum = first.alternatives.reduce((total, { logProb }) => total + Math.exp(logProb), 0);
      assert.ok(all ? Math.abs(sum - 1) < 1e-4 : sum <= 1 + 1e-4, 'they are a distribution');
    });
  }
});

test('with copies the chances are those that it was suggested with, and how much was copied is told', async () => {
  const known = '  const basket = openBasket(customer, 42);\n';
  const options = { copies: 'mixed' as const, minMeanLogProbNats: -100 };
  for (const codec of codecs) {
    // The model says nothing of it.
    const fields = { path: 'src/b.ts', multiline: 'never' as const };
    const text = `${known.repeat(3)}  const bask|\n}\n`;
    await explained({ codec, text, says: '', options, fields }, async ({ explanation, suggested, logProbNats }) => {
      assert.equal(suggested, 'et = openBasket(customer, 42);', codec.kind);
      close(explanation.logProbNats, logProbNats);
      const shown = shownOf(explanation);
      assert.ok(shown.every(({ rank }) => rank === 1));
      const last = shown.at(-1)!;
      assert.ok(last.copiedShare > 0.9 && last.copiedShare <= 1, `${last.copiedShare}`);
      for (const { alternatives, numPossible } of explanation.symbols) {
        const sum = alternatives.reduce((total, { logProb }) => total + Math.exp(logProb), 0);
        const isAll = alternatives.length === numPossible;
        assert.ok(isAll ? Math.abs(sum - 1) < 1e-4 : sum <= 1 + 1e-4, 'they are a distribution');
      }
    });
  }
  await explained({ codec: bpe, text: 'let x = |', says: '1;', options: { copies: 'none' } }, async ({ explanation }) =>
    assert.ok(explanation.symbols.every(({ copiedShare }) => copiedShare === 0)),
  );
});

test('golden: a healed suggestion of a model that knows nothing, whose chances can be counted', async () => {
  const { vocabulary } = bpe;
  const model = modelOf(vocabulary, 512, (_, row) => row.fill(-Math.log(vocabulary.size)));
  const completer = new Completer({ model, codec: bpe }, { clock: stoppedClock });
  const asked = { ...request, before: '  retu', after: '' };
  const explanation = await completer.explain(asked, 'rn sum;');
  completer.dispose();
  model.dispose();
  assert.ok(explanation);
  const all = Array.from({ length: vocabulary.size }, (_, symbol) =>
    Buffer.from(bpe.symbolBytes(symbol)).toString('latin1'),
  );
  let left = explanation.typed;
  assert.equal(left, '  retu');
  for (const { text, numTyped, numPossible, logProb, rank } of explanation.symbols) {
    const rest: string = left;
    const possible: string[] =
      rest === '' ? all : all.filter((one) => one !== '' && (one.startsWith(rest) || rest.startsWith(one)));
    assert.equal(numPossible, possible.length, text);
    close(logProb, -Math.log(possible.length));
    assert.equal(rank, 1, 'all are equally likely');
    assert.equal(numTyped, Math.min(rest.length, text.length));
    left = rest.slice(numTyped);
  }
  const shown = explanation.symbols.map(({ text, isShown }) => (isShown ? text : '')).join('');
  assert.equal(shown, '  return sum;');
});

test('several lines, and a suggestion that is shown in part: the rest is told as what is not shown', async () => {
  const says = '\n  return 1;\n}\n\nfunction g() {';
  await explained({ codec: bpe, text: 'function f() {|', says }, async ({ explanation, suggested }) => {
    assert.equal(suggested, '\n  return 1;\n}');
    assert.equal(textOf(shownOf(explanation)).startsWith(suggested), true);
  });
  const shown = '1;';
  await explained({ codec: bytes, text: 'let x = |', says: '1; // one\n', shown }, async ({ explanation }) => {
    assert.equal(textOf(shownOf(explanation)), shown);
    assert.equal(textOf(explanation.symbols), '1; // one\n');
  });
});

test('in tabs and with other line ends the symbols are the model’s own', async () => {
  const says = '\n  c;\n}\n';
  const fields = { indentation: { insertSpaces: false, tabSize: 2 } };
  await explained({ codec: bytes, text: 'if (b) {|', says, fields }, async ({ explanation, suggested }) => {
    assert.equal(suggested, '\n\tc;\n}');
    assert.equal(textOf(shownOf(explanation)), '\n  c;\n}');
  });
});

test('a text that was never suggested is cut as the codec cuts it, and is as unlikely as it is', async () => {
  for (const codec of codecs) {
    await explained({ codec, text: 'let x = |', says: '1;', shown: 'foo(2);' }, async ({ explanation }) => {
      assert.equal(textOf(shownOf(explanation)), 'foo(2);');
      assert.ok(explanation.logProbNats < -10);
      assert.ok(shownOf(explanation).some(({ rank }) => rank > 1));
      assert.equal(explanation.symbols.filter(({ isShown }) => !isShown).length, 1, 'what would come next');
    });
  }
});

test('bytes of half a character are told as bytes, special symbols by name', async () => {
  await explained({ codec: bytes, text: 'say("|', says: '日' }, async ({ explanation }) => {
    const kinds = explanation.symbols.map(({ kind, text }) => `${kind} ${text}`);
    assert.deepEqual(kinds.slice(0, 3), ['bytes E6', 'bytes 97', 'bytes A5']);
    assert.equal(kinds.at(-1), 'special end');
  });
});

test('a signal ends it, and nothing is nothing', async () => {
  const model = scriptedModel(bytes, ['let x = 1;']);
  const completer = new Completer({ model, codec: bytes }, { clock: stoppedClock });
  const asked = { ...request, before: 'let x = ', after: '' };
  const controller = new AbortController();
  const pending = completer.explain(asked, '1;', controller.signal);
  controller.abort(new CancelledError('test'));
  await assert.rejects(pending, CancelledError);
  assert.equal(await completer.explain(asked, ''), undefined);
  completer.dispose();
  model.dispose();
});
