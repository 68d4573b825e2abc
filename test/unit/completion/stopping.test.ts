import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultIndentation } from '../../../src/completion/lines.ts';
import { chooseExtent, finishAt, type MultilinePolicy, opensBlock, stopAt } from '../../../src/completion/stopping.ts';
import { atCursor } from './scripted.ts';

function extentAt(text: string, languageId = 'typescript', policy: MultilinePolicy = 'auto') {
  return chooseExtent(policy, { ...atCursor(text), languageId, indentation: defaultIndentation });
}

test('a line by default, a block where one opens or the line is empty', () => {
  const kindAt = (text: string, languageId?: string, policy?: MultilinePolicy) =>
    extentAt(text, languageId, policy).kind;
  assert.equal(kindAt('let x = |'), 'line');
  assert.equal(kindAt('foo();|'), 'line');
  assert.equal(kindAt('if (a) {|'), 'block');
  assert.equal(kindAt('if (a) {|\n}'), 'block');
  assert.equal(kindAt('if (a) {|}'), 'line');
  assert.equal(kindAt('const f = () =>|'), 'block');
  assert.equal(kindAt('foo(|'), 'block');
  assert.equal(kindAt('foo(|)'), 'line');
  assert.equal(kindAt('a;\n  |\nb;'), 'block');
  assert.equal(kindAt('|'), 'block');
  assert.equal(kindAt('if a:|', 'python'), 'block');
  assert.equal(kindAt('if a:|', 'typescript'), 'line');
  assert.equal(kindAt('if (a) {|', 'typescript', 'never'), 'line');
  assert.equal(kindAt('let x = |', 'typescript', 'always'), 'block');
  assert.equal(kindAt('let x = |', 'typescript', 'unbounded'), 'unbounded');
});

test('what opens a block', () => {
  for (const [line, languageId] of [
    ['while true do', 'lua'],
    ['  def total(items)', 'ruby'],
    ['for x in y:  ', 'python'],
    ['key:', 'yaml'],
    ['x => ', 'javascript'],
    ['items = [', 'python'],
  ] as const) {
    assert.ok(opensBlock(line, languageId), `${languageId}: ${line}`);
  }
  for (const [line, languageId] of [
    ['undo', 'lua'],
    ['x = 1', 'ruby'],
    ['case 1:', 'c'],
    ['', 'python'],
  ] as const) {
    assert.ok(!opensBlock(line, languageId), `${languageId}: ${line}`);
  }
});

/** `#` marks where the text is cut; without one, more may come. */
function check(cursor: string, text: string, setting: { languageId?: string; policy?: MultilinePolicy } = {}) {
  const extent = extentAt(cursor, setting.languageId, setting.policy);
  const cut = text.indexOf('#');
  const plain = text.replace('#', '');
  assert.equal(stopAt(plain, extent), cut < 0 ? undefined : cut, JSON.stringify(text));
  // However the text arrives, no earlier cut is found in a part of it.
  for (let length = 0; length < plain.length; length++) {
    const early = stopAt(plain.slice(0, length), extent);
    assert.ok(early === undefined || early === cut, `${JSON.stringify(plain.slice(0, length))} was cut at ${early}`);
  }
}

test('where it stops', () => {
  check('let x = |', '1;');
  check('let x = |', '1;#\nlet y');
  check('let x = |', '#\nlet y');

  check('if (a) {|', '\n    b();\n    c();');
  check('if (a) {|', '\n    b();\n}#\nc');
  check('if (a) {|', '\n    b();\n});#\nc');
  check('if (a) {|', '\n    b();#\n} else {\n');
  check('if (a) {|', '\n    b();#\nc();');
  check('if (a) {|', '\n    b();\n\n    c();');
  check('if (a) {|', '\n    b();#\n\nc();');
  check('if (a) {|', '\n    b();#\n\n\n    c();');
  check('  if (a) {|', '\n    b();\n  }#\n}\n');
  check('def f():|', '\n    a\n    b#\nc', { languageId: 'python' });

  check('    |', 'b();\n    c();#\n  d');
  check('    |', 'b();\n    if (c) {\n        d();\n    }\n    e();#\n}');
  check('    |', 'b();#\n\n    c();');
  check('|', 'import a;\nimport b;#\n\nclass');

  check('|', `a${'\na'.repeat(23)}#\na`);
  check('let x = |', '1;\n\n\n\n\n', { policy: 'unbounded' });
});

test('what is kept when nothing stopped it', () => {
  const block = extentAt('if (a) {|');
  const line = extentAt('let x = |');
  assert.equal(finishAt('\n    b();\n    c', block, false), '\n    b();'.length);
  assert.equal(finishAt('\n    b();\n    c', block, true), '\n    b();\n    c'.length);
  assert.equal(finishAt('\n    b();\n}', block, true), '\n    b();\n}'.length);
  assert.equal(finishAt('\n    b();\nc', block, true), '\n    b();'.length);
  assert.equal(finishAt('\n    b', block, false), '\n    b'.length);
  assert.equal(finishAt('foo(', line, false), 4);
  assert.equal(finishAt('a\nb', extentAt('x|', '', 'unbounded'), false), 3);
});
