// The shell's side of a document that is scored, with a clock that is turned by hand: what goes over the wire, and what of its answers counts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documentLimits } from '../../../src/protocol/documentScoringMessages.ts';
import { type FromScorer, readToScorer, type ToScorer } from '../../../src/protocol/scorerMessages.ts';
import { FollowedDocument } from '../../../src/shell/followedDocument.ts';
import { ManualClock } from '../manualClock.ts';

function followed(beginning: string, part?: { start: number; end: number }) {
  const clock = new ManualClock();
  const sent: ToScorer[] = [];
  const changes: string[] = [];
  const state = { text: beginning, modelPath: '/m' };
  const document = new FollowedDocument(
    {
      document: 7,
      send: (message) => sent.push(readToScorer(message)),
      clock,
      modelPath: () => state.modelPath,
      length: () => state.text.length,
      text: () => state.text,
      changed: (what) => changes.push(what),
    },
    part,
  );
  return {
    ...{ document, clock, sent, changes, state },
    kinds: () => sent.splice(0).map(({ kind }) => kind),
    edit(start: number, end: number, text: string) {
      state.text = state.text.slice(0, start) + text + state.text.slice(end);
      document.edited([{ start, end, text }]);
    },
    spans(version: number, from: number, to: number, starts: number[]): FromScorer {
      const bits = starts.map((start) => start);
      return {
        ...{ kind: 'documentSpans', document: 7, version, from, to, starts, bits },
        lengths: starts.map(() => 1),
      };
    },
    painted: () =>
      document.spans
        .painting([{ start: 0, end: 1e6 }], 1000)
        .ranges.flat()
        .map(({ start, end }) => `${start}-${end}`),
  };
}

const summary = (version: number): FromScorer => ({
  ...{ kind: 'documentSummary', document: 7, version, exactSymbols: 3, symbols: 3, bits: 9, bytes: 3 },
  ...{ marks: [], unusual: [] },
});

test('a long text goes in pieces, one for each turn; edits made meanwhile come after it', () => {
  const { document, clock, sent, kinds, edit } = followed('x'.repeat(2 * documentLimits.pieceLength + 5));
  assert.deepEqual(kinds(), [], 'nothing before the first turn');
  assert.equal(document.isSent, false);
  clock.advance(1);
  edit(1, 1, 'y');
  document.watch([{ start: 0, end: 9 }]);
  assert.equal(sent.length, 1);
  assert.ok(clock.numTimers > 0);
  for (let turn = 0; turn < 4; turn++) clock.advance(1);
  assert.deepEqual(kinds(), [
    ...['openDocument', 'documentPiece', 'documentPiece'],
    ...['watchDocument', 'changeDocument', 'watchDocument'],
  ]);
  assert.equal(document.isSent, true);
  edit(0, 1, '');
  assert.deepEqual(kinds(), ['changeDocument'], 'then each edit at once');
});

test('what was told of an older version is moved along; what nobody can place is dropped', () => {
  const { document, clock, edit, spans, painted } = followed('abcdefghij');
  clock.advance(1);
  const opened = document.version;
  document.receive(spans(opened, 0, 10, [1, 3, 5]));
  assert.deepEqual(painted().toSorted(), ['1-2', '3-4', '5-6']);
  edit(2, 2, 'XX');
  document.receive(spans(opened, 0, 10, [1, 3, 8]));
  assert.deepEqual(painted().toSorted(), ['1-2', '10-11', '5-6', '7-8']);
  document.receive(spans(document.version, 0, 12, [0]));
  assert.deepEqual(painted(), ['0-1']);
  document.receive(spans(opened - 1, 0, 10, [4]));
  assert.deepEqual(painted(), ['0-1'], 'of before it was opened');
  for (let i = 0; i < 150; i++) edit(0, 0, 'z');
  document.receive(spans(opened, 0, 10, [4]));
  assert.deepEqual(painted(), ['150-151'], 'of too long ago');
});

test('a summary counts for the text as it is; an edit outdates it', () => {
  const { document, clock, changes, edit } = followed('abc');
  clock.advance(1);
  changes.length = 0;
  document.receive(summary(document.version));
  assert.equal(document.state.kind === 'following' && document.state.isCurrent, true);
  assert.deepEqual(changes.splice(0), ['colors', 'state']);
  edit(0, 0, 'x');
  assert.equal(document.state.kind === 'following' && document.state.isCurrent, false);
  assert.deepEqual(changes.splice(0), ['state'], 'no reason to paint');
  document.receive(summary(document.version - 1));
  assert.equal(document.state.kind === 'following' && document.state.isCurrent, false);
  document.receive({ ...summary(document.version), document: 8 } as FromScorer);
  assert.deepEqual(changes, []);
});

test('edits that cannot be followed open the text anew, and so does a gap', () => {
  const { document, clock, sent, kinds, state } = followed('abc');
  clock.advance(1);
  kinds();
  const many = Array.from({ length: documentLimits.editsPerChange + 1 }, () => ({ start: 0, end: 0, text: 'x' }));
  state.text = 'x'.repeat(many.length) + state.text;
  document.edited(many);
  clock.advance(1);
  assert.deepEqual(kinds(), ['openDocument', 'watchDocument']);
  document.receive({ kind: 'reopenDocument', document: 7 });
  clock.advance(1);
  const [opening] = sent;
  assert.ok(opening?.kind === 'openDocument' && opening.text === state.text);
});

test('a text that is or becomes too long is told, and nothing of it is sent', () => {
  const long = followed('x'.repeat(documentLimits.length + 1));
  long.clock.advance(1);
  assert.equal(long.document.state.kind, 'failed');
  assert.ok(long.sent.every(({ kind }) => kind === 'closeDocument'));
  const growing = followed('abc');
  growing.clock.advance(1);
  growing.edit(0, 0, 'x'.repeat(documentLimits.length));
  assert.ok(growing.document.state.kind === 'failed' && /at most 2 million/.test(growing.document.state.reason));
  growing.edit(0, documentLimits.length, '');
  growing.document.restart();
  assert.equal(growing.document.state.kind, 'following', 'short again, and asked for again');
});

test('what failed is told once, shows nothing, and comes back when it is asked for', () => {
  const { document, clock, kinds, spans, painted, edit, state, sent } = followed('abc');
  clock.advance(1);
  document.receive(spans(document.version, 0, 3, [0]));
  kinds();
  document.receive({ kind: 'documentFailed', document: 7, reason: 'the model is gone' });
  assert.deepEqual(document.state, { kind: 'failed', reason: 'the model is gone' });
  assert.deepEqual(painted(), []);
  kinds();
  edit(0, 0, 'x');
  document.watch([]);
  assert.deepEqual(kinds(), []);
  state.modelPath = '/other';
  document.restart();
  clock.advance(1);
  assert.ok(sent[0]?.kind === 'openDocument' && sent[0].modelPath === '/other' && sent[0].text === 'xabc');
});

test('a scorer that ends gets the text again, later and later while that goes on', () => {
  const { document, clock, kinds, edit } = followed('abc');
  clock.advance(1);
  kinds();
  const waits: number[] = [];
  for (let death = 0; death < 4; death++) {
    document.lost();
    assert.equal(document.isSent, false);
    edit(0, 0, 'x');
    assert.deepEqual(kinds(), [], 'nobody is there to be told');
    let waited = 0;
    while (!kinds().includes('openDocument')) {
      clock.advance(50);
      waited += 50;
    }
    waits.push(waited);
  }
  assert.deepEqual(
    waits,
    waits.toSorted((a, b) => a - b),
  );
  assert.ok(waits[0]! <= 300 && waits[3]! >= 1000, waits.join());
});

test('nothing is left of one that is disposed of', () => {
  const { document, clock, kinds, spans, edit, changes } = followed('abc', { start: 1, end: 2 });
  edit(0, 0, 'xx');
  assert.deepEqual(document.part, { start: 3, end: 4 });
  clock.advance(1);
  document.dispose();
  document.dispose();
  assert.equal(kinds().at(-1), 'closeDocument');
  changes.length = 0;
  document.receive(spans(document.version, 0, 3, [0]));
  edit(0, 0, 'x');
  document.lost();
  document.reopen();
  assert.deepEqual([changes, clock.numTimers, kinds()], [[], 0, []]);
});
