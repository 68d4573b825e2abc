// Streams lose nothing: every symbol of every document is a target once an epoch, in order, and a row goes on where the row
// before it in its slot ended, unless it says that it does not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../src/base/random.ts';
import { bytesCodec } from '../../../src/codecs/bytes.ts';
import { headerSymbols } from '../../../src/codecs/layout.ts';
import { type Corpus, type CorpusDocument, corpusOf } from '../../../src/train/corpus.ts';
import { heldOutStreams, openStreams } from '../../../src/train/streamRows.ts';

const codec = bytesCodec();
const { start, end } = codec.specials;

function documentOf(path: string, text: string): CorpusDocument {
  const narrow = (symbols: Int32Array) => Uint16Array.from(symbols);
  return {
    path,
    extension: '',
    header: narrow(headerSymbols(codec, path)),
    symbols: narrow(codec.encodeText(text)),
  };
}

function numbered(name: string, count: number): CorpusDocument {
  return documentOf(`${name}.txt`, Array.from({ length: count }, (_, i) => `${name}${i}\n`).join(''));
}

const corpus = corpusOf([numbered('a', 90), numbered('b', 7), numbered('c', 31), documentOf('empty', '')]);
const numStreamed = corpus.documents.reduce((sum, { symbols }) => sum + (symbols.length && symbols.length + 2), 0);

interface Filled {
  readonly row: Int32Array;
  readonly continues: boolean;
}

/** Batches from one source: [turn][slot]. */
function batches(source: ReturnType<typeof openStreams>, slots: number, time: number, count: number): Filled[][] {
  return Array.from({ length: count }, () =>
    Array.from({ length: slots }, (_, slot) => {
      const row = new Int32Array(time + 1).fill(-1);
      const continues = source.fill(slot, row);
      return { row, continues };
    }),
  );
}

function open(
  slots: number,
  seed: number,
  { headerShare = 0, position = undefined as readonly number[] | undefined } = {},
) {
  return openStreams(corpus, codec, { slots, random: new Random(seed), headerShare, position });
}

test('an epoch of one slot is every document, whole, between its start and its end, from anywhere in the circle', () => {
  const rows = batches(open(1, 3), 1, 16, Math.ceil(numStreamed / 16)).map(([filled]) => filled!);
  assert.deepEqual(
    rows.map(({ continues }) => continues),
    rows.map((_, turn) => turn > 0),
  );
  for (const [turn, { row }] of rows.entries()) {
    if (turn > 0) assert.equal(row[0], rows[turn - 1]!.row.at(-1), 'the next row begins with the last target');
  }
  const turned = [rows[0]!.row[0]!, ...rows.flatMap(({ row }) => [...row.subarray(1)])].slice(0, numStreamed);
  const stream = [...turned.slice(turned.indexOf(start)), ...turned.slice(0, turned.indexOf(start))];
  const texts = corpus.documents
    .filter(({ symbols }) => symbols.length > 0)
    .map(({ symbols }) => codec.decodeText(Int32Array.from(symbols)));
  const streamed: string[] = [];
  for (let at = 0; at < stream.length; ) {
    assert.equal(stream[at], start);
    const to = stream.indexOf(end, at);
    assert.ok(to > at);
    streamed.push(codec.decodeText(Int32Array.from(stream.slice(at + 1, to))));
    at = to + 1;
  }
  assert.deepEqual(streamed.toSorted(), texts.toSorted());
});

test('slots walk arcs of their own, begin anew with each epoch, and the order changes', () => {
  const [slots, time] = [3, 20];
  const turnsPerEpoch = Math.ceil(Math.floor(numStreamed / slots) / time);
  const turns = batches(open(slots, 4), slots, time, 2 * turnsPerEpoch);
  for (const [turn, filled] of turns.entries())
    for (const [slot, { row, continues }] of filled.entries()) {
      assert.ok(row.every((symbol) => symbol >= 0));
      assert.equal(continues, turn % turnsPerEpoch > 0);
      if (continues) assert.equal(row[0], turns[turn - 1]![slot]!.row.at(-1));
    }
  const epoch = (number: number) => turns.slice(number * turnsPerEpoch, (number + 1) * turnsPerEpoch).flat();
  const symbolsOf = (filled: Filled[]) => filled.flatMap(({ row }) => [...row]);
  assert.notDeepEqual(symbolsOf(epoch(0)), symbolsOf(epoch(1)));
});

test('the path is told before the share of documents that was asked for', () => {
  const many = corpusOf(Array.from({ length: 200 }, (_, i) => documentOf(`${i}.txt`, 'text')));
  const source = openStreams(many, codec, { slots: 1, random: new Random(1), headerShare: 0.5 });
  const row = new Int32Array(200 * 12);
  source.fill(0, row);
  const told = row.filter((symbol) => symbol === codec.specials.file).length;
  const all = row.filter((symbol) => symbol === start).length;
  assert.ok(told > 0.35 * all && told < 0.65 * all, `${told} of ${all}`);
});

test('same seed, same rows; a source goes on from a position as if it had not stopped', () => {
  const [slots, time] = [4, 12];
  const whole = batches(open(slots, 9, { headerShare: 0.5 }), slots, time, 60);
  assert.deepEqual(batches(open(slots, 9, { headerShare: 0.5 }), slots, time, 60), whole);
  for (const cut of [1, 17, 40]) {
    const before = open(slots, 9, { headerShare: 0.5 });
    batches(before, slots, time, cut);
    const { position } = before;
    const random = new Random(1);
    const after = openStreams(corpus, codec, { slots, random, headerShare: 0.5, position });
    assert.deepEqual(random.state, new Random(1).state, 'a position needs no draw');
    assert.deepEqual(batches(after, slots, time, 60 - cut), whole.slice(cut));
  }
});

test('documents shorter than a row go round; nothing to stream is refused', () => {
  const tiny: Corpus = corpusOf([documentOf('x', 'ab')]);
  const source = openStreams(tiny, codec, { slots: 8, random: new Random(1), headerShare: 0 });
  const row = new Int32Array(9);
  assert.equal(source.fill(0, row), false);
  assert.deepEqual(row.toSorted(), Int32Array.of(97, 97, 98, 98, start, start, end, end, row[0]!).toSorted());
  assert.equal(row[8], row[0]);
  assert.equal(source.fill(0, row), false);
  const nothing = corpusOf([documentOf('x', '')]);
  assert.throws(
    () => openStreams(nothing, codec, { slots: 1, random: new Random(1), headerShare: 0 }).fill(0, row),
    /not empty/,
  );
  assert.throws(() => open(2, 1, { position: [1, 2] }), /expected a position of 5 numbers, got 2/);
  assert.throws(() => source.fill(8, row), /slot below 8/);
});

test('held-out rows: the same every time, each slot in one piece, units are bytes of text', () => {
  const [batch, time] = [4, 16];
  const held = heldOutStreams(corpus, codec, batch, time);
  assert.deepEqual(heldOutStreams(corpus, codec, batch, time), held);
  assert.equal(held.rows.length % batch, 0);
  assert.equal(held.numTargets, held.rows.length * time);
  for (const [i, row] of held.rows.entries()) {
    assert.equal(held.continues[i], i >= batch);
    if (i >= batch) assert.equal(row[0], held.rows[i - batch]!.at(-1));
  }
  const special = held.rows
    .flatMap((row) => [...row.subarray(1)])
    .filter((symbol) => symbol === start || symbol === end);
  assert.equal(held.numUnits, held.numTargets - special.length);
  assert.ok(held.numTargets > 0.9 * numStreamed && held.numTargets <= numStreamed);
  assert.equal(heldOutStreams(corpusOf([documentOf('x', 'ab')]), codec, 2, 8).rows.length, 2);
});
