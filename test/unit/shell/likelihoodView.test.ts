// A likelihood view without an editor: what its page is told, whatever happens to the document, the models and the scoring process.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelledError, UserError } from '../../../src/base/errors.ts';
import { readToLikelihoodView, type ToLikelihoodView } from '../../../src/protocol/likelihoodViewMessages.ts';
import { type FromScorer, readToScorer, type ToScorer } from '../../../src/protocol/scorerMessages.ts';
import { textScoringLimits } from '../../../src/protocol/textScoringMessages.ts';
import { LikelihoodView, type LikelihoodViewDeps } from '../../../src/shell/likelihoodView.ts';
import type { ScorerQuestion } from '../../../src/shell/scorerClient.ts';
import { partsOf, sentText } from '../../../src/shell/sentText.ts';

type Ask = LikelihoodViewDeps['scorer']['ask'];
interface Asked {
  readonly question: ScorerQuestion;
  readonly news: (message: FromScorer) => void;
  answer(message: object): void;
  fail(error: Error): void;
}

function opened({ text = 'abc', chosen = { a: '', b: '' } } = {}) {
  const state = {
    text,
    models: [
      { path: '/m', name: 'M' },
      { path: '/n', name: 'N' },
    ],
    note: '',
    gone: false,
  };
  const told: ToLikelihoodView[] = [];
  const sent: ToScorer[] = [];
  const asked: Asked[] = [];
  const ask = (question: ScorerQuestion, _: string, options: Parameters<Ask>[2] = {}) =>
    new Promise((resolve, reject) => {
      const { signal, news = () => undefined } = options;
      signal?.addEventListener('abort', () => reject(new CancelledError('cancelled')));
      asked.push({ question, news, answer: resolve, fail: reject });
    });
  const view = new LikelihoodView(
    {
      scorer: { ask: ask as unknown as Ask, send: (message) => void sent.push(readToScorer(message)) },
      models: async () => state.models,
      read: async () => {
        if (state.gone) throw new Error('cannot open it');
        return { text: state.text, note: state.note };
      },
      nameOf: (document) => ({ name: document.split('/').at(-1) ?? '', place: '' }),
      send: (message) => void told.push(readToLikelihoodView(message)),
    },
    { document: 'file:///w/a.ts', ...chosen },
  );
  const settle = async () => {
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  const open = (kind: ScorerQuestion['kind'], modelPath?: string) => {
    const found = asked.findLast(
      ({ question }) =>
        question.kind === kind &&
        (modelPath === undefined || ('modelPath' in question && question.modelPath === modelPath)),
    );
    assert.ok(found, `nobody asked ${kind}`);
    return found;
  };
  return {
    view,
    state,
    told,
    sent,
    asked,
    settle,
    open,
    last: () => view.view(),
    async scored(modelPath: string, bits = 24, numTokens = 2) {
      const { news, answer } = open('scoreText', modelPath);
      news({
        kind: 'scoredTokens',
        request: 1,
        first: 0,
        total: numTokens,
        starts: new Int32Array(numTokens),
        bits: new Float32Array(numTokens).fill(bits / numTokens),
        entropy: new Float32Array(numTokens),
        rank: new Int32Array(numTokens),
      });
      answer({ kind: 'scoredText', request: 1, numTokens, bits, numBytes: 3, cached: false });
      await settle();
    },
  };
}

test('a text is sent and scored by the first model; the page is told as it comes, and again when it is made anew', async () => {
  const { view, told, sent, settle, scored, last, open } = opened();
  void view.score();
  assert.equal(last().state, 'waiting');
  await settle();
  assert.equal(last().state, 'scoring');
  assert.deepEqual(
    sent.map(({ kind }) => kind),
    ['textPart', 'textPart'],
  );
  open('scoreText').news({ kind: 'textProgress', request: 1, done: 1, total: 4 });
  assert.equal(last().headline, 'Scoring: 25 %');
  await scored('/m');
  assert.equal(last().headline, '8.000 bits per byte: 3 bytes in 2 tokens need 3 bytes');
  open('compressText').answer({ kind: 'compressedText', request: 2, numBytes: 3, gzipBytes: 23, brotliBytes: 7 });
  await settle();
  assert.deepEqual(
    last().comparisons.map(({ name, state, bits }) => [name, state, bits]),
    [
      ['gzip -9', 'known', 184],
      ['Brotli, level 11', 'known', 56],
      ['M', 'known', 24],
      ['N', 'unknown', null],
    ],
  );
  told.length = 0;
  await view.receive({ kind: 'ready' });
  assert.deepEqual(
    told.map(({ kind }) => kind),
    ['remember', 'view', 'textPart', 'tokens'],
  );
  assert.deepEqual(told[0], { kind: 'remember', remembered: { document: 'file:///w/a.ts', a: '/m', b: '' } });
});

test('a second model is compared; one that is deleted is told, and the other stays', async () => {
  const { view, settle, scored, last, open } = opened();
  void view.score();
  await settle();
  await scored('/m');
  void view.receive({ kind: 'choose', side: 'b', model: 1 });
  await settle();
  await scored('/n', 12);
  assert.match(last().headline, /8\.000 bits per byte, 4\.000 under the second model: 50\.0 % fewer/);
  void view.receive({ kind: 'choose', side: 'a', model: 1 });
  await settle();
  open('scoreText', '/n').fail(new UserError('/n: expected a model folder, got none; choose another model'));
  await settle();
  assert.equal(last().state, 'failed');
  assert.match(last().note, /choose another model\./);
  await view.receive({ kind: 'choose', side: 'a', model: 99 });
  assert.equal(last().a, 1);
});

test('the document changes, moves, goes; the process dies; it is cancelled: each is said with what to do', async () => {
  const { view, state, settle, scored, last, open } = opened();
  void view.score();
  await settle();
  await view.receive({ kind: 'cancel' });
  await settle();
  assert.match(last().note, /Cancelled: press Score Again/);
  void view.receive({ kind: 'scoreAgain' });
  await settle();
  open('scoreText').fail(new Error('The scoring process ended (SIGKILL)'));
  await settle();
  assert.match(last().note, /The scoring process ended \(SIGKILL\)\. Press Score Again\./);
  void view.receive({ kind: 'scoreAgain' });
  await settle();
  await scored('/m');
  view.documentChanged();
  assert.match(last().note, /has changed since it was scored: press Score Again/);
  assert.equal(last().stale, true);
  view.documentMoved('file:///w/b.ts');
  assert.equal(last().name, 'b.ts');
  view.documentDeleted();
  assert.match(last().note, /was deleted or moved away/);
  assert.equal(last().stale, false);
  const before = last().text;
  state.gone = true;
  await view.receive({ kind: 'scoreAgain' });
  assert.equal(last().state, 'failed');
  assert.match(last().note, /cannot open it\. Press Score Again\./);
  state.gone = false;
  state.text = 'other';
  state.note = 'The file holds other bytes.';
  void view.receive({ kind: 'scoreAgain' });
  await settle();
  await scored('/m');
  assert.equal(last().text, before + 1);
  assert.equal(last().note, 'The file holds other bytes.');
});

test('what others write beside the editor is seen: another text, none, the same one again', async () => {
  const { view, state, settle, scored, last } = opened();
  void view.score();
  view.documentIs('not read yet');
  await settle();
  await scored('/m');
  assert.equal(last().stale, false);
  view.documentIs('something else');
  assert.equal(last().stale, true);
  view.documentDeleted();
  assert.match(last().note, /was deleted or moved away.*has changed/);
  view.documentIs(state.text);
  assert.equal(last().note, '');
  assert.equal(last().stale, false);
});

test('others are measured one after the other, cancelled, and fail by themselves', async () => {
  const { view, settle, scored, last, open } = opened();
  void view.score();
  await settle();
  await scored('/m');
  const row = () => last().comparisons.find(({ model }) => model === 1);
  void view.receive({ kind: 'compare', model: null });
  await settle();
  open('scoreText', '/n').news({ kind: 'textProgress', request: 1, done: 1, total: 2 });
  assert.deepEqual([row()?.state, row()?.progress], ['computing', 0.5]);
  await view.receive({ kind: 'cancelComparing' });
  await settle();
  assert.equal(row()?.state, 'unknown');
  void view.receive({ kind: 'compare', model: 1 });
  await settle();
  open('scoreText', '/n').fail(new UserError('broken; choose another'));
  await settle();
  assert.deepEqual([row()?.state, row()?.reason], ['failed', 'broken; choose another.']);
  assert.equal(last().state, 'ready');
});

test('the proof is told in numbers, and can be cancelled', async () => {
  const { view, settle, scored, last, open } = opened();
  void view.score();
  await settle();
  await scored('/m');
  void view.receive({ kind: 'prove' });
  await settle();
  assert.equal(last().proof.state, 'running');
  await view.receive({ kind: 'cancelProof' });
  await settle();
  assert.equal(last().proof.state, 'none');
  void view.receive({ kind: 'prove' });
  await settle();
  const sizes = { numBytes: 1000, compressedBytes: 290, headerBytes: 88, bits: 1605.2, same: true };
  open('proveText').answer({ kind: 'provedText', request: 1, ...sizes });
  await settle();
  assert.equal(last().proof.state, 'done');
  assert.match(
    last().proof.text,
    /1,000 bytes became 290: a header of 88, and 202 for 1605\.2 bits, which are 200\.7 bytes \(\+1\.3\)/,
  );
  assert.match(last().proof.text, /came back byte for byte/);
});

test('an empty text, and one that is too long', async () => {
  const empty = opened({ text: '' });
  void empty.view.score();
  await empty.settle();
  await empty.scored('/m', 4, 1);
  assert.equal(empty.last().headline, 'Empty: its end alone takes 4.00 bits');
  const long = opened({ text: 'x'.repeat(textScoringLimits.textLength + 1) });
  await long.view.score();
  assert.match(long.last().note, /expected a text of at most 4 MB/);
  assert.equal(long.asked.length, 0);
});

test('parts cut no character in two, and a text has one hash however it is cut', async () => {
  const text = `${'x'.repeat(textScoringLimits.partLength - 1)}\u{1f600}y`;
  const parts = partsOf(text);
  assert.equal(parts.join(''), text);
  assert.deepEqual(
    parts.map(({ length }) => length),
    [textScoringLimits.partLength - 1, 3],
  );
  assert.deepEqual(partsOf(''), ['']);
  const [a, b] = [await sentText(text), await sentText(`${text}z`)];
  assert.notEqual(a.id, b.id);
  assert.equal(a.numBytes, Buffer.byteLength(text));
});
