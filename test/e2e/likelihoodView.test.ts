// The likelihood view in the real editor: a file is scored by a model that was trained here and by the built-in one; what the mouse and
// the keyboard do, what is compared, proven and exported, what survives a reload, and what is said when something is wrong.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Locator } from 'playwright-core';
import { checkAccessibility, frameOf } from './lib/accessibility.ts';
import { eventually } from './lib/eventually.ts';
import { type Editor, openEditor } from './lib/fixture.ts';
import { root } from './lib/installation.ts';
import { enginesAtHome, signalProcess } from './lib/processes.ts';
import { commands } from './lib/product.ts';
import { themes, useTheme } from './lib/themes.ts';
import { View } from './lib/views.ts';

const patience = { timeoutMs: 120_000 };
const source = readFileSync(path.join(root, 'src', 'likelihood', 'spans.ts'), 'utf8');
const hostile =
  '<img src=x onerror="document.title=1">\u202e gnp.exe\u0007\u200b\u2028 שלום \ud83d\ude00\r\n<b>bold</b>\n';
const hostileName = '<b>\u05e9 &amp; "x".txt';
/** The page's own parts. */
function parts(view: View): { map: Locator; details: Locator; note: Locator } {
  const map = view.root.locator('.heat-map');
  return { map, details: view.root.locator('.token-details'), note: view.root.locator('.note') };
}

async function chooseModel(view: View, side: 'a' | 'b', name: string): Promise<void> {
  const select = view.root.locator(`vscode-single-select[data-side="${side}"]`);
  await select.click();
  await select.locator('li.option').filter({ hasText: name }).click();
}

async function exportAs({ workbench, sandbox }: Editor, view: View, what: string, ending: RegExp): Promise<Buffer> {
  await view.root.getByLabel('Export', { exact: true }).selectOption({ label: what });
  await view.press('Export...');
  await workbench.acceptPath();
  const saved = () => readdirSync(sandbox.workspace).find((name) => ending.test(name));
  const name = await eventually(`${what} is saved`, saved);
  return readFileSync(path.join(sandbox.workspace, name));
}

test('the likelihood view', async (t) => {
  const files = {
    'spans.ts': source,
    'shapes.ts': readFileSync(path.join(root, 'samples', 'shapes.ts'), 'utf8'),
    [hostileName]: hostile,
    'empty.txt': '',
    'line.txt': 'let x = [1, 2];'.repeat(2000),
  };
  // Without a file: a window that is opened with one shows that again after a reload, in place of what was open. And no question about
  // unusual line ends.
  const editor = await openEditor(t, { settings: { 'editor.unusualLineTerminators': 'off' } });
  const { workbench, sandbox } = editor;
  for (const [name, contents] of Object.entries(files)) sandbox.write(name, contents);
  const view = new View(workbench);
  const { map, details, note } = parts(view);

  await editor.test('four themes', async () => {
    await workbench.command('View: Close Primary Side Bar');
    await workbench.open('shapes.ts');
    await workbench.command(commands.openLikelihoodView);
    await view.waitForHeadline(/bits per byte/, patience);
    await chooseModel(view, 'a', 'Built-in model');
    await view.waitForHeadline(/^[0-3]\.\d+ bits per byte: /, patience);
    for (const theme of themes) {
      await useTheme(workbench, theme, view.root);
      await map.hover({ position: { x: 160, y: 96 } });
      await view.root.locator('.tooltip.shown').waitFor();
      await workbench.screenshot(`likelihood-${theme}`);
      await checkAccessibility(`the likelihood view, ${theme}`, await frameOf(view.root));
      await view.root.locator('.curves').scrollIntoViewIfNeeded();
      await workbench.screenshot(`likelihood-${theme}-below`);
      await view.root.evaluate((main) => main.ownerDocument.scrollingElement?.scrollTo(0, 0));
    }
    await workbench.command('View: Close All Editors');
  });

  await editor.test('a file is scored; the mouse tells of a token, and a click goes to its place', async () => {
    await workbench.open('spans.ts');
    await workbench.command(commands.openLikelihoodView);
    await view.waitForHeadline(/^\d\.\d+ bits per byte: 1,\d+ bytes in [\d,]+ tokens need \d/, patience);
    assert.equal(await view.title(), 'spans.ts');
    const box = (await map.boundingBox()) ?? assert.fail('the heat map is nowhere');
    await map.hover({ position: { x: 120, y: 10 } });
    await eventually('the token is told', async () =>
      /line 1.*bits.*rank.*entropy/.test((await details.textContent()) ?? ''),
    );
    await view.root.locator('.tooltip.shown').waitFor();
    assert.ok(box.height > 200);
    await map.click({ position: { x: 120, y: 10 } });
    await eventually('the cursor is in line 1', async () =>
      /Ln 1,.*selected/.test(
        (await workbench.page.locator('.statusbar-item[id*="status.editor.selection"]').textContent()) ?? '',
      ),
    );
  });

  await editor.test('the keyboard moves over tokens and goes to places', async () => {
    const where = async () => details.locator('.where').textContent();
    await map.focus();
    await workbench.press('Control+Home');
    await eventually('the first token has the cursor', async () => (await where()) === 'line 1, column 1');
    for (const key of ['ArrowDown', 'ArrowRight', 'ArrowUp', 'ArrowRight']) await workbench.press(key);
    // Down to the next row, and up again; each token of this model is a character.
    await eventually('the third token has the cursor', async () => (await where()) === 'line 1, column 3');
    await workbench.press('Control+End');
    await eventually('the end', async () => /end of the text/.test((await details.textContent()) ?? ''));
    const profile = view.root.getByRole('slider', { name: 'Bits by line' });
    await profile.focus();
    await workbench.press('Home');
    await eventually('the first line', async () => (await profile.getAttribute('aria-valuenow')) === '1');
  });

  await editor.test('against compressors and another model; side by side with the difference', async () => {
    await eventually('gzip is measured', async () => /gzip -9\s*\d\.\d+/.test(await view.text()), patience);
    await view.root.getByRole('button', { name: 'Compute All' }).click();
    await eventually(
      'the built-in model is measured',
      async () => /Built-in model\s*\d\.\d{3}/.test(await view.text()),
      patience,
    );
    await chooseModel(view, 'b', 'Built-in model');
    await view.waitForHeadline(/under the second model: [\d.]+ % (fewer|more)/, patience);
    await workbench.screenshot('likelihood-compared');
  });

  await editor.test('every export is whole', async () => {
    const csv = String(await exportAs(editor, view, 'Tokens as CSV', /tokens\.csv$/));
    const rows = csv.split('\r\n');
    assert.equal(rows[0], 'model,token,line,column,start,end,text,bits,entropy,rank');
    const json = JSON.parse(String(await exportAs(editor, view, 'Tokens as JSON', /tokens\.json$/)));
    assert.equal(json.models.length, 2);
    for (const model of json.models) {
      assert.equal(model.tokens.map((token: { text: string }) => token.text).join(''), source);
      const sum = model.tokens.reduce((all: number, { bits }: { bits: number }) => all + bits, 0);
      assert.ok(Math.abs(sum / model.bits - 1) < 1e-6, `${sum} is not ${model.bits}`);
    }
    for (const [what, ending] of [
      ['Heat map as PNG', /heat-map\.png$/],
      ['Curves as PNG', /curves\.png$/],
      ['Histogram as PNG', /histogram\.png$/],
    ] as const) {
      const png = await exportAs(editor, view, what, ending);
      assert.deepEqual([...png.subarray(1, 4)], [...Buffer.from('PNG')]);
      assert.ok(png.readUInt32BE(16) > 400 && png.readUInt32BE(20) > 200, what);
    }
    for (const [what, ending] of [
      ['Heat map as SVG', /heat-map\.svg$/],
      ['Curves as SVG', /curves\.svg$/],
      ['Histogram as SVG', /histogram\.svg$/],
    ] as const) {
      assert.match(String(await exportAs(editor, view, what, ending)), /^<svg [\s\S]*<\/svg>\n$/, what);
    }
  });

  await editor.test('the proof: there and back, as many bytes as the bits say', async () => {
    await view.press('Prove It');
    await eventually('it is proven', async () => /came back byte for byte/.test(await view.text()), patience);
    const [, beyond = ''] = /bytes \(([+-][\d.]+)\)/.exec(await view.text()) ?? [];
    assert.ok(Math.abs(Number(beyond)) <= 8, beyond);
  });

  await editor.test('after a reload the same document, models and place', async () => {
    await map.evaluate((element) => element.scrollTo(0, 200));
    await eventually('the editor keeps it', async () =>
      view.root.evaluate((main) => Number(main.ownerDocument.body.dataset['keptLine']) > 0),
    );
    // A reload of the browser's own would lose what the editor has not stored yet.
    await workbench.command('Developer: Reload Window');
    await view.root.waitFor({ state: 'detached' });
    await workbench.isUp({ withEditor: false });
    await view.waitForHeadline(/under the second model/, patience);
    await eventually('the place is the same', async () => (await map.evaluate((element) => element.scrollTop)) > 100);
  });

  await editor.test(
    'a text that changes says so, and is scored again; one that is deleted stays as it was',
    async () => {
      await workbench.open('spans.ts');
      await workbench.type('\n// more\n');
      await workbench.save();
      await workbench.command(commands.openLikelihoodView);
      await eventually('it is stale', async () => /has changed/.test((await note.textContent()) ?? ''));
      await view.press('Score Again');
      await eventually('it is not', async () => (await note.textContent()) === '', patience);
      await view.waitForHeadline(/under the second model/, patience);
      rmSync(path.join(sandbox.workspace, 'spans.ts'));
      await eventually('it is gone', async () => /was deleted/.test((await note.textContent()) ?? ''));
      assert.match(await view.headline(), /under the second model/);
      sandbox.write('spans.ts', source);
      await eventually('it is back, with what it held before', async () =>
        /^The text has changed/.test((await note.textContent()) ?? ''),
      );
    },
  );

  await editor.test('the scoring process dies: the view says so, and scores again', async () => {
    await chooseModel(view, 'b', 'no other model');
    await view.waitForHeadline(/bits per byte: /, patience);
    for (const { pid } of enginesAtHome(sandbox.home)) signalProcess(pid, 'SIGKILL');
    await view.press('Prove It');
    await eventually(
      'an answer',
      async () => /came back byte for byte|process ended/.test(await view.text()),
      patience,
    );
  });

  await editor.test('hostile text is text', async () => {
    await workbench.quickOpen('x".txt', 'x".txt');
    await workbench.editor.locator('.view-line').first().waitFor();
    await workbench.command(commands.openLikelihoodView);
    await view.waitForHeadline(/bits per byte/, patience);
    assert.equal(await view.title(), hostileName);
    assert.equal(await view.root.locator('img, b').count(), 0);
    await workbench.screenshot('likelihood-hostile');
  });

  await editor.test('an empty file, and one long line', async () => {
    await workbench.command('View: Close All Editors');
    await workbench.open('empty.txt');
    await workbench.command(commands.openLikelihoodView);
    await view.waitForHeadline(/^Empty: its end alone takes [\d.]+ bits/, patience);
    await workbench.open('line.txt');
    await workbench.command(commands.openLikelihoodView);
    await view.waitForHeadline(/bits per byte: .*30,000 bytes/, patience);
    await workbench.screenshot('likelihood-line');
  });
});
