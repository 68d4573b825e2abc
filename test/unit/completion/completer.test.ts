import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { Completer } from '../../../src/completion/completer.ts';
import { atCursor, codecs, completed, request, type Setting, scriptedModel, stoppedClock } from './scripted.ts';

afterEach(() => assert.deepEqual(liveObjects(), {}));

/** The model continues with what stands in the brackets, or with `says` where it says more than is to be shown. */
async function check(text: string, expected: string, { says, ...setting }: Setting & { says?: string } = {}) {
  const at = text.indexOf('|');
  const after = text.slice(at + 1);
  const shown = expected.slice(at + 1, expected.length - after.length - 1);
  for (const codec of codecs) {
    const actual = await completed(codec, text, says ?? shown.replaceAll('\r\n', '\n'), setting);
    assert.equal(actual, expected, codec.kind);
  }
}

test('a line is continued', async () => {
  await check('let x = |', 'let x = [1;]');
  await check('|', '[const a = 1;]');
  await check('const y = foo(|', 'const y = foo([bar);]', { says: 'bar);' });
  await check('for (const item of items|', 'for (const item of items[) {]');
  await check('x = 1\n\n\ny = |', 'x = 1\n\n\ny = [2]');
});

test('what was typed of a symbol is healed', async () => {
  await check('  retu|', '  retu[rn sum;]');
  await check('console.lo|', 'console.lo[g(total(items));]');
  await check('const y = foo(bar, [1, 2, 3]|', 'const y = foo(bar, [1, 2, 3][);]');
  await check('class A {\n    print() {\n   |', 'class A {\n    print() {\n   [     console.log("done");]');
  await check('class A {\n    print() {\n        |', 'class A {\n    print() {\n        [console.log("done");]');
  await check('let sum = 0;\n  |', 'let sum = 0;\n  [return sum;]');
  await check('let sum|', 'let sum[ = 0;]');
});

test('a single line stops at its end', async () => {
  await check('let x = |', 'let x = [1;]', { says: '1;\nlet y = 2;\n' });
  await check('let x = 1;|', 'empty', { says: '\nlet y = 2;' });
  await check('let x = |', 'let x = [1;\nlet y = 2;]', { multiline: 'always', says: '1;\nlet y = 2;\n\nz' });
});

test('a block goes on to its end', async () => {
  const says = '\n  return 1;\n}\n\nfunction g() {';
  await check('function f() {|', 'function f() {[\n  return 1;\n}]', { says });
  await check('function f() {|\n}', 'function f() {[\n  return 1;]\n}', { says });
  await check('function f() {|', 'empty', { says, multiline: 'never' });
  await check('def f():|', 'def f():[\n    return 1]', { languageId: 'python', says: '\n    return 1\nprint(2)' });
  await check('  if (a) {\n    |', '  if (a) {\n    [b();\n    c();]', { says: 'b();\n    c();\n  }\n' });
  await check('  if (a) {\n    |\n  }', '  if (a) {\n    [b();]\n  }', { says: 'b();\n  }\n' });
});

test('a suggestion never repeats what follows', async () => {
  await check('foo(|)', 'foo([x])', { says: 'x)' });
  await check('foo(|)', 'foo([x])', { says: 'x);' });
  await check('foo(|);', 'foo([x]);', { says: 'x);' });
  await check('say("|")', 'say("[hi]")', { says: 'hi")' });
  await check('say("|");', 'say("[hi]");', { says: 'hi");' });
  await check('say("|")', 'say("[hi]")', { says: 'hi");' });
  await check('a[|]', 'a[[i]]', { says: 'i] = 2;' });
  await check('f(a, |, c)', 'f(a, [b], c)', { says: 'b, c)' });
  await check('f([|])', 'f([[1, 2]])', { says: '1, 2]);' });
  await check('|\nreturn x;', 'alreadyThere', { says: 'return x;' });
  await check('let a = 1;\nlet |\nlet b = 2;', 'alreadyThere', { says: 'b = 2;' });
  await check('{\n  |\n}', '{\n  [x;]\n}', { says: 'x;\n}' });
  await check('x = {|}', 'x = {[ a: 1 ]}', { says: ' a: 1 }' });
  await check('foo(|)', 'alreadyThere', { says: ')' });
});

test('brackets that do not follow are closed', async () => {
  await check('foo(|', 'foo([x);]');
  await check('foo(bar(|)', 'foo(bar([x)])', { says: 'x))' });
  await check('class A {\n  f() {|\n}', 'class A {\n  f() {[\n    x;\n  }]\n}', { says: '\n    x;\n  }\n}' });
  await check('if (f(|) {', 'if (f([x)]) {', { says: 'x)) {' });
});

test('line ends and indentation are the document’s', async () => {
  await check('a;\r\nif (b) {|\r\n', 'a;\r\nif (b) {[\r\n  c;\r\n}]\r\n', { says: '\n  c;\n}\nd' });
  await check('a;\r\nlet |\r\n', 'a;\r\nlet [b = 1;]\r\n');
  const tabs = { insertSpaces: false, tabSize: 2 };
  await check('if (b) {|', 'if (b) {[\n\tc;\n}]', { says: '\n  c;\n}\n', indentation: tabs });
  await check('\tif (b) {|', '\tif (b) {[\n\t\tc;\n\t}]', { says: '\n\t\tc;\n\t}\n', indentation: tabs });
  const spaces = { insertSpaces: true, tabSize: 2 };
  await check('if (b) {|', 'if (b) {[\n  c;\n}]', { says: '\n\tc;\n}\n', indentation: spaces });
});

test('inside a word nothing is asked', async () => {
  await check('con|sole', 'insideWord', { says: 'x' });
  await check('con|.log()', 'con[sole].log()', { says: 'sole' });
  await check('größe|n', 'insideWord', { says: 'x' });
});

test('characters of several bytes stay whole', async () => {
  await check('say("|', 'say("[größe 日本 🙂");]');
  await check('// 日|', '// 日[本語]');
  await check('const 🙂|', 'const 🙂[ = 1;]');
  for (let maxSymbols = 1; maxSymbols < 12; maxSymbols++) {
    for (const codec of codecs) {
      const text = await completed(codec, 'x|', '🙂é日', { maxSymbols, contextLength: 64 });
      assert.match(text, /^(empty|x\[(🙂|🙂é|🙂é日)\])$/u, `${codec.kind}, ${maxSymbols} symbols`);
    }
  }
});

test('what no text holds ends a suggestion', async () => {
  await check('x = |', 'x = [1]', { says: '1\u0000;' });
  await check('x = |', 'notText', { says: '\u0007' });
  await check('a\u0000b = |', 'a\u0000b = [1]', { says: '1' });
});

test('loops are dropped, rulers are not', async () => {
  await check('x = |', 'repetition', { says: 'foo(foo(foo(foo(foo(foo(foo(foo(' });
  await check('x = {|', 'repetition', { says: '\n  a: 1,\n  a: 1,\n  a: 1,\n  b: 2' });
  await check('// |', '// [==============================]');
});

test('what is too improbable is dropped', async () => {
  await check('let x = |', 'improbable', { says: '1;', options: { minMeanLogProbNats: -0.05 } });
  await check('let x = |', 'let x = [1;]', { options: { minMeanLogProbNats: -0.2 } });
  const options = { minMeanLogProbNats: -0.05, minAskedMeanLogProbNats: -0.2 };
  await check('let x = |', 'let x = [1;]', { options, says: '1;', maxSuggestions: 2 });
});

test('raw: the continuation as the model makes it', async () => {
  const options = { review: 'none' as const };
  await check('foo(|)', 'foo([x);\nbar();\n\n\nfoo(foo(])', { options, multiline: 'unbounded' });
  await check('foo(|)', 'foo([x);])', { options, multiline: 'never', says: 'x);\nbar()' });
  await check('con|sole', 'con[sole.log(x)]sole', { options, multiline: 'never' });
  await check('let x = 1;|', 'let x = 1;[]', { options, multiline: 'never', says: '\nfoo' });
});

/** Up to three are asked for of a model that knows these continuations, the likeliest first. */
async function checkSeveral(text: string, says: readonly string[], expected: readonly string[], only = codecs) {
  const cursor = atCursor(text);
  for (const codec of only) {
    const model = scriptedModel(
      codec,
      says.map((one) => cursor.before + one),
    );
    const completer = new Completer({ model, codec }, { clock: stoppedClock, copies: 'none' });
    const result = await completer.complete({ ...request, ...cursor, maxSuggestions: 3 });
    completer.dispose();
    model.dispose();
    const texts = result.kind === 'suggestion' ? [result.text, ...result.alternatives] : [result.reason];
    assert.deepEqual(texts, expected, codec.kind);
  }
}

const [bytes, bpe] = [codecs.slice(0, 1), codecs.slice(1)];

test('several are told apart by how they begin, the likeliest first', async () => {
  await checkSeveral('let x = |', ['1;', 'foo(bar);', '[1, 2];'], ['1;', 'foo(bar);', '[1, 2];']);
  await checkSeveral('let x = |', ['1;', 'foo(bar);', '[1, 2];', '"four";'], ['1;', 'foo(bar);', '[1, 2];'], bytes);
  await checkSeveral('let x = |', ['1;', '2;'], ['1;', '2;']);
  await checkSeveral('let x = |', ['1;'], ['1;']);
});

test('several are reviewed: what is not worth showing makes room for the next', async () => {
  await checkSeveral('foo(|)', ['bar)', ')', 'items)', '[1])'], ['bar', 'items', '[1]'], bytes);
  await checkSeveral('let a = 1;\nlet |\nlet b = 2;', ['b = 2;', 'x = 3;', 'sum = 4;'], ['x = 3;', 'sum = 4;']);
  await checkSeveral('let a = |', ['[1];', 'foo(foo(foo(foo(foo(foo(foo(foo(', '2;'], ['[1];', '2;']);
});

test('several where a word is healed: what follows it, and longer words', async () => {
  await checkSeveral('  ite|', ['m = 0;', 'ms = [];'], ['m = 0;', 'ms = [];'], bpe);
  await checkSeveral('  item|', [' = 0;', '.price;', 's = [];'], [' = 0;', '.price;', 's = [];'], bpe);
});
