import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pretokenizer, pretokenPattern } from '../../../src/codecs/pretokens.ts';
import { awkwardStrings } from './samples.ts';

const cut = pretokenizer(pretokenPattern);

function cutAll(text: string): string[] {
  const pieces: string[] = [];
  cut(text, (piece) => pieces.push(piece));
  return pieces;
}

/** `|` marks the cuts. */
function check(marked: string): void {
  assert.equal(cutAll(marked.replaceAll('|', '')).join('|'), marked);
}

test('words with one character before them, cut at humps', () => {
  check('foo| bar|.baz|(qux|);');
  check('get|Element|By|Id|(id|);');
  check('get|HTTP|Response');
  check('MAX|_VALUE| =| snake|_case');
  check('self|.name|._|private');
});

test('digits one by one, punctuation together', () => {
  check('x| =| |1|2|3|.|4|5|;');
  check('a| !==| b| &&| !|c');
  check('()| =>| {');
});

test('line ends take the blanks before and the indentation after', () => {
  check('{|\n  |return| x|;|\n|}|\n');
  check('a|  \n\n\t\t|b');
  check('a|\r\n    |b');
});

test('the last space of a run goes to what follows, except to a digit', () => {
  check('a|   | b');
  check('a|  |1');
  check('a|\t\t|b');
  check('a|   ');
});

test('nothing is lost, no piece is empty, and none goes on after a line end', () => {
  for (const [what, text] of Object.entries(awkwardStrings)) {
    const pieces = cutAll(text);
    assert.equal(pieces.join(''), text, what);
    assert.ok(
      pieces.every((piece) => piece !== '' && /^([^\r\n]+|[ \t\r\n]+)$/.test(piece)),
      what,
    );
  }
});
