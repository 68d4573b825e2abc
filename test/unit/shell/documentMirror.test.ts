import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyEdits, Documents } from '../../../src/host/documents.ts';
import { limits, readToHost, type TextEdit, type ToHost } from '../../../src/protocol/hostMessages.ts';
import { DocumentMirror, type MirrorLimits, type SourceDocument } from '../../../src/shell/documentMirror.ts';

const small: MirrorLimits = { wholeLength: 40, windowBefore: 16, windowAfter: 8, maxDocuments: 2 };

/** Both sides of the mirror, joined by the real reader; `kinds` lists what was sent. */
class Both {
  readonly engine = new Documents({ maxDocuments: 16, maxTotalLength: 10_000_000 });
  readonly kinds: string[] = [];
  readonly mirror: DocumentMirror;

  constructor(mirrorLimits: MirrorLimits = small) {
    this.mirror = new DocumentMirror((message) => this.#receive(readToHost(message)), mirrorLimits);
  }

  #receive(message: ToHost): void {
    this.kinds.push(message.kind);
    if (message.kind === 'open') this.engine.open(message);
    if (message.kind === 'close') this.engine.close(message.document);
    if (message.kind === 'change') assert.equal(this.engine.change(message), 'applied');
  }

  /** Asserts that the engine sees the text around the offset as it is; the widest difference allowed is the window. */
  check(source: SourceDocument, offset: number): void {
    const place = this.mirror.prepare(source, offset);
    const seen = this.engine.at(place.document, place.version) ?? assert.fail('the engine has another version');
    const start = offset - place.offset;
    assert.equal(seen.text, source.slice(start, start + seen.text.length));
    const beforeNeeded = Math.min(offset, small.windowBefore / 2);
    const afterNeeded = Math.min(source.length - offset, small.windowAfter / 2);
    assert.ok(place.offset >= beforeNeeded && seen.text.length - place.offset >= afterNeeded, 'context is missing');
  }
}

function document(text: string, key = 'a'): SourceDocument {
  return { key, languageId: 'c', path: 'a.c', length: text.length, slice: (start, end) => text.slice(start, end) };
}

test('a document is opened once and followed by edits', () => {
  const both = new Both();
  both.mirror.changed('a', [{ start: 0, end: 0, text: 'not open yet' }]);
  both.check(document('let x'), 5);
  both.mirror.changed('a', [{ start: 5, end: 5, text: ' =' }]);
  both.check(document('let x ='), 7);
  assert.deepEqual(both.kinds, ['open', 'change']);
});

test('a long document is mirrored as a window that follows the cursor', () => {
  const both = new Both();
  const text = 'abcdefghij'.repeat(20);
  both.check(document(text), 100);
  both.check(document(text), 96);
  assert.deepEqual(both.kinds, ['open']);
  both.check(document(text), 10);
  assert.deepEqual(both.kinds, ['open', 'close', 'open']);
  // Outside the window: nothing to send, and the window still fits.
  both.mirror.changed('a', [{ start: 150, end: 160, text: '' }]);
  both.check(document(text.slice(0, 150) + text.slice(160)), 10);
  assert.equal(both.kinds.length, 3);
});

test('ten million characters in one line cost a window, not a copy', () => {
  const both = new Both({ ...small, wholeLength: 1000 });
  let longest = 0;
  const source = {
    ...document(''),
    length: 10_000_000,
    slice(start: number, end: number) {
      longest = Math.max(longest, end - start);
      return 'x'.repeat(end - start);
    },
  };
  both.mirror.prepare(source, 5_000_000);
  both.mirror.changed('a', [{ start: 5_000_000, end: 5_000_000, text: 'x' }]);
  both.mirror.prepare({ ...source, length: 10_000_001 }, 5_000_001);
  assert.deepEqual(both.kinds, ['open', 'change']);
  assert.equal(longest, small.windowBefore + small.windowAfter);
});

test('what cannot be followed is closed, and opened on next need', () => {
  const check = (edits: TextEdit[]) => {
    const both = new Both();
    const text = 'abcdefghij'.repeat(20);
    both.mirror.prepare(document(text), 100);
    both.mirror.changed('a', edits);
    assert.deepEqual(both.kinds, ['open', 'close']);
    both.check(document(applyEdits(text, edits) ?? assert.fail()), 100);
  };
  check([{ start: 80, end: 90, text: 'across the edge' }]);
  check([{ start: 90, end: 90, text: 'x'.repeat(41) }]);
  check(Array.from({ length: limits.editsPerChange + 1 }, () => ({ start: 90, end: 90, text: 'x' })));
});

test('an engine that lost track, or a fresh one, is told everything again', () => {
  const both = new Both();
  const { document: number } = both.mirror.prepare(document('abc'), 1);
  both.mirror.reopen(number);
  both.check(document('abc'), 1);
  both.mirror.reset();
  both.check(document('abc'), 1);
  both.mirror.closed('a');
  both.mirror.closed('a');
  assert.deepEqual(both.kinds, ['open', 'open', 'open', 'close']);
});

test('a length that does not agree is noticed', () => {
  const both = new Both();
  both.check(document('a\nb'), 1);
  both.check(document('a\r\nb'), 1);
  assert.deepEqual(both.kinds, ['open', 'close', 'open']);
});

test('the document used longest ago is closed', () => {
  const both = new Both();
  for (const key of ['a', 'b', 'a', 'c', 'a']) both.check(document('abc', key), 1);
  assert.deepEqual(both.kinds, ['open', 'open', 'close', 'open']);
  assert.equal(both.engine.count, 2);
});

test('any script of edits leaves both sides with the same text', () => {
  const edit = fc.record({ at: fc.nat(1000), deleted: fc.nat(12), text: fc.string({ maxLength: 12 }) });
  const step = fc.record({ edits: fc.array(edit, { minLength: 1, maxLength: 3 }), ask: fc.option(fc.nat(1000)) });
  fc.assert(
    fc.property(fc.string({ maxLength: 120 }), fc.array(step, { maxLength: 25 }), (initial, script) => {
      const both = new Both();
      let text = initial;
      both.check(document(text), text.length);
      for (const { edits, ask } of script) {
        const applied: TextEdit[] = [];
        for (const { at, deleted, text: inserted } of edits) {
          const start = at % (text.length + 1);
          const next = { start, end: Math.min(text.length, start + deleted), text: inserted };
          text = applyEdits(text, [next]) ?? assert.fail();
          applied.push(next);
        }
        both.mirror.changed('a', applied);
        if (ask !== null) both.check(document(text), ask % (text.length + 1));
      }
      both.check(document(text), 0);
    }),
    { numRuns: 300 },
  );
});
