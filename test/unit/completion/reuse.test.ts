// What a keystroke costs, in symbols computed and not in time: of a prompt of hundreds hardly any, whatever the edit; and what was
// computed ahead costs nothing when it is asked for.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { CancelledError } from '../../../src/base/errors.ts';
import { Completer } from '../../../src/completion/completer.ts';
import { cuttableModelOf } from '../engine/plainModels.ts';
import { codecs, request, scriptedModel, stoppedClock } from './scripted.ts';

afterEach(() => assert.deepEqual(liveObjects(), {}));

const line = 'const y = foo(bar);\n';
const script = `${line.repeat(8)}let total = sum(items);\nreturn total;\n`;

/** Documents by name with a cursor each, over one completer that counts what its model computes. */
class Editor {
  readonly #codec = codecs[1]!;
  readonly #runs: number[] = [];
  readonly #model = scriptedModel(this.#codec, [script], {
    contextLength: 1024,
    make: cuttableModelOf,
    beforeStep: (length) => {
      this.#runs.push(length);
      this.onRun();
    },
  });
  readonly completer = new Completer(
    { model: this.#model, codec: this.#codec },
    {
      clock: stoppedClock,
      // What the model computes is counted: it alone says what comes.
      copies: 'none',
      sequences: { maxBytes: 1e6, maxSequences: 4, chunkSymbols: 64, speculation: 'never' },
    },
  );
  readonly #sides = new Map<string, { before: string; after: string }>();
  #name = '';
  onRun = (): void => {};

  open(name: string, before: string, after = ''): this {
    this.#name = name;
    if (!this.#sides.has(name)) this.#sides.set(name, { before, after });
    return this;
  }

  /** Removes `removed` characters before the cursor and types; `closed` is what the editor puts behind the cursor. */
  type(text: string, removed = 0, closed = ''): this {
    const sides = this.#sides.get(this.#name)!;
    sides.before = sides.before.slice(0, sides.before.length - removed) + text;
    sides.after = closed + sides.after;
    return this;
  }

  /** Over what is behind the cursor. */
  typeOver(length: number): this {
    const sides = this.#sides.get(this.#name)!;
    sides.before += sides.after.slice(0, length);
    sides.after = sides.after.slice(length);
    return this;
  }

  get request() {
    return { ...request, document: this.#name, path: `src/${this.#name}.ts`, ...this.#sides.get(this.#name)! };
  }

  /** What is suggested, and how many symbols were computed for it before the first was decoded; -1: no run at all. */
  async ask(): Promise<{ text: string; computed: number }> {
    this.#runs.length = 0;
    const result = await this.completer.complete(this.request);
    const computed = this.#runs.length === 0 ? -1 : this.#prefilled();
    return { text: result.kind === 'suggestion' ? result.text : `(${result.reason})`, computed };
  }

  async computed(work: () => Promise<void>): Promise<number> {
    this.#runs.length = 0;
    await work();
    return this.#runs.reduce((sum, length) => sum + length, 0);
  }

  dispose(): void {
    this.completer.dispose();
    this.#model.dispose();
  }

  #prefilled(): number {
    return this.#runs.filter((length) => length > 1).reduce((sum, length) => sum + length, 0);
  }
}

const after = `\n${line.repeat(6)}`;
/** A line of this script has about so many symbols. */
const lineSymbols = 16;

async function check(editor: Editor, what: string, atMost: number): Promise<void> {
  const { computed } = await editor.ask();
  assert.ok(computed <= atMost, `${what}: ${computed} symbols computed, expected at most ${atMost}`);
}

test('edits where the cursor is cost the few symbols around it', async () => {
  const editor = new Editor().open('a', `${line.repeat(6)}let tot`, after);
  assert.ok((await editor.ask()).computed > 80, 'cold: all of the prompt');
  await check(editor.type('a'), 'a letter', 2);
  await check(editor.type('l = sum'), 'more letters', 6);
  await check(editor.type('', 1), 'backspace', 2);
  await check(editor.type('m'), 'and again', 2);
  await check(editor.type('(', 0, ')'), 'a bracket that the editor closes', 4);
  await check(editor.type('x'), 'inside', 2);
  await check(editor.typeOver(1), 'the bracket typed over', 4);
  await check(editor.type(';\n'), 'a line feed moves the mark', lineSymbols);
  await check(editor.type('const s = "', 0, '"'), 'a quote that the editor closes', lineSymbols);
  await check(editor.type(' '.repeat(8), 11), 'a line removed', lineSymbols);
  editor.dispose();
});

test('places that were visited stay warm: in other files, and in the same', async () => {
  const editor = new Editor().open('a', `${line.repeat(6)}let tot`, after);
  await editor.ask();
  editor.open('b', `${line.repeat(5)}const z`, after);
  assert.ok((await editor.ask()).computed > 60, 'another file is another prompt');
  await check(editor.open('a', '').type('a'), 'back in the first', 2);
  await check(editor.open('b', '').type('z'), 'back in the second', 2);
  const [above, below] = [line.repeat(4), line.repeat(2)];
  editor.open('a, above', `${above}`, `${below}let tota${after}`);
  await editor.ask();
  await check(editor.open('a', '').type('l'), 'back below', 2);
  editor.dispose();
});

test('two documents of a few symbols do not cut each other back', async () => {
  const editor = new Editor();
  for (const name of ['a', 'b']) await editor.open(name, `${line.repeat(3)}let `).ask();
  await check(editor.open('a', '').type('t'), 'the first', 2);
  await check(editor.open('b', '').type('t'), 'the second', 2);
  editor.dispose();
});

test('what comes after the suggestion is there when it is accepted, and so is the next line', async () => {
  const editor = new Editor().open('a', `${line.repeat(8)}let total =`);
  const { text } = await editor.ask();
  assert.equal(text, ' sum(items);');
  assert.ok((await editor.computed(() => editor.completer.lookAhead(editor.request, text))) > 0);
  assert.equal((await editor.computed(() => editor.completer.lookAhead(editor.request, text))) < 5, true, 'once');
  editor.type(text);
  assert.equal((await editor.ask()).text, '(empty)', 'at the end of its line');
  editor.type('\n');
  assert.deepEqual(await editor.ask(), { text: 'return total;', computed: -1 });
  await check(editor.type('x'), 'something else', lineSymbols);
  editor.dispose();
});

test('what is computed ahead leaves the present place as warm as it was', async () => {
  const editor = new Editor().open('a', `${line.repeat(6)}let total =`, after);
  const { text } = await editor.ask();
  await editor.completer.lookAhead(editor.request, text);
  await editor.completer.prepare({ ...editor.request, before: `${line.repeat(2)}let ` });
  await check(editor.type(' s'), 'another way to go on', 2);
  assert.ok(editor.completer.sizeBytes > 0);
  editor.dispose();
});

test('a prepared place steps only what is typed there', async () => {
  const editor = new Editor().open('a', `${line.repeat(6)}let tot`, after);
  assert.ok((await editor.computed(() => editor.completer.prepare(editor.request))) > 80);
  assert.equal(await editor.computed(() => editor.completer.prepare(editor.request)), 0, 'it is warm already');
  await check(editor.type('a'), 'the first keystroke', 2);
  editor.dispose();
});

test('Enter between two brackets is prepared, since it changes all that follows', async () => {
  const editor = new Editor().open('a', `${line.repeat(6)}if (x) {`, `}${after}`);
  const { text } = await editor.ask();
  await editor.completer.lookAhead(editor.request, text);
  await check(editor.type('\n    ', 0, '\n'), 'the line between them', 4);
  editor.dispose();
});

test('work ahead ends where its signal says, and what it had computed is kept', async () => {
  const editor = new Editor().open('a', `${line.repeat(6)}let tot`, after);
  const controller = new AbortController();
  let runs = 0;
  editor.onRun = () => {
    runs += 1;
    if (runs === 1) controller.abort();
  };
  await assert.rejects(editor.completer.prepare(editor.request, controller.signal), CancelledError);
  assert.equal(runs, 1);
  const { computed } = await editor.ask();
  assert.ok(computed > 0 && computed < 80, `${computed}`);
  await assert.rejects(editor.completer.lookAhead(editor.request, 'x', AbortSignal.abort()), CancelledError);
  editor.dispose();
});
