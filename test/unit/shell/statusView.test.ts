import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type StatusFacts, statusView } from '../../../src/shell/statusView.ts';

const ready = { state: 'ready', detail: 'default' } as const;

const cases: [facts: StatusFacts, text: string, label: string][] = [
  [{ engine: { state: 'stopped' }, thinking: false, off: undefined }, '$(link)', 'starts when needed'],
  [{ engine: { state: 'starting' }, thinking: false, off: undefined }, '$(loading~spin)', 'starting'],
  [{ engine: { state: 'loading', detail: 'm' }, thinking: false, off: undefined }, '$(loading~spin)', 'loading'],
  [{ engine: ready, thinking: false, off: undefined }, '$(link)', 'ready: default'],
  [{ engine: ready, thinking: true, off: undefined }, '$(loading~spin)', 'thinking'],
  [{ engine: ready, thinking: false, off: 'disabled for c' }, '$(circle-slash)', 'off here: disabled for c'],
  [{ engine: { state: 'waiting' }, thinking: true, off: undefined }, '$(warning)', 'will start again'],
  [{ engine: { state: 'failed', detail: 'no model' }, thinking: false, off: 'x' }, '$(warning)', 'failed: no model'],
];

test('the item says what is the case, also to those who see no icon', () => {
  for (const [facts, icon, said] of cases) {
    const { text, tooltip, label } = statusView(facts);
    assert.equal(text, `${icon} Chainrule`);
    assert.ok(label.includes(said), label);
    assert.ok(tooltip.includes(said), tooltip);
  }
});
