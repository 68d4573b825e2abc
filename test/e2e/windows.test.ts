// Two windows at once: each has its own engine, and the end of one is nothing to the other.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './lib/eventually.ts';
import { openEditor } from './lib/fixture.ts';
import { signalProcess } from './lib/processes.ts';
import { corpusUpTo } from './lib/testModel.ts';

const text = corpusUpTo('days.ts', 'case 2:\n      ');

test('two windows', async (t) => {
  const editor = await openEditor(t, { files: { 'days.ts': text, 'again/days.ts': text } });
  const first = editor.workbench;
  await editor.ready();
  const firstEngine = await editor.engine();
  const second = await editor.anotherWindow('again/days.ts');
  await editor.ready(second);

  await editor.test('both are offered ghost text, by an engine each', async () => {
    assert.equal(editor.engines().length, 2);
    for (const window of [first, second]) {
      await window.page.bringToFront();
      await window.type('retu');
      assert.match(await window.waitForGhostText(), /^rn 'tuesday'/);
      await window.press('Escape');
    }
  });

  await editor.test('the end of one engine is not seen in the other window', async () => {
    signalProcess(firstEngine, 'SIGKILL');
    await second.type('r');
    assert.match(await second.waitForGhostText(), /^n 'tuesday'/);
    await editor.ready(first);
    await eventually(
      'two engines again',
      () => editor.engines().length === 2 && !editor.engines().includes(firstEngine),
    );
  });

  await editor.test('a window that is closed ends its engine and no other', async () => {
    const engines = editor.engines();
    await second.page.close({ runBeforeUnload: true });
    const left = await eventually('one engine is left', () =>
      editor.engines().length === 1 ? editor.engines() : false,
    );
    assert.ok(engines.includes(left[0] ?? 0));
    await first.page.bringToFront();
    await first.type('r');
    await first.waitForGhostText();
  });
});
