// Rows are well formed whatever is drawn: sequences of the two layouts, packed full, every middle whole and where it was cut out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../src/base/random.ts';
import { bytesCodec } from '../../../src/codecs/bytes.ts';
import { headerSymbols } from '../../../src/codecs/layout.ts';
import { type Corpus, type CorpusDocument, corpusOf, extensionOf } from '../../../src/train/corpus.ts';
import { defaultMix, RowSampler } from '../../../src/train/rowSampler.ts';

const codec = bytesCodec();
const { start, end, file, prefix, suffix, middle } = codec.specials as Required<typeof codec.specials>;

function documentOf(path: string, text: string): CorpusDocument {
  const narrow = (symbols: Int32Array) => Uint16Array.from(symbols);
  const header = narrow(headerSymbols(codec, path));
  return { path, extension: extensionOf(path), header, symbols: narrow(codec.encodeText(text)) };
}

/** Every line differs from every other, so that a piece of text has one place. */
function numberedLines(name: string, count: number): string {
  return Array.from({ length: count }, (_, i) => `${name} line ${i};\n`).join('');
}

const corpus = corpusOf([
  documentOf('src/long.ts', numberedLines('long', 200)),
  documentOf('a/b/short.py', numberedLines('short', 6)),
  documentOf('tiny.md', 'x\n'),
]);
const time = 255;

function rowsOf(seed: number, count: number, data: Corpus = corpus): Int32Array[] {
  const sampler = new RowSampler(data, codec, defaultMix, new Random(seed));
  return Array.from({ length: count }, () => {
    const row = new Int32Array(time + 1).fill(-1);
    sampler.fill(row);
    return row;
  });
}

interface Sequence {
  readonly path: string | undefined;
  readonly body: readonly number[];
  readonly ended: boolean;
}

function sequencesOf(row: Int32Array): Sequence[] {
  const starts = [...row.keys()].filter((i) => row[i] === start);
  assert.equal(starts[0], 0);
  return starts.map((from, i) => {
    let body = [...row.subarray(from + 1, starts[i + 1] ?? row.length)];
    const ended = body.at(-1) === end;
    if (ended) body = body.slice(0, -1);
    if (body[0] !== file) return { path: undefined, body, ended };
    const lineEnd = body.indexOf(10);
    if (lineEnd < 0) return { path: undefined, body: [], ended };
    return { path: codec.decodeText(Int32Array.from(body.slice(1, lineEnd))), body: body.slice(lineEnd + 1), ended };
  });
}

const textOf = (symbols: readonly number[]) => codec.decodeText(Int32Array.from(symbols));
const texts = corpus.documents.map(({ symbols }) => textOf([...symbols]));

test('rows are full, all sequences but the last are ended, and plain ones are windows from line starts', () => {
  for (const row of rowsOf(1, 200)) {
    assert.ok(row.every((symbol) => symbol >= 0));
    const sequences = sequencesOf(row);
    for (const { body, ended, path } of sequences.filter(({ body }) => !body.includes(suffix))) {
      const window = textOf(body);
      const lastLine = (text: string) => text.slice(text.lastIndexOf('\n', text.length - 2) + 1);
      const source = texts.find((text) => `\n${text}`.includes(`\n${window}`) || lastLine(text).includes(window));
      assert.ok(source !== undefined, `no line of a document starts ${JSON.stringify(window)}`);
      const nearFile = path !== undefined && source.startsWith(window) && window.endsWith('\n');
      assert.ok(ended || nearFile || sequences.at(-1)?.body === body, 'an open sequence that is not the last');
      if (ended) assert.ok(source.endsWith(window), 'an end that is not the end of the document');
      if (path !== undefined && window)
        assert.equal(texts[corpus.documents.findIndex((one) => one.path === path)], source);
    }
  }
});

test('a middle is whole, stands where it was cut out, and mostly reaches to the end of its line', () => {
  let holes = 0;
  let toLineEnd = 0;
  let empty = 0;
  let wholeLines = 0;
  for (const row of rowsOf(2, 300)) {
    for (const { body, ended } of sequencesOf(row).filter(({ body }) => body.includes(suffix))) {
      holes++;
      assert.ok(ended, 'a middle that the end of the row cuts off');
      const [s, p, m] = [body.indexOf(suffix), body.indexOf(prefix), body.indexOf(middle)];
      assert.ok(s === 0 && p > s && m > p, 'suffix, prefix, middle in this order');
      const before = textOf(body.slice(p + 1, m));
      const hole = textOf(body.slice(m + 1));
      const after = textOf(body.slice(s + 1, p));
      assert.ok(
        texts.some((text) => text.includes(before + hole + after)),
        'prefix, middle and suffix do not join to a piece of a document',
      );
      if (hole === '') empty++;
      // One of lines begins with the line feed before them.
      if (hole.startsWith('\n')) wholeLines++;
      if (!hole.replace(/^\n/u, '').includes('\n') && (after.startsWith('\n') || after === '')) toLineEnd++;
    }
  }
  assert.ok(holes > 100, `${holes} holes in 300 rows`);
  assert.ok(toLineEnd / holes > 0.5 && toLineEnd / holes < 0.95, `${toLineEnd} of ${holes} holes end with their line`);
  assert.ok(empty / holes < 0.1, `${empty} of ${holes} holes are empty`);
  assert.ok(wholeLines / holes > 0.3 && wholeLines / holes < 0.6, `${wholeLines} of ${holes} holes are of lines`);
});

test('half of the sequences have a hole and three quarters tell their path', () => {
  const one = corpusOf([corpus.documents[0]!]);
  // A row of this document begins with a sequence that no earlier one has left little room.
  const firsts = rowsOf(3, 400, one).map((row) => sequencesOf(row)[0]!);
  const share = (holds: (sequence: Sequence) => boolean) => firsts.filter(holds).length / firsts.length;
  assert.ok(Math.abs(share(({ path }) => path === 'src/long.ts') - 0.75) < 0.08);
  assert.ok(Math.abs(share(({ body }) => body.includes(suffix)) - 0.5) < 0.1);
});

test('near files come before the one drawn, each from its beginning with its path, and leave it half of the row', () => {
  const data = corpusOf(Array.from({ length: 30 }, (_, i) => documentOf(`f${i}.ts`, numberedLines(`f${i}x`, 40))));
  const mix = { infill: 0, header: 1, neighbors: 1, lineHoles: 0 };
  const sampler = new RowSampler(data, codec, mix, new Random(9));
  let checked = 0;
  for (let i = 0; i < 50; i++) {
    const row = new Int32Array(time + 1);
    sampler.fill(row);
    const sequences = sequencesOf(row);
    // After a document's end another is drawn, and the room for its neighbors is less.
    if (sequences.some(({ ended }) => ended)) continue;
    checked++;
    const near = sequences.slice(0, -1);
    const drawn = Number(sequences.at(-1)!.path!.slice(1, -3));
    assert.ok(near.length >= 1 && near.length <= 3);
    for (const { path, body } of near) {
      const other = Number(path!.slice(1, -3));
      assert.ok(other !== drawn && Math.abs(other - drawn) <= 6);
      assert.ok(numberedLines(`f${other}x`, 40).startsWith(textOf(body)) && textOf(body).endsWith('\n'));
    }
    assert.ok(row.lastIndexOf(start) <= row.length / 2);
  }
  assert.ok(checked > 20, `${checked} of 50 rows`);
});

test('the same seed draws the same rows, and a saved state continues them', () => {
  assert.deepEqual(rowsOf(7, 5), rowsOf(7, 5));
  assert.notDeepEqual(rowsOf(7, 5), rowsOf(8, 5));
  const random = new Random(7);
  const sampler = new RowSampler(corpus, codec, defaultMix, random);
  const row = new Int32Array(time + 1);
  for (let i = 0; i < 2; i++) sampler.fill(row);
  const resumed = new RowSampler(corpus, codec, defaultMix, new Random(random.state));
  resumed.fill(row);
  assert.deepEqual(row, rowsOf(7, 3)[2]);
});

test('a language of a hundredth of the size is drawn more often than that', () => {
  const many = Array.from({ length: 100 }, (_, i) => documentOf(`${i}.c`, numberedLines('c', 20)));
  const data = corpusOf([...many, documentOf('one.rs', numberedLines('r', 20))]);
  const sequences = rowsOf(4, 600, data).flatMap(sequencesOf);
  const rust = sequences.filter(({ body }) => textOf(body).includes('r line')).length;
  // 1 / 101 by size; about 0.04 with the temper.
  assert.ok(rust / sequences.length > 0.02, `${rust} of ${sequences.length}`);
});

test('a codec without symbols for holes gets plain text only', () => {
  const {
    prefix: _,
    suffix: __,
    middle: ___,
    file: ____,
    ...specials
  } = codec.specials as Required<typeof codec.specials>;
  const plain = { ...codec, specials };
  const sampler = new RowSampler(corpus, plain, defaultMix, new Random(1));
  const row = new Int32Array(time + 1);
  for (let i = 0; i < 20; i++) {
    sampler.fill(row);
    assert.ok(!row.includes(middle));
  }
});
