import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RecordedAction, recordTyping } from '../../../bench/typing.ts';
import { Random } from '../../../src/base/random.ts';

function recorded(seed: number, count: number): RecordedAction[] {
  const recording = recordTyping(
    [{ text: 'let x = f(1, 2);', stop: 5 }, { text: '  return x + 1;' }],
    new Random(seed),
  );
  return Array.from({ length: count }, () => recording.next().value as RecordedAction);
}

/** The text that is left when every key is played and nothing is accepted. */
function typed(actions: readonly RecordedAction[]): string {
  let text = '';
  for (const { action } of actions) {
    if (action.kind !== 'key' || action.key.startsWith('Control')) continue;
    if (action.key === 'Backspace') text = text.slice(0, -1);
    else text += action.key === 'Enter' ? '\n' : action.key;
  }
  return text;
}

test('a recording is the same for a seed, has every kind of action, and types the text', () => {
  const actions = recorded(1, 3000);
  assert.deepEqual(actions, recorded(1, 3000));
  assert.notDeepEqual(actions, recorded(2, 3000));
  const kinds = new Set(actions.map(({ action }) => (action.kind === 'key' ? action.key : action.kind)));
  for (const kind of ['pause', 'accept', 'Backspace', 'Control+Home', 'Enter']) assert.ok(kinds.has(kind), kind);
  assert.ok(typed(actions).startsWith('let x = f(1, 2);\n  return x + 1;\nlet x = f(1, 2);\n'));
  assert.ok(actions.every(({ waitMs }) => waitMs >= 50 && waitMs <= 1200));
});
