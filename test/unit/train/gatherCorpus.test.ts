import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesCodec } from '../../../src/codecs/bytes.ts';
import { type Corpus, fingerprintOf, SymbolStore } from '../../../src/train/corpus.ts';
import { gatherCorpora, type SourceText } from '../../../src/train/gatherCorpus.ts';

const codec = bytesCodec();

async function* textsOf(names: readonly string[], content = (name: string) => `${name}\n`): AsyncGenerator<SourceText> {
  for (const name of names) yield { id: name, path: name, text: content(name) };
}

const names = Array.from({ length: 400 }, (_, i) => `src/part${i % 7}/file${i}.ts`);
const pathsOf = (corpus: Corpus | undefined) => (corpus?.documents ?? []).map(({ path }) => path);

test('one document in twenty is held out, none is on both sides, and none is lost', async () => {
  const { training, validation } = await gatherCorpora({ codec, texts: textsOf(names) });
  const held = pathsOf(validation);
  assert.ok(held.length > 8 && held.length < 40, `${held.length} of 400`);
  assert.deepEqual([...pathsOf(training), ...held].sort(), [...names].sort());
});

test('the split of a document does not depend on the others or on its content', async () => {
  const all = pathsOf((await gatherCorpora({ codec, texts: textsOf(names) })).validation);
  const half = names.filter((_, i) => i % 2 === 0);
  const some = pathsOf((await gatherCorpora({ codec, texts: textsOf(half, () => 'other text\n') })).validation);
  assert.deepEqual(
    some,
    all.filter((name) => half.includes(name)),
  );
});

test('of a few documents one is held out, of a single one the last tenth, at a line', async () => {
  const few = await gatherCorpora({ codec, texts: textsOf(['a', 'b', 'c']) });
  assert.equal(pathsOf(few.validation).length, 1);
  assert.equal(pathsOf(few.training).length, 2);

  const lines = Array.from({ length: 100 }, (_, i) => `line ${i}\n`).join('');
  const single = await gatherCorpora({ codec, texts: textsOf(['a'], () => lines) });
  const text = (corpus: Corpus) => codec.decodeText(Int32Array.from(corpus.documents[0]!.symbols));
  assert.ok(text(single.training).endsWith('\n'));
  assert.equal(text(single.training) + text(single.validation!), lines);
  assert.ok(Math.abs(single.validation!.numSymbols / lines.length - 0.1) < 0.02);

  const oneLine = await gatherCorpora({ codec, texts: textsOf(['a'], () => 'no line feed') });
  assert.equal(oneLine.validation, undefined);
});

test('a document that outweighs the others is cut, and the others are learnt from', async () => {
  const lines = Array.from({ length: 100 }, (_, i) => `line ${i}\n`).join('');
  const content = (name: string) => (name === 'large' ? lines : `${name}\n`);
  const { training, validation } = await gatherCorpora({ codec, texts: textsOf(['a', 'large', 'b'], content) });
  assert.deepEqual(pathsOf(training), ['a', 'large', 'b']);
  assert.deepEqual(pathsOf(validation), ['large']);
  assert.ok(Math.abs(validation!.numSymbols / lines.length - 0.1) < 0.02);
});

test('given validation data, nothing is held out', async () => {
  const corpora = await gatherCorpora({ codec, texts: textsOf(names), validationTexts: textsOf(['v']) });
  assert.equal(corpora.training.documents.length, names.length);
  assert.deepEqual(pathsOf(corpora.validation), ['v']);
});

test('data without text is refused, and so is more than fits', async () => {
  await assert.rejects(gatherCorpora({ codec, texts: textsOf([]) }), /the data holds no text/);
  await assert.rejects(
    gatherCorpora({ codec, texts: textsOf(['a']), validationTexts: textsOf([]) }),
    /the validation data holds no text/,
  );
  await assert.rejects(
    gatherCorpora({ codec, texts: textsOf(names), maxSymbols: 500 }),
    /more than 500 symbols.*raise that bound/,
  );
});

test('symbols are kept in two bytes each, in four for a large vocabulary, in chunks of bounded waste', () => {
  const symbols = Int32Array.from({ length: 300_000 }, (_, i) => i % 60_000);
  const narrow = new SymbolStore(60_000);
  const kept = Array.from({ length: 10 }, () => narrow.keep(symbols));
  assert.ok(kept.every((one) => one instanceof Uint16Array));
  assert.deepEqual(Int32Array.from(kept[9]!), symbols);
  const buffers = new Set(kept.map(({ buffer }) => buffer));
  const bytes = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
  assert.ok(bytes <= 1.5 * 2 * narrow.total, `${bytes} bytes for ${narrow.total} symbols`);
  assert.ok(new SymbolStore(70_000).keep(symbols) instanceof Int32Array);
});

test('the fingerprint sees content, paths and order', async () => {
  const of = async (list: readonly string[], content?: (name: string) => string) =>
    fingerprintOf(
      (await gatherCorpora({ codec, texts: textsOf(list, content), validationTexts: textsOf(['v']) })).training,
    );
  assert.equal(await of(['a', 'b']), await of(['a', 'b']));
  assert.notEqual(await of(['a', 'b']), await of(['b', 'a']));
  assert.notEqual(await of(['a', 'b']), await of(['a', 'b'], (name) => `${name}!`));
});
