import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyEdits, Documents } from '../../../src/host/documents.ts';

const limits = { maxDocuments: 3, maxTotalLength: 100 };

function opened(text: string, document = 1): Documents {
  const documents = new Documents(limits);
  open(documents, document, text);
  return documents;
}

function open(documents: Documents, document: number, text: string): void {
  documents.open({ document, version: 0, languageId: 'c', path: 'a.c', text });
}

test('edits are applied one after the other', () => {
  assert.equal(applyEdits('abc', [{ start: 3, end: 3, text: 'd' }]), 'abcd');
  assert.equal(
    applyEdits('abc', [
      { start: 2, end: 3, text: 'XYZ' },
      { start: 0, end: 1, text: '' },
    ]),
    'bXYZ',
  );
  assert.equal(applyEdits('abc', []), 'abc');
  assert.equal(applyEdits('abc', [{ start: 2, end: 4, text: '' }]), undefined);
});

test('a change leads from one version to the next', () => {
  const documents = opened('let x');
  const edits = [{ start: 5, end: 5, text: ' =' }];
  assert.equal(documents.change({ document: 1, version: 1, length: 7, edits }), 'applied');
  assert.equal(documents.at(1, 1)?.text, 'let x =');
  assert.equal(documents.at(1, 0), undefined);
  assert.equal(documents.totalLength, 7);
});

test('a gap, a stray edit and a wrong length close the document', () => {
  const check = (change: { version: number; length: number; start: number }, expected: string) => {
    const documents = opened('abc');
    const { version, length, start } = change;
    const edits = [{ start, end: start, text: 'x' }];
    assert.equal(documents.change({ document: 1, version, length, edits }), expected);
    assert.equal(documents.count, 0);
    assert.equal(documents.totalLength, 0);
    assert.equal(documents.change({ document: 1, version: 1, length: 4, edits }), 'unknownDocument');
  };
  check({ version: 2, length: 4, start: 0 }, 'gap');
  check({ version: 0, length: 4, start: 0 }, 'gap');
  check({ version: 1, length: 4, start: 4 }, 'mismatch');
  check({ version: 1, length: 5, start: 0 }, 'mismatch');
});

test('documents are bounded in number and in length; the one used longest ago goes first', () => {
  const documents = new Documents(limits);
  for (const document of [1, 2, 3]) open(documents, document, 'abc');
  assert.ok(documents.at(1, 0));
  open(documents, 4, 'abc');
  assert.deepEqual(
    [1, 2, 3, 4].map((document) => documents.at(document, 0) !== undefined),
    [true, false, true, true],
  );
  open(documents, 5, 'x'.repeat(99));
  assert.equal(documents.count, 1);
  assert.equal(documents.totalLength, 99);
});

test('opening again replaces', () => {
  const documents = opened('abc');
  open(documents, 1, 'x');
  assert.equal(documents.at(1, 0)?.text, 'x');
  assert.equal(documents.totalLength, 1);
});
