import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../src/base/random.ts';
import { buildPrompt } from '../../../src/completion/prompt.ts';
import { codecs } from './scripted.ts';

const [bytes, bpe] = codecs;

/** Symbols as text, special ones by their part in the layout. */
function shown(codec: (typeof codecs)[number], symbols: Int32Array): string {
  const roles = new Map(Object.entries(codec.specials).map(([role, symbol]) => [symbol, `<${role}>`]));
  let text = '';
  let run: number[] = [];
  const flush = () => {
    text += codec.decodeText(Int32Array.from(run));
    run = [];
  };
  for (const symbol of symbols) {
    const role = roles.get(symbol);
    if (role === undefined) run.push(symbol);
    else {
      flush();
      text += role;
    }
  }
  flush();
  return text;
}

function check(codec: typeof bytes, before: string, after: string, expected: string, budget = 1000, path = 'a.ts') {
  const { symbols, typed } = buildPrompt(codec!, { path, before, after }, budget);
  assert.equal(`${shown(codec!, symbols)}~${codec!.decodeText(codec!.encode(typed))}`, expected);
  assert.ok(symbols.length + typed.length <= budget || codec!.kind === 'bpe');
}

test('layouts: a document, or a hole where something follows', () => {
  check(bytes, 'let x = ', '', '<start><file>a.ts\nlet x = ~');
  check(bytes, 'let x = ', ' \n\n', '<start><file>a.ts\nlet x = ~');
  check(bytes, 'f(', ');\n', '<start><file>a.ts\n<suffix>);\n<prefix><middle>f(~');
  check(bytes, '', '', '<start>~', 1000, '');
  check(bpe, 'let x = ', '', '<start><file>a.ts\nlet x =~ ');
  check(bpe, 'console.lo', ');', '<start><file>a.ts\n<suffix>);<prefix><middle>console~.lo');
  check(bpe, '', '}', '<start><file>a.ts\n<suffix>}<prefix><middle>~');
});

test('a codec without marks for a hole shows what comes before it only', () => {
  const { start, end } = codecs[0]!.specials;
  const codec = { ...codecs[0]!, specials: { start, end } };
  check(codec, 'abc', 'def', '<start>abc~');
});

test('the hole begins where the line does, or at a place in a long line that stays for a while', () => {
  check(bytes, 'a;\n  b = ', ';', '<start><file>a.ts\n<suffix>;<prefix>a;<middle>\n  b = ~');
  check(bpe, 'if (a) {\n  ', '}', '<start><file>a.ts\n<suffix>}<prefix><middle>if (a) {~\n  ');
  check(bpe, 'let a;\nif (a) {\n  ', '}', '<start><file>a.ts\n<suffix>}<prefix>let a;<middle>\nif (a) {~\n  ');
  for (const length of [128, 150, 191]) {
    const expected = `<start><file>a.ts\n<suffix>;<prefix>${'x'.repeat(64)}<middle>${'x'.repeat(length - 64)}~`;
    check(bytes, 'x'.repeat(length), ';', expected);
  }
});

test('indentation is healed as one piece, a word as one piece, digits one by one', () => {
  check(bpe, 'if (a) {\n  ', '', '<start><file>a.ts\nif (a) {~\n  ');
  check(bpe, 'if (a) {\n\n\n       ', '', '<start><file>a.ts\nif (a) {~\n\n\n       ');
  check(bpe, 'x = 123', '', '<start><file>a.ts\nx = 12~3');
  check(bpe, 'a.zq', '', '<start><file>a.ts\na~.zq');
  check(bpe, 'x = zq', '', '<start><file>a.ts\nx =~ zq');
  check(bpe, 'getZq', '', '<start><file>a.ts\nget~Zq');
  check(bpe, 'x = ((', '', '<start><file>a.ts\nx =~ ((');
});

test('line ends are shown to the model as it learned them', () => {
  check(bytes, 'a\r\nb', 'c\r\nd', '<start><file>a.ts\n<suffix>c\nd<prefix>a<middle>\nb~');
});

test('a small budget: no path, less text, never more than it', () => {
  for (const codec of codecs) {
    for (let budget = 2; budget < 40; budget++) {
      const source = { path: 'src/some/path.ts', before: 'const y = foo(bar);\n'.repeat(9), after: ');\n'.repeat(20) };
      const { symbols } = buildPrompt(codec, source, budget);
      assert.ok(symbols.length <= budget, `${codec.kind}: ${symbols.length} symbols for a budget of ${budget}`);
    }
  }
});

test('the window begins at a line start', () => {
  const line = 'const y = foo(bar, [1, 2, 3]);\n';
  for (const codec of codecs) {
    const { symbols } = buildPrompt(codec, { path: '', before: line.repeat(100), after: '' }, 200);
    assert.ok(shown(codec, symbols).startsWith('<start>const y'), codec.kind);
    assert.ok(symbols.length > 100, 'most of the budget is used');
  }
});

test('typing leaves most of the prompt as it was, also where the window slides', () => {
  const random = new Random(4);
  const words = ['const', 'y', '=', 'foo', '(bar)', ';\n', '\n  ', 'return', '1', '日本', '🙂'];
  for (const codec of codecs) {
    let before = 'const y = foo(bar, [1, 2, 3]);\n'.repeat(200);
    let previous: readonly number[] = [];
    let known = 0;
    let asked = 0;
    const rounds = 300;
    for (let i = 0; i < rounds; i++) {
      before += words[random.nextInteger(words.length)]!;
      const { symbols } = buildPrompt(codec, { path: 'a.ts', before, after: ');\n}\n' }, 400);
      const differs = symbols.findIndex((symbol, at) => symbol !== previous[at]);
      known += differs < 0 ? symbols.length : differs;
      asked += symbols.length;
      previous = [...symbols];
    }
    assert.ok(known > 0.93 * asked, `${codec.kind}: ${known} of ${asked} symbols were known`);
  }
});

test('ten million characters in one line: only a window is encoded', () => {
  for (const unit of ['a', '🙂', '\u0000', ' ', '\n', '\r\n']) {
    const long = unit.repeat(10_000_000 / unit.length);
    for (const codec of codecs) {
      let encoded = 0;
      const counting = {
        ...codec,
        encodeText: (text: string) => {
          encoded += text.length;
          assert.doesNotMatch(text, /\p{Surrogate}/u, 'no surrogate pair is split');
          return codec.encodeText(text);
        },
      };
      const { symbols } = buildPrompt(counting, { path: 'a.ts', before: long, after: long }, 256);
      assert.ok(encoded < 256 * 30, `${codec.kind}: ${encoded} characters encoded`);
      assert.ok(symbols.length <= 256);
    }
  }
});
