import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TokensMessage } from '../../../src/protocol/likelihoodViewMessages.ts';
import { Received } from '../../../src/webview/likelihoodReceived.ts';

const tokens = (first: number, starts: number[], total = 4, text = 1): TokensMessage => ({
  kind: 'tokens',
  text,
  side: 'a',
  first,
  total,
  starts: Int32Array.from(starts),
  bits: Float32Array.from(starts),
  entropy: new Float32Array(starts.length),
  rank: new Int32Array(starts.length),
});
const part = (first: number, text: string, number = 1) =>
  ({ kind: 'textPart', text: number, first, part: text }) as const;

test('a text comes in parts, and parts of another are passed over', () => {
  const received = new Received();
  assert.equal(received.begin(1, 4), true);
  assert.equal(received.begin(1, 4), false);
  assert.equal(received.addText(part(0, 'ab')), false);
  assert.equal(received.addText(part(0, 'ab')), false);
  assert.equal(received.addText(part(2, 'xx', 2)), false);
  assert.equal(received.addText(part(2, 'cd')), true);
  assert.equal(received.text, 'abcd');
  received.begin(2, 0);
  assert.equal(received.text, '');
});

test('scores are shown as they come, the last token once it is known where it ends', () => {
  const received = new Received();
  received.begin(1, 4);
  assert.equal(received.scores('a'), undefined);
  assert.equal(received.addTokens(tokens(0, [0, 1])), true);
  assert.deepEqual([...received.scores('a')!.starts], [0, 1]);
  assert.equal(received.addTokens(tokens(3, [3])), false, 'a gap');
  assert.equal(received.addTokens(tokens(2, [0])), false, 'backwards');
  assert.equal(received.addTokens(tokens(2, [3, 5])), false, 'beyond the text');
  assert.equal(received.addTokens(tokens(2, [3, 4], 4, 7)), false, 'another text');
  assert.equal(received.isWhole('a'), false);
  assert.equal(received.addTokens(tokens(2, [3, 4])), true);
  assert.equal(received.isWhole('a'), true);
  assert.deepEqual([...received.scores('a')!.starts], [0, 1, 3, 4, 4]);
  received.addTokens(tokens(0, [0], 1));
  assert.deepEqual([...received.scores('a')!.starts], [0, 4]);
  received.drop('a');
  assert.equal(received.scores('a'), undefined);
});
