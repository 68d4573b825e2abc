// What is said in words; and that no text of a document or of a model becomes markup.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { themeKinds } from '../../../src/protocol/surprisalScale.ts';
import {
  chanceText,
  escaped,
  hoverMarkdown,
  type Place,
  statusTexts,
  swatch,
  visible,
} from '../../../src/shell/likelihoodTexts.ts';

const hostile = [
  '<img src=x onerror=alert(1)>',
  '[click](command:workbench.action.terminal.kill)',
  '![x](https://example.org/x.png)',
  '| a | b |\n| - | - |',
  '`code` **bold** $(zap) &lt;b&gt; https://example.org #x ~~y~~',
  '\u202eesrever\u202c \u2066x\u2069 \u200b\u00ad\u0000\u001b[31m \ud800',
];

function place(text: string): Place {
  return {
    ...{ kind: 'place', request: 1, start: 3, end: 9, bits: 7.25, rank: 4, vocabularySize: 8192, entropyBits: 2.5 },
    alternatives: [
      { symbol: 5, text, isText: true, bits: 0.4 },
      { symbol: 1, text: 'end of the text', isText: false, bits: 9 },
    ],
  };
}

const links = {
  insert: (index: number) => `command:insert?${index}`,
  goOn: (index: number) => `command:goOn?${index}`,
};

test('blanks and what is not seen are shown by signs or numbers', () => {
  assert.equal(visible(' a\n\tb\r'), '\u00b7a\u23ce\u21e5b\u240d');
  assert.equal(visible('\u202e\u200b\u0000'), 'U+202EU+200BU+0000');
  assert.equal(visible('x'.repeat(41)), `${'x'.repeat(40)}\u2026`);
  assert.equal(visible('x'.repeat(40)), 'x'.repeat(40));
  assert.equal(visible('\ud83d'), 'U+D83D');
});

test('nothing of a document or a model is markup in the hover', () => {
  for (const text of hostile) {
    const markdown = hoverMarkdown(place(text), text, 'dark', links);
    // Without what is escaped, and what is ours, only plain letters are left.
    const rest = markdown
      .replaceAll('&nbsp;', '')
      .replace(/\\[!-/:-@[-`{-~]/g, '')
      .replace(/!\[[^\]]*\]\(data:image\/svg\+xml;base64,[\w+/=]*\)/g, '');
    assert.equal((rest.match(/\]\(command:/g) ?? []).length, 2, text);
    assert.doesNotMatch(rest, /[<`$&#~]|https?:\/\/|\]\((?!command:(?:insert|goOn)\?0\))/, text);
    for (const line of markdown.split('\n').slice(6)) {
      const cells = line.replace(/\\\|/g, '').match(/\|/g) ?? [];
      assert.equal(cells.length, 7, `cells of ${line}`);
    }
    assert.doesNotMatch(markdown.replaceAll('\n', ''), /\p{C}/u);
  }
  assert.equal(escaped('a|b'), 'a\\|b');
});

test('the hover tells bits, rank, what was expected, and what could be inserted', () => {
  const markdown = hoverMarkdown(place('foo'), 'bar', 'light', links).replaceAll('&nbsp;', '');
  assert.match(markdown, /\*\*7\.25 bits\*\* for bar: surprising, 1 in 152/);
  assert.match(markdown, /4 were likelier, out of 8,192 symbols; on average 2\.50 bits/);
  assert.match(
    markdown,
    /\| 76 % \| 0\.400 \| foo \| \[insert this\]\(command:insert\?0\) \| \[continue from this\]\(command:goOn\?0\) \|/,
  );
  assert.match(markdown, /1 in 512 \| 9\.00 \| \*end·of·the·text\* \| \| \|/);
  assert.match(
    hoverMarkdown({ ...place('x'), end: 3, rank: 0 }, '', 'light', links),
    /for the end of the text.*\n\nThe likeliest of/,
  );
});

test('chances in words', () => {
  assert.deepEqual([0, 1, 3.5, 6, 10, 60].map(chanceText), [
    '100 %',
    '50 %',
    '8.8 %',
    '1.6 %',
    '1 in 1,024',
    '1 in 2^60',
  ]);
});

test('the status says what is measured, what is still to be done, and what failed', () => {
  const facts = { modelName: 'm<b>', isPart: false, isCut: false };
  const summary = {
    ...({ kind: 'documentSummary', document: 1, version: 1, exactSymbols: 10, symbols: 10 } as const),
    ...{ bits: 40, bytes: 20, marks: [], unusual: [] },
  };
  const following = (isCurrent: boolean, more: object = {}) =>
    statusTexts({ ...facts, state: { kind: 'following', summary: { ...summary, ...more }, isCurrent } }, 'dark');
  assert.equal(following(true).text, '2.00 bits/byte');
  assert.equal(
    following(true).label,
    'Likelihood of the file: 2.00 bits per byte: 40 bits for 20 bytes in 10 symbols.',
  );
  assert.match(following(true).tooltip, /under \*\*m\\<b\\>\*\*/);
  assert.match(following(true).tooltip, /11 bits and more/);
  assert.equal(following(true, { exactSymbols: 4 }).text, '$(loading~spin) 40 %');
  assert.equal(following(false).text, '$(loading~spin) bits');
  assert.match(following(true, { bytes: 0 }).label, /empty/);
  const unread = statusTexts({ ...facts, state: { kind: 'following', summary: undefined, isCurrent: false } }, 'dark');
  assert.match(unread.label, /reading/);
  const failed = statusTexts({ ...facts, state: { kind: 'failed', reason: 'gone; choose another' } }, 'dark');
  assert.match(failed.label, /Likelihood failed: gone; choose another/);
  const cut = statusTexts(
    { ...facts, isPart: true, isCut: true, state: { kind: 'following', summary, isCurrent: true } },
    'dark',
  );
  assert.match(cut.tooltip, /selection/);
  assert.match(cut.tooltip, /first 10,000 columns/);
});

test('a swatch is a picture of its own in every theme and step', () => {
  const all = themeKinds.flatMap((theme) => Array.from({ length: 7 }, (_, step) => swatch(step, theme)));
  assert.equal(new Set(all).size, all.length);
  for (const one of all) assert.match(one, /^!\[[\w. ]+\]\(data:image\/svg\+xml;base64,[\w+/=]+\)$/);
});
