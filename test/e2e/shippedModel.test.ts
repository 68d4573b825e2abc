// The model that is shipped, as a person meets it: nothing is set, a file of the samples is open, and ghost text comes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { openEditor } from './lib/fixture.ts';
import { root } from './lib/installation.ts';

const sample = (name: string) => readFileSync(path.join(root, 'samples', name), 'utf8');

test('the shipped model', async (t) => {
  const files = { 'shapes.ts': sample('shapes.ts'), 'word_count.py': sample('word_count.py') };
  const settings = { 'chainrule.model.path': '', 'editor.autoIndent': 'full' };
  const editor = await openEditor(t, { files, settings });
  const { workbench } = editor;

  await editor.test('is loaded by itself', async () => {
    await editor.ready();
    assert.match(await workbench.status(), /ready: default /);
  });

  await editor.test('offers ghost text for what the samples suggest to type, in TypeScript and Python', async () => {
    await workbench.type('\nfor (const', 10);
    t.diagnostic(`TypeScript: ${JSON.stringify(await workbench.waitForGhostText())}`);
    await workbench.open('word_count.py');
    await workbench.type('\n\ndef show(text):\nfor word, count', 10);
    t.diagnostic(`Python: ${JSON.stringify(await workbench.waitForGhostText())}`);
  });
});
