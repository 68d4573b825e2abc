// The likelihood of an image in the real editor, with a small PixelCNN made here: opened, looked at by mouse and keyboard, completed,
// exported, reloaded, in four themes; and what goes wrong with files, models and processes.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { checkAccessibility, frameOf } from './lib/accessibility.ts';
import { eventually } from './lib/eventually.ts';
import { type Editor, openEditor } from './lib/fixture.ts';
import { root } from './lib/installation.ts';
import { colorImageFiles } from './lib/learningData.ts';
import { enginesAtHome, signalProcess } from './lib/processes.ts';
import { commands } from './lib/product.ts';
import { themes, useTheme } from './lib/themes.ts';
import { View } from './lib/views.ts';
import type { Workbench } from './lib/workbench.ts';

const cli = path.join(root, 'dist', 'cli.js');
const patience = { timeoutMs: 90_000 };
const side = 16;
const hostileName = '<img src=x onerror=alert(1)> {a,b}[1].png';
/** Trained by the product's own command line. */
function trainPixelCnn(folder: string): string {
  const data = path.join(folder, 'hills');
  const model = path.join(folder, 'hillModel');
  mkdirSync(data, { recursive: true });
  for (const [name, bytes] of Object.entries(colorImageFiles(100, 3 * side)))
    writeFileSync(path.join(data, name), bytes);
  const shape = ['--size', `${side}x${side}`, '--channels', '3', '--levels', '256', '--rule', 'crop'];
  const how = ['--preset', 'small', '--steps', '300', '--batch', '8', '--seed', '1', '--threads', '1'];
  execFileSync(process.execPath, [cli, 'train', 'pixelCnn', '--data', data, '--out', model, ...shape, ...how], {
    stdio: 'pipe',
  });
  return model;
}

function bitsOf(model: string, file: string): number {
  const out = execFileSync(process.execPath, [cli, 'bits', '--model', model, file], { encoding: 'utf8' });
  return JSON.parse(out.trim().split('\n').at(-1) ?? '').bits;
}

/** Where the extension keeps what it trained. */
function modelsOf({ sandbox }: Editor): string {
  return path.join(sandbox.profile, 'User', 'globalStorage', 'chainrule.chainrule', 'models');
}

async function openLikelihood(workbench: Workbench, name: string): Promise<void> {
  await workbench.quickOpen(name, name);
  await workbench.page.locator('.tab.active').filter({ hasText: name }).waitFor();
  await workbench.command(commands.openImageLikelihood);
}

test('the likelihood of an image', async (t) => {
  const images = colorImageFiles(4, 160);
  const [picture] = Object.values(images);
  const small = colorImageFiles(2, 3 * side);
  const files = {
    'notes.txt': 'a\n',
    'large.png': picture!,
    'hill1.png': small['hill1.png']!,
    'broken.png': 'not a png',
    [hostileName]: small['hill0.png']!,
  };
  // A window that is opened with a file shows that again after a reload, in place of what was open.
  const editor = await openEditor(t);
  const { workbench, sandbox } = editor;
  for (const [name, contents] of Object.entries(files)) sandbox.write(name, contents);
  const view = new View(workbench);
  const model = trainPixelCnn(sandbox.folder);
  const installed = path.join(modelsOf(editor), 'pixelCnn-hills');
  const place = () => view.locator('.image-place').textContent();
  const said = () => view.locator('.image-spoken').textContent();
  const pane = () => view.locator('.pane').first();
  const press = (button: string | RegExp) => view.locator('main').getByRole('button', { name: button }).click();

  await editor.test('without a model it says so, and offers to train one', async () => {
    await workbench.waitForStatus(/Chainrule/, patience);
    await openLikelihood(workbench, 'hill1.png');
    await view.waitForHeadline(/No model of images has learnt from this workspace yet/, patience);
    assert.equal(await view.title(), 'hill1.png');
    assert.equal(
      await view.locator('button.primary:visible').first().textContent(),
      'Train PixelCNN on Workspace Images',
    );
  });

  await editor.test('a model from elsewhere is used after a yes; its bits are those of the command line', async () => {
    cpSync(model, installed, { recursive: true });
    await press('Choose Model...');
    await workbench.pick('PixelCNN');
    await workbench.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Use It Here' }).click();
    await view.waitForHeadline(/^[\d.]+ bits per channel value, \d+ % (below|above) PNG/, patience);
    const shown = Number((await view.facts())['In all']?.split(' ')[0]?.replaceAll(',', ''));
    assert.equal(shown, Math.round(bitsOf(model, path.join(sandbox.workspace, 'hill1.png'))));
  });

  await editor.test('mouse and keyboard lead over pixels, which are read out; the wheel zooms', async () => {
    const { width, height } = (await pane().boundingBox())!;
    await pane().hover({ position: { x: width / 2 + 2, y: height / 2 + 2 } });
    await eventually('the pixel is told', async () => (await place()) === 'Row 8, column 8');
    assert.equal(await view.locator('.readout thead th').count(), 3);
    await pane().click({ position: { x: width / 2 + 2, y: height / 2 + 2 } });
    await workbench.press('ArrowRight');
    await eventually('it is read out', async () => /^Row 8, column 9: red \d+, [\d.]+ bits/.test((await said()) ?? ''));
    await workbench.press('Control+Home');
    await eventually('far away, too', async () => /^Row 0, column 0: /.test((await said()) ?? ''));
    await pane().hover({ position: { x: width / 2 + 2, y: height / 2 + 2 } });
    for (let i = 0; i < 6; i++) await workbench.page.mouse.wheel(0, -100);
    await pane().hover({ position: { x: 4, y: 4 } });
    await eventually('what is seen is larger', async () => /^Row [2-7], column [2-7]$/.test((await place()) ?? ''));
    await press('Fit the whole picture');
    await pane().hover({ position: { x: width / 2 + 2, y: height / 2 + 2 } });
    await eventually('all is seen again', async () => (await place()) === 'Row 8, column 8');
  });

  await editor.test('completions from a row that was chosen by keyboard, with a seed, saved as PNG', async () => {
    await pane().focus();
    await workbench.press('Control+Home');
    for (let i = 0; i < 6; i++) await workbench.press('ArrowDown');
    await workbench.press('Enter');
    await view.locator('input[name="seed"]').fill('7');
    await view.locator('input[name="count"]').fill('4');
    await press('Complete from Row 6');
    const note = () => view.locator('.completion-note').textContent();
    await eventually(
      'they are made',
      async () => (await note()) === '4 ways to go on from row 6, with seed 7',
      patience,
    );
    assert.equal(await view.locator('.completions img').count(), 4);
    await press('Save completion 2 of 4');
    await workbench.acceptPath();
    const saved = path.join(sandbox.workspace, 'hill1-completion-2.png');
    await eventually('it is saved', () => existsSync(saved));
    const bytes = readFileSync(saved);
    assert.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], [side, side]);
  });

  await editor.test('the numbers and the map are exported', async () => {
    for (const [button, ending] of [
      ['Export CSV...', 'csv'],
      ['Export JSON...', 'json'],
      ['Export Map as PNG...', 'png'],
    ] as const) {
      await press(button);
      await workbench.acceptPath();
      await eventually(`${ending} is there`, () => existsSync(path.join(sandbox.workspace, `hill1-bits.${ending}`)));
    }
    const wanted = bitsOf(model, path.join(sandbox.workspace, 'hill1.png'));
    const rows = sandbox.read('hill1-bits.csv').trimEnd().split('\r\n').slice(1);
    const sum = rows.reduce((total, row) => total + Number(row.split(',')[4]), 0);
    assert.equal(rows.length, side * side * 3);
    assert.ok(Math.abs(sum / wanted - 1) < 1e-6, `${sum} is not ${wanted}`);
    assert.ok(Math.abs(JSON.parse(sandbox.read('hill1-bits.json')).bits / wanted - 1) < 1e-6);
  });

  // Before the reload, after which the window no longer follows the file of its settings.
  await editor.test(
    'a larger picture is resized by the rule of the model, in four themes, without an accessibility problem',
    async () => {
      await openLikelihood(workbench, 'large.png');
      await view.waitForHeadline(/bits per channel value/, patience);
      assert.match(
        (await view.text()).replaceAll('\n', ' '),
        /160 x 160 pixels became 16 x 16 by the model's own rule/,
      );
      await workbench.command('View: Close Primary Side Bar');
      await view.locator('input[name="seed"]').fill('3');
      await press(/^Complete from Row/);
      await eventually('they are made', async () => (await view.locator('.completions img').count()) === 8, patience);
      for (const theme of themes) {
        await useTheme(workbench, theme, view.root);
        await view.locator('h1').scrollIntoViewIfNeeded();
        const { width, height } = (await pane().boundingBox())!;
        await pane().hover({ position: { x: width / 2 + 40, y: height / 3 } });
        await eventually('the pixel is told', async () => /^Row/.test((await place()) ?? ''));
        await workbench.screenshot(`image-likelihood-${theme}`);
        await view.locator('.image-charts').scrollIntoViewIfNeeded();
        await workbench.screenshot(`image-likelihood-${theme}-below`);
        await checkAccessibility(`image likelihood, ${theme}`, await frameOf(view.root));
      }
    },
  );

  await editor.test(
    'a window that is reloaded brings the view back, with the row and the layout that were chosen',
    async () => {
      // The editor's own preview of it is the other tab of that name.
      await workbench.page.locator('.tab').filter({ hasText: 'hill1.png' }).last().click();
      await view.waitForHeadline(/bits per channel value/, patience);
      await view.select('Layout', 'Map over picture');
      // A reload of the browser's own would lose what the editor has not stored yet.
      await workbench.command('Developer: Reload Window');
      await view.root.waitFor({ state: 'detached' });
      await workbench.isUp({ withEditor: false });
      await view.waitForHeadline(/bits per channel value/, patience);
      assert.equal(await view.locator('input[name="row"]').inputValue(), '6');
      assert.equal(await view.locator('main').getByLabel('Layout', { exact: true }).inputValue(), 'over');
      await view.select('Layout', 'Side by side');
    },
  );

  await editor.test(
    'names are only text; a file that is no image, one that is replaced and one that goes each get a sentence',
    async () => {
      await openLikelihood(workbench, 'broken.png');
      await view.waitForHeadline(/^broken\.png: expected an image: .*got something else/, patience);
      await openLikelihood(workbench, hostileName);
      await view.waitForHeadline(/bits per channel value/, patience);
      assert.equal(await view.title(), hostileName);
      const before = await view.facts();
      sandbox.write(hostileName, small['hill1.png']!);
      const changed = async () => (await view.facts())['In all'] !== before['In all'];
      await eventually('it is scored again', changed, patience);
      rmSync(path.join(sandbox.workspace, hostileName));
      await view.waitForHeadline(/was deleted; what is shown is how it was/, patience);
      assert.equal(await view.locator('.pane').count(), 2);
      sandbox.write(hostileName, small['hill0.png']!);
      await view.waitForHeadline(/bits per channel value/, patience);
    },
  );

  await editor.test(
    'the scorer is killed and the model deleted: the view says so, and completion goes on',
    async () => {
      const pids = (role: string) =>
        enginesAtHome(sandbox.home)
          .filter(({ command }) => command.includes(`host.js ${role}`))
          .map(({ pid }) => pid);
      const scorers = () => pids('scorer');
      const engines = pids('engine');
      // One that nobody asked for a minute ends by itself.
      await view.locator('input[name="seed"]').fill('1');
      const draw = async (count: number) => {
        await view.locator('input[name="count"]').fill(String(count));
        await press(/^Complete from Row|^Draw Freely/);
        const drawn = async () => (await view.locator('.completions img').count()) === count;
        await eventually(`${count} are drawn`, drawn, patience);
      };
      await draw(1);
      const [first] = scorers();
      assert.equal(scorers().length, 1);
      signalProcess(first!, 'SIGKILL');
      await eventually('it is gone', () => !scorers().includes(first!));
      await draw(2);
      rmSync(installed, { recursive: true });
      await view.waitForHeadline(/The model that was chosen is gone/, patience);
      assert.deepEqual(pids('engine'), engines);
    },
  );
});
