import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './lib/eventually.ts';
import { openEditor } from './lib/fixture.ts';
import { statusItem } from './lib/product.ts';

test('typing', async (t) => {
  const started = performance.now();
  const editor = await openEditor(t, { files: { 'main.ts': '// file\n' } });
  console.log('open', performance.now() - started, editor.engines());
  const { workbench, sandbox } = editor;
  await eventually('ready', async () => /ready/.test(await workbench.statusText(statusItem)));
  console.log('ready', performance.now() - started, editor.engines());
  await editor.test('ghost text appears', async () => {
    console.log(await workbench.statusText(statusItem));
    await workbench.type('let x = ');
    console.log(await workbench.waitForGhostText());
    await workbench.screenshot('ghost');
    await workbench.press('Tab');
    await workbench.save();
    assert.equal(sandbox.read('main.ts'), '// file\nlet x = GHOST(8);');
  });
  console.log(editor.engines());
});
