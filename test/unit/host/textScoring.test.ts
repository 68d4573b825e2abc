// Whole texts over the scorer's wire, under a model in plain numbers: the numbers are those of the definition, in pieces that are bounded;
// remembered on disk; cancelled; and what is not there is said.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, test } from 'node:test';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { liveObjects } from '../../../src/base/disposable.ts';
import { bytesCodec } from '../../../src/codecs/bytes.ts';
import type { TextModel } from '../../../src/engine/loadModel.ts';
import type { ModelShelf } from '../../../src/host/modelShelf.ts';
import { recallScores, rememberScores, type TextScores } from '../../../src/host/scoreCache.ts';
import { startScorerRole } from '../../../src/host/scorerRole.ts';
import { SentTexts } from '../../../src/host/textScoring.ts';
import { surprisals } from '../../../src/likelihood/bits.ts';
import { symbolSpans } from '../../../src/likelihood/spans.ts';
import { pieceLength } from '../../../src/protocol/numberArrays.ts';
import { type FromScorer, readFromScorer, type ToScorer } from '../../../src/protocol/scorerMessages.ts';
import { textScoringLimits } from '../../../src/protocol/textScoringMessages.ts';
import { sendText, sentText } from '../../../src/shell/sentText.ts';
import { modelOf } from '../engine/plainModels.ts';
import { ManualClock } from '../manualClock.ts';
import { until } from '../until.ts';

const codec = bytesCodec();
const folders: string[] = [];
const models: { dispose(): void }[] = [];
afterEach(() => {
  for (const model of models.splice(0)) model.dispose();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  assert.deepEqual(liveObjects(), {});
});

/** What comes depends on the symbol before. */
function chainModel() {
  return modelOf(codec.vocabulary, 32, (history, row) => {
    const last = history.at(-1) ?? 0;
    let sum = 0;
    for (let v = 0; v < row.length; v++) {
      row[v] = ((last * 31 + v * 17) % 97) / 20;
      sum += Math.exp(row[v]!);
    }
    for (let v = 0; v < row.length; v++) row[v]! -= Math.log(sum);
  });
}

function started() {
  const folder = mkdtempSync(path.join(tmpdir(), 'chainrule-test-'));
  folders.push(folder);
  const modelPath = path.join(folder, 'model');
  const model = chainModel();
  models.push(model);
  const sent: FromScorer[] = [];
  let receive: (value: unknown) => void = () => undefined;
  let asked = 0;
  const shelf = {
    threads: 1,
    withText: async (_: string, work: (loaded: TextModel) => Promise<unknown>) => {
      asked += 1;
      const description = { architecture: 'gpt', files: {} };
      const weights = { decode: 'fp32', prefill: 'fp32' };
      return work({ model, codec, description, weights } as unknown as TextModel);
    },
  } as unknown as ModelShelf;
  const wire = {
    send: (message: FromScorer) => void sent.push(readFromScorer(message)),
    onMessage: (listener: (value: unknown) => void) => {
      receive = listener;
    },
    exit: () => undefined,
  };
  startScorerRole(wire, { shelf, clock: new ManualClock() });
  const send = (...messages: ToScorer[]) => {
    for (const message of messages) receive(message);
  };
  return {
    folder,
    modelPath,
    model,
    send,
    sent,
    timesAsked: () => asked,
    text: (textId: string, text: string) => send({ kind: 'textPart', textId, start: 0, length: text.length, text }),
    of: <Kind extends FromScorer['kind']>(kind: Kind) =>
      sent.filter((message): message is Extract<FromScorer, { kind: Kind }> => message.kind === kind),
    answer: (request: number) =>
      until('the answer', () =>
        sent.some(
          (one) =>
            'request' in one && one.request === request && one.kind !== 'scoredTokens' && one.kind !== 'textProgress',
        ),
      ),
    configure() {
      mkdirSync(modelPath);
      writeFileSync(path.join(modelPath, 'model.json'), '{"a":1}');
      send({ kind: 'configure', threads: 1, logLevel: 'info', storagePath: folder });
    },
  };
}

test('every token is told once, and the sum of bits is that of the definition', async () => {
  const scorer = started();
  scorer.configure();
  const text = 'let x = \u6f22;\n'.repeat(1600);
  scorer.text('t', text);
  scorer.send({ kind: 'scoreText', request: 1, textId: 't', modelPath: scorer.modelPath });
  await scorer.answer(1);
  const [answer] = scorer.of('scoredText');
  assert.ok(answer, JSON.stringify(scorer.of('failed')));
  const { symbols, starts } = symbolSpans(codec, text);
  const exact = await surprisals(scorer.model, symbols, { rank: true, entropy: true });
  const sum = exact.surprisal.reduce((all, one) => all + one, 0) / Math.LN2;
  assert.ok(Math.abs(answer.bits / sum - 1) < 1e-6);
  assert.equal(answer.numTokens, symbols.length);
  let next = 0;
  for (const piece of scorer.of('scoredTokens')) {
    assert.equal(piece.first, next);
    assert.equal(piece.total, symbols.length);
    assert.ok(piece.bits.length <= pieceLength);
    for (let i = 0; i < piece.bits.length; i++) {
      assert.equal(piece.starts[i], starts[next + i]);
      assert.equal(piece.rank[i], exact.rank![next + i]);
      assert.ok(Math.abs(piece.bits[i]! - exact.surprisal[next + i]! / Math.LN2) < 1e-5);
      assert.ok(Math.abs(piece.entropy[i]! - exact.entropy![next + i]! / Math.LN2) < 1e-5);
    }
    next += piece.bits.length;
  }
  assert.equal(next, symbols.length);
});

test('the same text is remembered for the same model, and for no other', async () => {
  const scorer = started();
  scorer.configure();
  scorer.text('t', 'abc');
  const question = { kind: 'scoreText', textId: 't', modelPath: scorer.modelPath } as const;
  scorer.send({ ...question, request: 1 });
  await scorer.answer(1);
  scorer.send({ ...question, request: 2 });
  await scorer.answer(2);
  assert.deepEqual(
    scorer.of('scoredText').map(({ cached }) => cached),
    [false, true],
  );
  const [first, second] = scorer.of('scoredTokens');
  assert.deepEqual({ ...second, request: 1 }, first);
  assert.equal(scorer.timesAsked(), 1);
  writeFileSync(path.join(scorer.modelPath, 'model.json'), '{"a":2}');
  scorer.send({ ...question, request: 3 });
  await scorer.answer(3);
  assert.equal(scorer.of('scoredText').at(-1)?.cached, false);
});

test('compressors take what zlib takes; the proof is the sum of the bits', async () => {
  const scorer = started();
  scorer.configure();
  const text = 'monday belongs to the moon; '.repeat(8);
  scorer.text('t', text);
  scorer.send({ kind: 'compressText', request: 1, textId: 't' });
  await scorer.answer(1);
  const brotli = brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: text.length } });
  const [found] = scorer.of('compressedText');
  assert.deepEqual(
    [found?.numBytes, found?.gzipBytes, found?.brotliBytes],
    [text.length, gzipSync(text, { level: 9 }).length, brotli.length],
  );
  scorer.send({ kind: 'proveText', request: 2, textId: 't', modelPath: scorer.modelPath });
  await scorer.answer(2);
  const [proof] = scorer.of('provedText');
  assert.ok(proof, JSON.stringify(scorer.of('failed')));
  assert.equal(proof.same, true);
  assert.ok(Math.abs(8 * (proof.compressedBytes - proof.headerBytes) - proof.bits) <= 64);
});

test('a model that is gone, a text that was not sent, a question that is cancelled: each is said', async () => {
  const scorer = started();
  scorer.text('t', 'abc');
  scorer.send({ kind: 'scoreText', request: 1, textId: 't', modelPath: scorer.modelPath });
  await scorer.answer(1);
  assert.match(scorer.of('failed')[0]?.reason ?? '', /expected a model folder .*choose another model/);
  scorer.configure();
  scorer.send({ kind: 'scoreText', request: 2, textId: 'u', modelPath: scorer.modelPath });
  await scorer.answer(2);
  assert.match(scorer.of('failed')[1]?.reason ?? '', /not sent in full/);
  scorer.text('v', 'x'.repeat(5000));
  scorer.send(
    { kind: 'scoreText', request: 3, textId: 'v', modelPath: scorer.modelPath },
    { kind: 'cancel', request: 3 },
  );
  await scorer.answer(3);
  assert.equal(scorer.of('failed')[2]?.cancelled, true);
});

test('few texts are kept, and none that is too long', () => {
  const texts = new SentTexts();
  const length = textScoringLimits.textLength;
  const long = 'x'.repeat(length);
  for (const textId of ['a', 'b', 'c']) texts.add({ textId, start: 0, length, text: long });
  assert.throws(() => texts.get('a'), /not sent in full/);
  assert.equal(texts.get('c'), long);
  const part = (textId: string, start: number, text: string) => texts.add({ textId, start, length: 3, text });
  part('d', 0, 'a');
  assert.throws(() => texts.get('d'), /not sent in full/);
  part('d', 2, 'c');
  part('d', 1, 'b');
  assert.throws(() => texts.get('d'), /not sent in full/);
  part('d', 2, 'c');
  assert.equal(texts.get('d'), 'abc');
});

test('who sends the same text at the same time does not spoil it for the other', async () => {
  const texts = new SentTexts();
  const content = 'all of it; '.repeat(textScoringLimits.partLength);
  const scorer = {
    send: (message: ToScorer) => {
      assert.equal(message.kind, 'textPart');
      if (message.kind === 'textPart') texts.add(message);
    },
  };
  const text = await sentText(content);
  await Promise.all([sendText(scorer, text), sendText(scorer, text), sendText(scorer, text)]);
  assert.ok(texts.get(text.id) === content);
});

test('what is remembered comes back as it was, is bounded, and is nothing when it is broken', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'chainrule-test-'));
  folders.push(folder);
  const scores = (tokens: number): TextScores => ({
    starts: Int32Array.from({ length: tokens + 1 }, (_, i) => i),
    bits: Float32Array.from({ length: tokens }, (_, i) => i / 3),
    entropy: new Float32Array(tokens).fill(2),
    rank: new Int32Array(tokens).fill(7),
    totalBits: 1.25,
    numBytes: tokens,
  });
  for (const [i, key] of ['one', 'two', 'three'].entries()) {
    await rememberScores(folder, key, scores(i + 3), { files: 2, bytes: 10_000 });
  }
  assert.deepEqual(await recallScores(folder, 'three'), scores(5));
  const names = readdirSync(path.join(folder, 'likelihoods'));
  assert.equal(names.length, 2);
  for (const name of names) writeFileSync(path.join(folder, 'likelihoods', name), 'broken');
  assert.equal(await recallScores(folder, 'three'), undefined);
  assert.equal(await recallScores('', 'three'), undefined);
  await rememberScores(folder, 'four', scores(5000), { files: 2, bytes: 10_000 });
  assert.equal(await recallScores(folder, 'four'), undefined);
});
