import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ToHost } from '../../../src/protocol/hostMessages.ts';
import { DocumentMirror } from '../../../src/shell/documentMirror.ts';
import type { EngineStatus } from '../../../src/shell/engineClient.ts';
import { type FrontPlace, PlaceAhead } from '../../../src/shell/placeAhead.ts';
import { ManualClock } from '../manualClock.ts';

const restMs = 150;

function front(key: string, text: string, cursor = text.length): FrontPlace {
  const slice = (start: number, end: number) => text.slice(start, end);
  return { source: { key, languageId: 'c', path: key, length: text.length, slice }, cursor };
}

/** An editor whose front the test chooses, over an engine that is there unless the test says otherwise. */
function fixture() {
  const clock = new ManualClock();
  const sent: ToHost[] = [];
  const now: { front: FrontPlace | undefined; status: EngineStatus } = {
    front: front('a', 'int x'),
    status: { state: 'ready', detail: 'a' },
  };
  const client = {
    get status() {
      return now.status;
    },
    send: (message: ToHost) => void sent.push(message),
  };
  const mirror = new DocumentMirror(client.send);
  const ahead = new PlaceAhead({ client, mirror, clock, front: () => now.front, maxSymbols: () => 8 });
  const rests = () => {
    ahead.moved();
    clock.advance(restMs);
    return sent.splice(0).map((message) => (message.kind === 'prepare' ? `${message.document}:${message.offset}` : ''));
  };
  return { clock, now, sent, ahead, rests, mirror };
}

test('a document that gets the focus is opened and its cursor told, once', () => {
  const { rests, now } = fixture();
  assert.deepEqual(rests(), ['', '1:5'], 'its text comes first');
  assert.deepEqual(rests(), []);
  now.front = front('b', 'int y', 3);
  assert.deepEqual(rests(), ['', '2:3']);
  now.front = front('a', 'int x', 0);
  assert.deepEqual(rests(), ['1:0']);
});

test('whoever passes through does not rest', () => {
  const { ahead, clock, sent, now } = fixture();
  for (let i = 0; i < 9; i++) {
    now.front = front('a', 'int x', i % 5);
    ahead.moved();
    clock.advance(restMs - 1);
  }
  assert.deepEqual(sent, []);
  clock.advance(1);
  assert.equal(sent.length, 2);
});

test('typing tells nothing: each keystroke asks by itself', () => {
  const { ahead, clock, sent, rests } = fixture();
  ahead.moved();
  ahead.edited();
  ahead.moved();
  clock.advance(1000);
  assert.deepEqual(sent, []);
  assert.equal(rests().length, 2, 'and later the cursor may rest again');
});

test('nothing leaves the editor where nothing is completed, or while there is no engine', () => {
  const { rests, now, ahead, clock, sent } = fixture();
  now.status = { state: 'starting' };
  assert.deepEqual(rests(), []);
  now.status = { state: 'failed', detail: 'no such folder' };
  assert.deepEqual(rests(), []);
  now.status = { state: 'ready', detail: 'a' };
  now.front = undefined;
  assert.deepEqual(rests(), []);
  now.front = front('a', 'int x');
  ahead.moved();
  ahead.dispose();
  clock.advance(1000);
  assert.deepEqual(sent, []);
  assert.equal(clock.numTimers, 0);
});
