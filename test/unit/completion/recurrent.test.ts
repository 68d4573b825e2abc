// What is different where a model's context has no bound: it was trained on streams of text, so it is asked to continue text and
// never to fill a hole, and its prompt is bounded all the same. Its codec may have no symbols but start and end.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import type { SymbolId } from '../../../src/base/model.ts';
import { bytesCodec } from '../../../src/codecs/bytes.ts';
import type { TextCodec } from '../../../src/codecs/text.ts';
import { Completer, type CompleterOptions } from '../../../src/completion/completer.ts';
import { modelOf } from '../engine/plainModels.ts';
import { atCursor, completed, request, scriptedModel, stoppedClock } from './scripted.ts';

afterEach(() => assert.deepEqual(liveObjects(), {}));

const contextLength = Infinity;
const bytes = bytesCodec();
const { start, end } = bytes.specials;
const bare: TextCodec = { ...bytes, specials: { start, end } };

/** The first prompt that a model of unbounded context is asked with. */
async function promptFor(codec: TextCodec, text: string, options: Partial<CompleterOptions> = {}): Promise<SymbolId[]> {
  let prompt: readonly SymbolId[] = [];
  const model = modelOf(codec.vocabulary, contextLength, (history, row) => {
    prompt = history;
    row.fill(Math.log(0.1 / codec.vocabulary.size))[end] = Math.log(0.9);
  });
  const completer = new Completer({ model, codec }, { clock: stoppedClock, ...options });
  await completer.complete({ ...request, ...atCursor(text) });
  completer.dispose();
  model.dispose();
  return [...prompt];
}

test('what follows the cursor is no part of the prompt, and the path is where there is a symbol for it', async () => {
  assert.deepEqual(await promptFor(bare, 'let x = |;\nlet y;\n'), [start, ...bytes.encodeText('let x = ')]);
  assert.deepEqual(await promptFor(bytes, 'let x = |;\nlet y;\n'), [
    ...[start, bytes.specials.file, ...bytes.encodeText('src/a.ts\n')],
    ...bytes.encodeText('let x = '),
  ]);
});

test('a long text gives a prompt of bounded length that begins at a line and moves once in many lines', async () => {
  const maxPromptSymbols = 400;
  const lines = Array.from({ length: 500 }, (_, i) => `line ${i};\n`).join('');
  const begins = new Set<string>();
  for (let typed = 0; typed < 200; typed++) {
    const prompt = await promptFor(bare, `${lines}${'y'.repeat(typed)}|`, { maxPromptSymbols });
    assert.ok(prompt.length <= maxPromptSymbols);
    const text = bare.decodeText(Int32Array.from(prompt.slice(1)));
    assert.match(text, /^line \d+;\n/);
    begins.add(text.slice(0, text.indexOf('\n')));
  }
  assert.ok(begins.size <= 2, [...begins].join());
});

test('it suggests as any model does, and does not repeat what follows', async () => {
  for (const codec of [bytes, bare]) {
    assert.equal(await completed(codec, 'let x = |', '1;', { contextLength }), 'let x = [1;]');
    assert.equal(await completed(codec, 'foo(|);', 'x);', { contextLength }), 'foo([x]);');
    assert.equal(await completed(codec, 'let x| = 1', 'yz = 1;', { contextLength }), 'let x[yz] = 1');
    const block = '\n  return 1;\n}\n\nfunction g() {';
    assert.equal(
      await completed(codec, 'function f() {|', block, { contextLength }),
      'function f() {[\n  return 1;\n}]',
    );
  }
});

test('symbols of one byte are counted and judged as the less that they say', async () => {
  const rest = 'a'.repeat(20) + 'b'.repeat(20);
  const asked = { contextLength, maxSymbols: 10 };
  assert.equal(await completed(bare, 'let x = |', rest, asked), `let x = [${rest.slice(0, 33)}]`);
  const raw = { ...asked, options: { review: 'none' } as const };
  assert.equal(await completed(bare, 'let x = |', rest, raw), `let x = [${rest.slice(0, 10)}]`);

  const unsure = modelOf(bare.vocabulary, contextLength, (history, row) => {
    const next = bare.encodeText('let xy = one;\n')[history.length - 1] ?? end;
    row.fill(Math.log(0.3 / bare.vocabulary.size))[next] = Math.log(0.7); // 0.36 nats for a byte, 1.2 for what a BPE's symbol says
  });
  const completer = new Completer({ model: unsure, codec: bare }, { clock: stoppedClock });
  const result = await completer.complete({ ...request, ...atCursor('let x|') });
  assert.deepEqual(result, { kind: 'nothing', reason: 'improbable' });
  completer.dispose();
  unsure.dispose();
});

const wholeChunks = { maxBytes: 1e6, maxSequences: 4, chunkSymbols: 128 };

test('typing on asks for what is new', async () => {
  const runs: number[] = [];
  const text = 'const total = sum(items);\n';
  const model = scriptedModel(bare, [text.repeat(20)], { contextLength, beforeStep: (length) => runs.push(length) });
  const completer = new Completer(
    { model, codec: bare },
    { clock: stoppedClock, maxCachedSuggestions: 0, sequences: wholeChunks },
  );
  const ask = async (before: string) => {
    runs.length = 0;
    const result = await completer.complete({ ...request, before, after: '', maxSymbols: 2 });
    return { result, prefill: runs[0]! };
  };
  const before = `${text.repeat(3)}const to`;
  assert.equal((await ask(before)).prefill, 1 + before.length);
  const typed = await ask(`${before}t`);
  assert.ok(typed.result.kind === 'suggestion' && typed.result.text === 'al = su');
  assert.equal(typed.prefill, 1);
  completer.dispose();
  model.dispose();
});
