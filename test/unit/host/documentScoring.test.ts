// Documents that are edited while they are scored, over the scorer's wire and a model in plain numbers whose distributions depend on all of
// their context: whatever is edited, in the end every number is that of a fresh score.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { UserError } from '../../../src/base/errors.ts';
import { Random } from '../../../src/base/random.ts';
import { bytesCodec } from '../../../src/codecs/bytes.ts';
import { utf8 } from '../../../src/codecs/text.ts';
import type { TextModel } from '../../../src/engine/loadModel.ts';
import type { ModelShelf } from '../../../src/host/modelShelf.ts';
import { startScorerRole } from '../../../src/host/scorerRole.ts';
import { bitsOf, surprisals, wholeText } from '../../../src/likelihood/bits.ts';
import type { TextRange } from '../../../src/protocol/documentScoringMessages.ts';
import { type FromScorer, readFromScorer, type ToScorer } from '../../../src/protocol/scorerMessages.ts';
import { modelOf } from '../engine/plainModels.ts';
import { ManualClock } from '../manualClock.ts';
import { until } from '../until.ts';

const codec = bytesCodec();
afterEach(() => assert.deepEqual(liveObjects(), {}));

type Spans = Extract<FromScorer, { kind: 'documentSpans' }>;
type Summary = Extract<FromScorer, { kind: 'documentSummary' }>;

/** Each row depends on the whole of its history. */
function memoryModel(contextLength: number, beforeStep = (_: number) => {}) {
  const distribution = (history: readonly number[], row: Float32Array) => {
    let hash = 7;
    for (const symbol of history) hash = (hash * 31 + symbol) % 9973;
    let sum = 0;
    for (let v = 0; v < row.length; v++) {
      row[v] = ((hash * (v + 3)) % 101) / 10;
      sum += Math.exp(row[v]!);
    }
    for (let v = 0; v < row.length; v++) row[v]! -= Math.log(sum);
  };
  return modelOf(codec.vocabulary, contextLength, distribution, beforeStep);
}

function started({ contextLength = 24, beforeStep = (_: number) => {} } = {}) {
  const model = memoryModel(contextLength, beforeStep);
  const clock = new ManualClock();
  const sent: FromScorer[] = [];
  let receive: (value: unknown) => void = () => undefined;
  let missing = false;
  const shelf = {
    threads: 1,
    withText: async (_: string, work: (loaded: TextModel) => Promise<unknown>) => {
      if (missing) throw new UserError('/m: expected a model folder with a model.json, got none; choose another model');
      return work({ model, codec } as unknown as TextModel);
    },
  } as unknown as ModelShelf;
  startScorerRole(
    {
      send: (message) => sent.push(readFromScorer(message)),
      onMessage: (listener) => {
        receive = listener;
      },
      exit: () => undefined,
    },
    { shelf, clock },
  );
  const of = <Kind extends FromScorer['kind']>(kind: Kind) =>
    sent.filter((message): message is Extract<FromScorer, { kind: Kind }> => message.kind === kind);
  return {
    model,
    sent,
    of,
    send: (...messages: ToScorer[]) => {
      for (const message of messages) receive(message);
    },
    /** Lets go on what can, with or without idle time. */
    settle: async (idle = true) => {
      for (let quiet = 0; quiet < 6; quiet++) {
        const before = sent.length;
        if (idle) clock.advance(500);
        for (let turn = 0; turn < 40; turn++) await new Promise((resolve) => setImmediate(resolve));
        if (sent.length > before) quiet = 0;
      }
    },
    loseModel: () => {
      missing = true;
    },
    end: async () => {
      receive({ kind: 'closeDocument', document: 1 });
      for (let turn = 0; turn < 40; turn++) await new Promise((resolve) => setImmediate(resolve));
      model.dispose();
    },
  };
}

const open = (text: string, version = 0): ToScorer => ({
  ...{ kind: 'openDocument', document: 1, version, modelPath: '/m' },
  ...{ length: text.length, text },
});
const watch = (version: number, ranges: TextRange[], part: TextRange | null = null): ToScorer => ({
  ...{ kind: 'watchDocument', document: 1, version, ranges, part },
});

/** What an editor shows: spans by their place, for a text of one unit a symbol. */
class Shown {
  readonly bits = new Map<number, number>();

  take({ from, to, starts, lengths, bits }: Spans): void {
    for (let at = from; at < to; at++) this.bits.delete(at);
    for (const [i, start] of starts.entries()) {
      assert.equal(lengths[i], 1);
      assert.ok(start >= from && start < to);
      this.bits.set(start, bits[i]!);
    }
  }
}

for (const contextLength of [24, 7, Number.POSITIVE_INFINITY]) {
  test(`after any edits the numbers are those of a fresh score (context ${contextLength})`, async () => {
    const random = new Random(5);
    for (let round = 0; round < 4; round++) {
      const host = started({ contextLength });
      let text = Array.from({ length: 60 }, () => 'ab c\nd'[random.nextInteger(6)]).join('');
      let version = 0;
      host.send(open(text), watch(0, [{ start: 0, end: text.length }]));
      for (let step = 0; step < 12; step++) {
        const start = random.nextInteger(text.length + 1);
        const end = Math.min(text.length, start + random.nextInteger(4));
        const inserted = 'xyz\n'.slice(0, random.nextInteger(5));
        text = text.slice(0, start) + inserted + text.slice(end);
        version += 1;
        const edits = [{ start, end, text: inserted }];
        host.send({ kind: 'changeDocument', document: 1, version, length: text.length, edits });
        // Sometimes nobody waits, sometimes what is seen is waited for, sometimes all.
        const wait = random.nextInteger(3);
        if (wait > 0) await host.settle(wait > 1);
      }
      host.send(watch(version, [{ start: 0, end: text.length }]));
      await host.settle();
      const symbols = wholeText(codec, utf8(text));
      const { surprisal } = await surprisals(host.model, symbols);
      const shown = new Shown();
      for (const spans of host.of('documentSpans')) if (spans.version === version) shown.take(spans);
      for (const [i, nats] of surprisal.subarray(0, text.length).entries()) {
        const bits = shown.bits.get(i);
        assert.ok(bits !== undefined && Math.abs(bits * Math.LN2 - nats) < 1e-4, `symbol ${i}: ${bits}, ${nats}`);
      }
      const last = host.of('documentSummary').at(-1)!;
      assert.equal(last.version, version);
      assert.deepEqual([last.exactSymbols, last.symbols, last.bytes], [symbols.length, symbols.length, text.length]);
      const { bits } = await bitsOf(host.model, symbols);
      assert.ok(Math.abs(last.bits - bits) <= 1e-6 * bits, `${last.bits} is not ${bits}`);
      assert.deepEqual(host.of('reopenDocument'), []);
      await host.end();
    }
  });
}

test('what is watched comes first, by a short context, and idle work only when it is quiet', async () => {
  const host = started({ contextLength: 16 });
  const text = 'abcdefgh'.repeat(20);
  host.send(open(text), watch(0, [{ start: 100, end: 110 }]));
  await host.settle(false);
  const covered = host.of('documentSpans').filter(({ starts }) => starts.length > 0);
  assert.deepEqual([covered[0]!.from, covered.at(-1)!.to], [100, 110]);
  assert.ok(host.of('documentSummary').every(({ exactSymbols }) => exactSymbols === 0));
  // Half of the context before it, as if the text began there.
  const near = await surprisals(host.model, wholeText(codec, utf8(text)).subarray(92, 108));
  for (const { starts, bits } of covered.slice(0, 1)) {
    for (const [i, start] of starts.entries()) {
      assert.ok(Math.abs(bits[i]! * Math.LN2 - near.surprisal[start - 92]!) < 1e-4);
    }
  }
  await host.settle();
  const last = host.of('documentSummary').at(-1)!;
  assert.equal(last.exactSymbols, text.length + 1);
  await host.end();
});

test('an edit while the eyes wait: what lies before it is told, what follows is made anew', async () => {
  let edit: (() => void) | undefined;
  const host = started({
    contextLength: 400,
    beforeStep: () => {
      edit?.();
      edit = undefined;
    },
  });
  const text = 'abcdefgh'.repeat(10);
  host.send(open(text), watch(0, [{ start: 10, end: 60 }]));
  edit = () => {
    const edits = [{ start: 30, end: 30, text: '!' }];
    host.send({ kind: 'changeDocument', document: 1, version: 1, length: text.length + 1, edits });
  };
  await host.settle(false);
  for (const spans of host.of('documentSpans')) {
    assert.ok(spans.version === 1 || spans.starts.length === 0, 'a number of the text before the edit');
  }
  const shown = new Shown();
  for (const spans of host.of('documentSpans')) shown.take(spans);
  const after = `${text.slice(0, 30)}!${text.slice(30)}`;
  const { surprisal } = await surprisals(host.model, wholeText(codec, utf8(after)));
  for (let at = 10; at < 61; at++) assert.ok(Math.abs(shown.bits.get(at)! * Math.LN2 - surprisal[at]!) < 1e-4, `${at}`);
  await host.end();
});

test('a part of a text has sums of its own, and nothing behind it is scored', async () => {
  const host = started();
  const text = 'abcdefgh'.repeat(10);
  host.send(open(text), watch(0, [{ start: 10, end: 20 }], { start: 10, end: 20 }));
  await host.settle();
  const last: Summary = host.of('documentSummary').at(-1)!;
  assert.deepEqual([last.exactSymbols, last.symbols, last.bytes], [10, 10, 10]);
  const { surprisal } = await surprisals(host.model, wholeText(codec, utf8(text)));
  const bits = surprisal.subarray(10, 20).reduce((sum, nats) => sum + nats / Math.LN2, 0);
  assert.ok(Math.abs(last.bits - bits) < 1e-4 * bits);
  await host.end();
});

test('who points at a place does not wait for long work that was asked for before', async () => {
  const host = started();
  const text = 'abcdefgh'.repeat(50);
  host.send(open('abc'));
  await host.settle();
  const submitted = { type: 'text', text, path: '', maxTokens: 0 } as const;
  host.send(
    { kind: 'scoreSubmission', request: 1, modelPath: '/m', roots: [], ...submitted },
    { kind: 'placeInDocument', request: 2, document: 1, version: 0, offset: 1 },
  );
  await until('both answers', () => host.of('place').length + host.of('scoredSubmission').length === 2);
  assert.deepEqual(
    host.sent.flatMap(({ kind }) => (kind === 'place' || kind === 'scoredSubmission' ? [kind] : [])),
    ['place', 'scoredSubmission'],
  );
  await host.end();
});

test('a place: its surprisal, its rank and the likeliest alternatives; going on from one of them', async () => {
  const host = started();
  const text = 'abcdefgh'.repeat(10);
  host.send(open(text));
  host.send({ kind: 'placeInDocument', request: 1, document: 1, version: 0, offset: 50 });
  await host.settle();
  const [place] = host.of('place');
  assert.ok(place);
  const symbols = wholeText(codec, utf8(text));
  const { surprisal, rank } = await surprisals(host.model, symbols, { rank: true });
  assert.deepEqual([place.start, place.end, place.rank, place.vocabularySize], [50, 51, rank![50], 262]);
  assert.ok(Math.abs(place.bits * Math.LN2 - surprisal[50]!) < 1e-4);
  assert.equal(place.alternatives.length, 10);
  const bits = place.alternatives.map((one) => one.bits);
  assert.deepEqual(
    bits,
    bits.toSorted((a, b) => a - b),
  );
  const chosen = place.alternatives.find(({ isText }) => isText);
  if (chosen) {
    const { symbol } = chosen;
    host.send({
      ...{ kind: 'continueDocument', request: 2, document: 1, version: 0, start: 50 },
      ...{ symbol, maxSymbols: 8 },
    });
    await host.settle();
    assert.equal(host.of('continued').length, 1);
    assert.doesNotMatch(host.of('continued')[0]!.text, /[\r\n]/);
  }
  host.send(
    { kind: 'continueDocument', request: 3, document: 1, version: 0, start: 50, symbol: 257, maxSymbols: 8 },
    { kind: 'placeInDocument', request: 4, document: 1, version: 7, offset: 0 },
    { kind: 'placeInDocument', request: 5, document: 2, version: 0, offset: 0 },
    { kind: 'placeInDocument', request: 6, document: 1, version: 0, offset: 80 },
  );
  await host.settle();
  assert.deepEqual(
    host
      .of('failed')
      .map(({ request, reason }) => `${request} ${reason.slice(0, 24)}`)
      .toSorted(),
    ['3 expected a symbol that is', '4 The text changed meanwhile', '5 The text changed meanwhile'].map((one) =>
      one.slice(0, 26),
    ),
  );
  assert.deepEqual(host.of('place').at(-1)!.start, 80, 'the end of the text is a place, too');
  await host.end();
});

test('a text that comes in pieces, an empty one, and what does not fit together', async () => {
  const host = started();
  host.send({ kind: 'openDocument', document: 1, version: 3, modelPath: '/m', length: 6, text: 'abc' });
  await host.settle();
  assert.deepEqual(host.sent, []);
  host.send({ kind: 'documentPiece', document: 1, text: 'def' }, watch(3, [{ start: 0, end: 6 }]));
  await host.settle();
  assert.equal(host.of('documentSummary').at(-1)!.symbols, 7);
  host.send(open(''), watch(0, [{ start: 0, end: 0 }]));
  await host.settle();
  const { symbols, exactSymbols, bytes, marks, unusual } = host.of('documentSummary').at(-1)!;
  assert.deepEqual([symbols, exactSymbols, bytes, marks, unusual], [1, 1, 0, [], []]);
  const gaps: ToScorer[] = [
    { kind: 'changeDocument', document: 1, version: 5, length: 1, edits: [{ start: 0, end: 0, text: 'a' }] },
    { kind: 'changeDocument', document: 9, version: 1, length: 1, edits: [] },
    { kind: 'documentPiece', document: 9, text: 'a' },
  ];
  host.send(...gaps, open('abc'));
  host.send({ kind: 'changeDocument', document: 1, version: 1, length: 9, edits: [{ start: 0, end: 0, text: 'a' }] });
  host.send(open('abc'));
  host.send({ kind: 'changeDocument', document: 1, version: 1, length: 3, edits: [{ start: 7, end: 8, text: 'a' }] });
  assert.deepEqual(
    host.of('reopenDocument').map(({ document }) => document),
    [1, 9, 9, 1, 1],
  );
  await host.end();
});

test('a model that is gone: told once, and nothing more until the document is opened anew', async () => {
  const host = started();
  host.send(open('abcdef'), watch(0, [{ start: 0, end: 6 }]));
  await host.settle();
  host.loseModel();
  host.send({ kind: 'changeDocument', document: 1, version: 1, length: 7, edits: [{ start: 0, end: 0, text: 'x' }] });
  await host.settle();
  assert.match(host.of('documentFailed')[0]!.reason, /choose another model/);
  const { length } = host.sent;
  host.send({ kind: 'changeDocument', document: 1, version: 2, length: 8, edits: [{ start: 0, end: 0, text: 'x' }] });
  await host.settle();
  assert.equal(host.sent.length, length);
  await host.end();
});

test('a document that is closed or opened anew in the middle says nothing more of what it was', async () => {
  const host = started({ contextLength: 400 });
  host.send(open('abcdefgh'.repeat(30)), watch(0, [{ start: 0, end: 200 }]));
  host.send({ kind: 'closeDocument', document: 1 });
  await host.settle();
  assert.deepEqual(host.sent, []);
  for (let document = 1; document <= 17; document++) {
    host.send({ kind: 'openDocument', document, version: 0, modelPath: '/m', length: 1, text: 'a' });
  }
  assert.deepEqual(
    host.of('documentFailed').map(({ document }) => document),
    [17],
  );
  await host.settle();
  for (let document = 2; document <= 16; document++) host.send({ kind: 'closeDocument', document });
  await host.end();
});
