import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatePart } from '../../../src/shell/latePart.ts';

function late() {
  const events: string[] = [];
  const told = { problem: '' };
  const part = new LatePart({
    name: 'the part that waits',
    load: () => {
      if (told.problem !== '') throw new Error(told.problem);
      events.push('load');
      return { dispose: () => events.push('dispose'), ended: async () => void events.push('ended') };
    },
    log: (level, text) => events.push(`${level}: ${text}`),
    showError: (text) => events.push(`shown: ${text}`),
  });
  return { part, events, told };
}

test('it is loaded when it is first wanted, once, and ends with what was loaded', async () => {
  const { part, events } = late();
  assert.equal(part.loaded, undefined);
  const loaded = part.wanted();
  assert.ok(loaded);
  assert.equal(part.quietly(), loaded);
  assert.equal(part.loaded, loaded);
  part.dispose();
  await part.ended();
  assert.deepEqual(events, ['load', 'dispose', 'ended']);
  assert.ok(part.disposed);
  assert.equal(part.wanted(), undefined);
});

test('what was never wanted is never loaded, not at the end either', async () => {
  const { part, events } = late();
  part.dispose();
  await part.ended();
  assert.equal(part.wanted(), undefined);
  assert.deepEqual(events, []);
});

test('what cannot be loaded is told to the person who wanted it, else logged alone; another try may succeed', () => {
  const { part, events, told } = late();
  told.problem = 'Cannot find module x.js\nRequire stack:\n- y.js';
  assert.equal(part.quietly(), undefined);
  assert.equal(part.wanted(), undefined);
  const logged = `error: the part that waits could not be loaded: ${told.problem}`;
  assert.deepEqual(events.slice(0, 2), [logged, logged]);
  assert.match(
    events[2]!,
    /^shown: Chainrule: the part that waits could not be loaded \(Cannot find module x\.js\)\. R/,
  );
  told.problem = '';
  assert.ok(part.wanted());
});
