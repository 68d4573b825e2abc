// Likelihoods in the real editor, under the shipped model: colors behind the text and the key of them, what the hover offers, inserting and going
// on from there, edits, refusals, a scorer that is killed, and how it looks in four themes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './lib/eventually.ts';
import { openEditor } from './lib/fixture.ts';
import { colorings, kindsOf, measured, statusItem } from './lib/likelihoodColors.ts';
import { processesAtHome, signalProcess } from './lib/processes.ts';
import { commands } from './lib/product.ts';
import { themes, useTheme } from './lib/themes.ts';
import type { Workbench } from './lib/workbench.ts';

const code = `import { readFile } from 'node:fs/promises';

export interface Settings {
  readonly name: string;
  readonly colors: readonly string[];
}

/** Reads the settings of a folder. */
export async function readSettings(path: string): Promise<Settings> {
  const text = await readFile(path, 'utf8');
  const settings = JSON.parse(text);
  if (typeof settings.name !== 'string') {
    throw new Error(\`expected a name, got \${settings.name}\`);
  }
  return settings;
}

// zqx wv 7391 grbl ](( flumox
export function colorsOf(settings: Settings): string[] {
  const result: string[] = [];
  for (const color of settings.colors) {
    result.push(color.toLowerCase());
  }
  return result;
}
`;
const modelPath = { 'chainrule.model.path': '' };

/** The hover at a place, as soon as it offers something. */
async function hoverAt(workbench: Workbench, line: number, column: number) {
  await workbench.press('Escape');
  await workbench.goTo(line, column);
  const hover = workbench.page.locator('.monaco-hover:not(.hidden)').filter({ hasText: 'insert this' });
  await eventually(
    'the hover offers alternatives',
    async () => {
      await workbench.command('Show or Focus Hover');
      await hover.first().waitFor({ timeout: 5000 });
      return true;
    },
    { timeoutMs: 40_000 },
  );
  return hover.first();
}

/** One line of 1 MB, of words that are not all as surprising. */
const words = ['const', 'zqx', '= 17', 'return', 'flumox', '(value)', 'wv', 'import'];
const longLine = Array.from({ length: 200_000 }, (_, i) => words[((i * i + 3 * i) % 8) ^ (i % 5)]).join(' ');

test('likelihoods in the editor', async (t) => {
  const files = {
    'settings.ts': code,
    '.env': 'TOKEN=abc\n',
    'empty.ts': '',
    'long.js': longLine,
  };
  const editor = await openEditor(t, { files, open: 'settings.ts', settings: modelPath });
  const { workbench, sandbox } = editor;
  await editor.ready();
  const toggle = () => workbench.command(commands.showLikelihood);

  await editor.test('nothing is colored until it is asked for; then all of it is, with a key', async () => {
    assert.deepEqual(await colorings(workbench), []);
    await toggle();
    await eventually('colors of many kinds', async () => (await kindsOf(workbench)) >= 5, { timeoutMs: 60_000 });
    assert.match(
      await measured(workbench),
      /Likelihood of the file: \d\.\d\d+ bits per byte: [\d,]+ bits for [\d,]+ bytes/,
    );
    for (let step = 0; step < 7; step++) await statusItem(workbench, `chainrule.likelihood.key${step}`).waitFor();
    await workbench.page.locator('.decorationsOverviewRuler').first().waitFor();
  });

  for (const name of themes) {
    await editor.test(`it can be read and told apart in ${name}`, async () => {
      await useTheme(workbench, name);
      await eventually('it is painted for the theme', async () => (await kindsOf(workbench)) >= 5);
      await measured(workbench);
      const hover = await hoverAt(workbench, 18, 9);
      await workbench.screenshot(`likelihood-editor-${name}`);
      assert.equal(await hover.getByText('insert this').count(), 10);
      await workbench.press('Escape');
      await statusItem(workbench, 'chainrule.likelihood').hover();
      await workbench.page
        .locator('.monaco-hover:not(.hidden)')
        .filter({ hasText: 'very surprising' })
        .first()
        .waitFor();
      await workbench.screenshot(`likelihood-editor-key-${name}`);
      await workbench.page.mouse.move(300, 300);
    });
  }

  await editor.test('the hover tells ten alternatives; one of them is inserted in place of what is there', async () => {
    const hover = await hoverAt(workbench, 21, 10);
    const rows = await hover.locator('table tbody tr').allInnerTexts();
    assert.equal(rows.length, 10);
    assert.match((await hover.textContent()) ?? '', /bits for .*(likelier|likeliest)/s);
    await hover.getByText('insert this').nth(1).click();
    await eventually(
      'the tab shows a change',
      async () => (await workbench.page.locator('.tab.active.dirty').count()) === 1,
    );
    await workbench.save();
    const changed = sandbox.read('settings.ts');
    assert.notEqual(changed, code);
    const [before, after] = [code.split('\n'), changed.split('\n')];
    assert.deepEqual(after.slice(0, 20), before.slice(0, 20));
    assert.ok(after.at(20)!.endsWith(before[20]!.slice(-8)), 'what follows the symbol stays');
    await workbench.press('Control+z');
    await workbench.save();
    assert.equal(sandbox.read('settings.ts'), code, 'one undo takes it back');
  });

  await editor.test('the model goes on from an alternative to the end of the line, in one edit', async () => {
    const hover = await hoverAt(workbench, 22, 12);
    await hover.getByText('continue from this').first().click();
    await eventually(
      'the tab shows a change',
      async () => (await workbench.page.locator('.tab.active.dirty').count()) === 1,
      {
        timeoutMs: 30_000,
      },
    );
    await workbench.save();
    const after = sandbox.read('settings.ts').split('\n');
    assert.equal(after.length, code.split('\n').length, 'no line more');
    await workbench.press('Control+z');
    await workbench.save();
    assert.equal(sandbox.read('settings.ts'), code, 'one undo takes it back');
  });

  await editor.test('an edit is colored and measured', async () => {
    await measured(workbench);
    const before = (await colorings(workbench)).length;
    await workbench.goTo(17, 1);
    await workbench.type('qzx jjv kkw 8842 ');
    await eventually('what was typed is colored', async () => (await colorings(workbench)).length > before);
    await measured(workbench);
  });

  await editor.test('a scorer that dies is started again, and the colors stay right', async () => {
    const scorer = () => processesAtHome(sandbox.home).find(({ command }) => / scorer /.test(command))?.pid;
    const pid = scorer();
    assert.ok(pid);
    signalProcess(pid, 'SIGKILL');
    await eventually('another one runs', async () => scorer() !== undefined && scorer() !== pid);
    await measured(workbench);
    assert.ok((await kindsOf(workbench)) >= 5);
  });

  await editor.test('hidden by the same command, without a trace', async () => {
    await toggle();
    await eventually('no colors', async () => (await colorings(workbench)).length === 0);
    assert.equal(await statusItem(workbench, 'chainrule.likelihood').isVisible(), false);
    await workbench.discard();
  });

  await editor.test('files that may hold secrets are refused, an empty one is told to be empty', async () => {
    await workbench.open('.env');
    await toggle();
    await eventually('the reason is told', async () =>
      (await workbench.notifications()).some((text) => /hold secrets are never read/.test(text)),
    );
    await workbench.command('Notifications: Clear All Notifications');
    await workbench.discard();
    await workbench.open('empty.ts');
    await toggle();
    const figure = statusItem(workbench, 'chainrule.likelihood').locator('a').first();
    await eventually('it is empty', async () => /empty/.test((await figure.getAttribute('aria-label')) ?? ''));
    await toggle();
    await workbench.discard();
  });

  await editor.test('a line of 1 MB is colored as far as it is drawn', async () => {
    await workbench.open('long.js');
    await workbench.press('Control+Home');
    await toggle();
    await eventually('colors', async () => (await colorings(workbench)).length > 20, { timeoutMs: 60_000 });
    await workbench.type('let ');
    await eventually('still colored', async () => (await colorings(workbench)).length > 20);
    await toggle();
    await eventually('no colors', async () => (await colorings(workbench)).length === 0);
    await workbench.discard();
  });
});
