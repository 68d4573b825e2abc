// Likelihoods in the kinds of documents that the editor has beside files: the sides of a comparison, drafts that are saved, cells of notebooks.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { eventually } from './lib/eventually.ts';
import { openEditor } from './lib/fixture.ts';
import { colorings, kindsOf, measured } from './lib/likelihoodColors.ts';
import { commands } from './lib/product.ts';

const code = 'export function add(one: number, other: number): number {\n  return one + other;\n}\n';
const cell = (source: string[]) => ({ cell_type: 'code', execution_count: null, metadata: {}, outputs: [], source });
const notebook = JSON.stringify({
  cells: [cell(['import math\n', 'print(math.pi)\n']), cell(['def grbl(qzx):\n', '    return qzx * 7391\n'])],
  metadata: { language_info: { name: 'python' } },
  nbformat: 4,
  nbformat_minor: 5,
});

const manyLines = Array.from({ length: 30_000 }, (_, i) => `const value${i} = compute(${i}, 'text of some length');`);
const draft = 'const result = zqx(7391);';
/** In processor time, of one turn of the extension host, beside what the editor itself needs for keys in a document of that size. */
const mostWorkMs = 10;

test('likelihoods in documents of other kinds', async (t) => {
  const files = {
    'one.ts': code,
    'other.ts': code.replace('one + other', 'zqx - grbl'),
    'cells.ipynb': notebook,
    'long.txt': manyLines.join('\n'),
  };
  // Whether completions are on has nothing to do with it.
  const settings = { 'chainrule.model.path': '', 'chainrule.enabled': false };
  const editor = await openEditor(t, { files, open: 'one.ts', settings, probed: true });
  const { workbench, sandbox } = editor;
  const { page } = workbench;
  const input = page.locator('.quick-input-widget input.input');
  const toggle = () => workbench.command(commands.showLikelihood);

  await editor.test('in a comparison each side is shown by itself', async () => {
    await workbench.command('File: Compare Active File With...');
    await input.fill('other.ts');
    await workbench.pick('other.ts');
    const side = (which: string) => `.monaco-diff-editor .editor.${which}`;
    const focus = (which: string) =>
      page
        .locator(`${side(which)} .view-line`)
        .first()
        .click();
    await focus('modified');
    await toggle();
    await eventually('the right side is colored', async () => (await kindsOf(workbench, side('modified'))) >= 3);
    assert.deepEqual(await colorings(workbench, side('original')), []);
    await focus('original');
    await toggle();
    await eventually('the left side as well', async () => (await kindsOf(workbench, side('original'))) >= 3);
    await measured(workbench);
    await workbench.screenshot('likelihood-comparison');
    await toggle();
    await eventually('one is hidden', async () => (await kindsOf(workbench, side('original'))) === 0);
    assert.ok((await kindsOf(workbench, side('modified'))) >= 3);
    await workbench.command('View: Close All Editors');
  });

  await editor.test('a draft stays shown when it is saved, under its new name', async () => {
    await workbench.command('File: New Untitled Text File');
    await workbench.editor.locator('.view-line').first().waitFor();
    await workbench.type(draft);
    await toggle();
    await eventually('colors', async () => (await kindsOf(workbench)) >= 3);
    await workbench.press('Escape');
    await workbench.press('Control+s');
    // It is named after its first line.
    await eventually('a name is offered', async () => /zqx/.test(await input.inputValue()));
    await workbench.press('Enter');
    await eventually('it is saved', () => existsSync(path.join(sandbox.workspace, draft)));
    await page.locator('.tab.active.dirty').waitFor({ state: 'detached' });
    await measured(workbench);
    await eventually('still colored', async () => (await kindsOf(workbench)) >= 3);
    await toggle();
    await eventually('no colors', async () => (await colorings(workbench)).length === 0);
    await workbench.command('View: Close All Editors');
  });

  await editor.test('a long file is scrolled and edited without holding up the extension host', async () => {
    await workbench.open('long.txt');
    await workbench.press('Control+Home');
    const stir = async () => {
      for (let page = 0; page < 20; page++) await workbench.press('PageDown');
      await workbench.type('const other = compute(7, 8);\n', 30);
      await workbench.press('Control+End');
      await workbench.type('const last = 1;', 30);
      await workbench.press('Control+Home');
      return (await editor.extensionHost()).longestWorkMs;
    };
    await toggle();
    await eventually('colors', async () => (await kindsOf(workbench)) >= 3, { timeoutMs: 60_000 });
    await toggle();
    await editor.extensionHost();
    const without = await stir();
    await editor.extensionHost();
    await toggle();
    await eventually('colors again', async () => (await kindsOf(workbench)) >= 3, { timeoutMs: 60_000 });
    const opening = (await editor.extensionHost()).longestWorkMs;
    const withColors = await stir();
    t.diagnostic(`the extension host: ${without} ms without, ${opening} ms opening, ${withColors} ms with colors`);
    assert.ok(Math.max(opening, withColors) <= without + mostWorkMs, `${without}, ${opening}, ${withColors}`);
    await workbench.screenshot('likelihood-long');
    await toggle();
    await workbench.discard();
  });

  await editor.test('cells of a notebook', async () => {
    await workbench.quickOpen('cells.ipynb', 'cells.ipynb');
    const line = page.locator('.notebookOverlay .cell-editor-container .view-line').filter({ hasText: 'grbl' }).first();
    await line.click({ timeout: 60_000 });
    await toggle();
    const within = '.notebookOverlay';
    await eventually('the cell is colored', async () => (await kindsOf(workbench, within)) >= 3);
    await measured(workbench);
    await line.click();
    await workbench.press('End');
    const before = (await colorings(workbench, within)).length;
    await workbench.type('  # jjv kkw 8842 flumox');
    await eventually('what was typed is colored', async () => (await colorings(workbench, within)).length > before);
    await workbench.screenshot('likelihood-notebook');
    await toggle();
    await eventually('no colors', async () => (await colorings(workbench)).length === 0);
    await workbench.command('View: Revert and Close Editor');
  });
});
