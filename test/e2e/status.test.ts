// What the status bar tells, and its menu.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, never } from './lib/eventually.ts';
import { openEditor } from './lib/fixture.ts';
import { signalProcess } from './lib/processes.ts';
import { commands } from './lib/product.ts';
import { corpusUpTo } from './lib/testModel.ts';

const text = corpusUpTo('days.ts', 'case 2:\n      ');

test('the status bar', async (t) => {
  const editor = await openEditor(t, { files: { 'days.ts': text, '.env': 'TOKEN=1\n', 'colors.py': '' } });
  const { workbench } = editor;

  await editor.test('is ready, with the model in its label and an icon', async () => {
    await editor.ready();
    assert.deepEqual(await workbench.statusIcons(), ['link']);
  });

  await editor.test('thinks while the engine does, and is ready again', async () => {
    const engine = await editor.engine();
    signalProcess(engine, 'SIGSTOP');
    try {
      await workbench.type('ret');
      await workbench.waitForStatus(/: thinking/);
    } finally {
      signalProcess(engine, 'SIGCONT');
    }
    await workbench.waitForStatus(/: ready: ./);
  });

  await editor.test('opens a menu that names what can be done', async () => {
    await workbench.statusItem.click();
    const rows = (await workbench.pickRows()).join('\n');
    for (const wanted of [
      'Complete Here',
      'Disable for typescript',
      'Disable Everywhere',
      'Choose Model',
      'Restart Engine',
      'Show Log',
    ]) {
      assert.ok(rows.includes(wanted), `${wanted} is not in\n${rows}`);
    }
    await workbench.press('Escape');
  });

  await editor.test('is off where secrets may be, and nothing is offered there', async () => {
    await workbench.open('.env');
    await workbench.waitForStatus(/: off here: .*secrets/);
    assert.deepEqual(await workbench.statusIcons(), ['circle-slash']);
    await workbench.type('KEY=');
    await never('ghost text', async () => (await workbench.ghostText()) !== '', { forMs: 1500 });
  });

  await editor.test('a language is disabled from the menu, and enabled again', async () => {
    await workbench.open('days.ts');
    await workbench.statusItem.click();
    await workbench.pick('Disable for typescript');
    await workbench.waitForStatus(/: off here: disabled for typescript/);
    await workbench.type('\n      ret');
    await never('ghost text', async () => (await workbench.ghostText()) !== '', { forMs: 1500 });

    await workbench.open('colors.py');
    await workbench.waitForStatus(/: ready: ./);
    await workbench.open('days.ts');
    await workbench.command(commands.toggleLanguage);
    await workbench.waitForStatus(/: ready: ./);
    await workbench.type('u');
    await workbench.waitForGhostText();
  });

  await editor.test('the engine is restarted by hand', async () => {
    const before = await editor.engine();
    await workbench.command(commands.restartEngine);
    await eventually(
      'another engine runs alone',
      () => editor.engines().length === 1 && editor.engines()[0] !== before,
    );
    await editor.ready();
  });

  await editor.test('the log says what happened', async () => {
    await workbench.command(commands.showLog);
    await eventually('the log is shown', async () => /Loaded /.test(await workbench.output()));
  });
});
