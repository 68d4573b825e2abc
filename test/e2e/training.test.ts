// Training in the real editor, from the palette to what the model is for: a CharRNN on small text files, whose ghost text is
// accepted, and a PixelCNN on small images, of which a drawn one is saved.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { checkAccessibility, frameOf } from './lib/accessibility.ts';
import { eventually } from './lib/eventually.ts';
import { type Editor, openEditor } from './lib/fixture.ts';
import { continuation, imageFiles, textFiles } from './lib/learningData.ts';
import { signalProcess } from './lib/processes.ts';
import { commands } from './lib/product.ts';
import { View } from './lib/views.ts';
import { Workbench } from './lib/workbench.ts';

const patience = { timeoutMs: 180_000 };

/** Trains until the bits are below `bits`, and stops it there unless it has ended by itself. */
async function trainUntil(view: View, bits: number): Promise<void> {
  const measured = async () => {
    const headline = await view.headline();
    const found = /: ([\d.]+) bits per/.exec(headline)?.[1];
    if (found === undefined || Number(found) > bits) throw new Error(await view.text());
    return headline;
  };
  const headline = await eventually(`bits below ${bits}`, measured, patience);
  if (/^Finished/.test(headline)) return;
  await view.press('Stop and Keep');
  await view.waitForHeadline(/^(Stopped and kept|Finished)/, patience);
}

/** Where the extension keeps what it trained. */
function modelsOf({ sandbox }: Editor): string {
  const storage = path.join(sandbox.profile, 'User', 'globalStorage');
  const own = existsSync(storage) ? readdirSync(storage).find((name) => name.startsWith('chainrule')) : undefined;
  return path.join(storage, own ?? 'none', 'models');
}

/** Of all trainings that are not finished. */
function checkpointsOf(editor: Editor): string[] {
  const models = modelsOf(editor);
  const names = existsSync(models) ? readdirSync(models, { recursive: true, encoding: 'utf8' }) : [];
  return names.filter((name) => name.endsWith('.checkpoint'));
}

test('a CharRNN learns from the workspace and completes in it', async (t) => {
  const files = { ...textFiles(), '.env': 'TOKEN=1\n', 'data.bin': new Uint8Array(500), 'diary.txt': '' };
  const editor = await openEditor(t, { files, open: 'diary.txt' });
  const { workbench } = editor;
  const view = new View(workbench);
  await workbench.waitForStatus(/: ready: ./, patience);

  await editor.test('before it starts: what is read, what is left out and why, what it will take', async () => {
    await workbench.command(commands.trainCharRnn);
    await view.waitForHeadline(/^Ready/, patience);
    const text = await view.text();
    assert.match(text, /Reads \d+ files/);
    assert.match(text, /data\.bin/);
    assert.match(text, /\.env/);
    const facts = await view.facts();
    assert.match(facts['In 10 minutes'] ?? '', /about [\d,]+ steps/);
    assert.match(facts['Memory'] ?? '', /MB|GB/);
    await checkAccessibility('the choices of a training', await frameOf(view.root));
  });

  await editor.test('while it learns: curves, samples, and the editor stays usable', async () => {
    await view.choose('2 minutes');
    await view.press('Start Training');
    await view.waitForHeadline(/^Step [\d,]+: [\d.]+ bits per byte on files/, patience);
    await eventually('a sample is shown', async () => /step \d+/.test(await view.text()), patience);
    assert.match((await view.facts())['gzip on the same'] ?? '', /[\d.]+/);
    await checkAccessibility('a training', await frameOf(view.root));
  });

  await editor.test('a view that was hidden and is shown again has its curves from the first step on', async () => {
    const chart = view.root.getByRole('slider');
    const from = /, step (\d+) to [\d,]+$/;
    const before = from.exec((await chart.getAttribute('aria-label')) ?? '')?.[1];
    await workbench.open('diary.txt');
    await workbench.command(commands.showTraining);
    await eventually('they are whole', async () => {
      const label = (await chart.getAttribute('aria-label', { timeout: 1000 })) ?? '';
      return before !== undefined && from.exec(label)?.[1] === before;
    });
  });

  await editor.test('a reload of the window keeps what was learnt, and offers to go on, once', async () => {
    await workbench.page.reload();
    await workbench.isUp({ withEditor: false });
    await eventually('it is offered', async () =>
      (await workbench.notifications()).some((one) => /interrupted/.test(one)),
    );
    await workbench.page.locator('.notification-toast').getByRole('button', { name: 'Resume' }).click();
    await view.waitForHeadline(/^Step [\d,]+: /, patience);
  });

  await editor.test('stopped and kept, chosen with one click, it completes here', async () => {
    await trainUntil(view, 0.85);
    assert.equal(readdirSync(modelsOf(editor)).length, 1);
    await view.press('Use for Completions Here');
    await workbench.waitForStatus(/: ready: charRnn/, patience);
    await workbench.open('diary.txt');
    await workbench.type('tuesday belongs to the g');
    const ghost = await workbench.waitForGhostText();
    assert.ok(continuation('tuesday belongs to the g').startsWith(ghost.split('\n')[0] ?? ''), ghost);
    await workbench.press('Tab');
    await workbench.save();
    assert.equal(editor.sandbox.read('diary.txt'), `tuesday belongs to the g${ghost}`);
  });

  await editor.test('the picker shows it with its bits, before the built-in model', async () => {
    await workbench.command(commands.chooseModel);
    await eventually('its bits are told', async () =>
      (await workbench.pickRows()).some((row) => /CharRNN.*?[\d.]+ bits per byte/.test(row)),
    );
    await workbench.press('Escape');
  });

  await editor.test('text is sampled into an editor', async () => {
    await workbench.command(commands.sampleModel);
    await workbench.pick('CharRNN');
    await workbench.answer('How the text begins', 'monday belongs');
    await workbench.pick('as it learnt');
    await eventually('text comes', async () => {
      const lines = await workbench.page.locator('.editor-instance .view-line').allTextContents();
      return lines.join('').replaceAll('\u00a0', ' ').includes('monday belongs to th');
    });
    await workbench.discard();
  });

  await editor.test('another workspace is not served by it unless somebody says yes', async () => {
    const elsewhere = path.join(editor.sandbox.folder, 'elsewhere');
    mkdirSync(elsewhere);
    writeFileSync(path.join(elsewhere, 'other.txt'), '');
    const other = new Workbench(await editor.browser.newPage());
    await other.page.goto(editor.server.windowAddress(elsewhere, 'other.txt'));
    await other.isUp();
    await other.focusEnd();
    await other.waitForStatus(/: ready: model/, patience);
    await other.command(commands.chooseModel);
    await other.pick('CharRNN');
    const dialog = other.page.locator('.monaco-dialog-box');
    await dialog.getByText('learnt from the workspace "workspace", not from this one').waitFor();
    await other.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.match(await other.status(), /: ready: model/);
    await other.page.close();
  });

  await editor.test('it is renamed and deleted; what completed here before does so again', async () => {
    const input = workbench.page.locator('.quick-input-widget input.input');
    await workbench.command(commands.manageModels);
    await workbench.pick('CharRNN');
    await workbench.pick('Rename...');
    await workbench.answer('Rename', 'Week days');
    await input.waitFor({ state: 'hidden' });
    await workbench.command(commands.manageModels);
    await workbench.pick('Week days');
    await workbench.pick('Delete...');
    await workbench.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Delete' }).click();
    await workbench.waitForStatus(/: ready: model/, patience);
    assert.deepEqual(readdirSync(modelsOf(editor)), []);
  });
});

test('a training process that is killed is told, and goes on where it was', async (t) => {
  const editor = await openEditor(t, { files: textFiles(8, 60), open: 'notes0.txt' });
  const { workbench } = editor;
  const view = new View(workbench);
  const [engine] = [await editor.engine()];
  await workbench.command(commands.trainCharRnn);
  await view.waitForHeadline(/^Ready/, patience);
  await view.press('Start Training');
  await view.waitForHeadline(/^Step [\d,]+: /, patience);
  const trainer = editor.engines().find((pid) => pid !== engine) ?? assert.fail('no training process runs');
  // The measurement is told before the checkpoint that it is worth is written.
  await eventually('a checkpoint is written', () => checkpointsOf(editor).length > 0, patience);
  signalProcess(trainer, 'SIGKILL');
  await view.waitForHeadline(/^Paused at step \d+/);
  assert.match(await view.text(), /killed by SIGKILL/);
  assert.equal(await editor.engine(), engine, 'completion goes on');
  await view.press('Resume');
  await view.waitForHeadline(/^Step [\d,]+: /, patience);
  await view.press('Pause');
  await view.waitForHeadline(/^Paused at step/, patience);
  await eventually('no training process is left', () => editor.engines().length === 1);
});

test('a PixelCNN learns from the images of the workspace, and one that it draws is saved', async (t) => {
  const files = { ...imageFiles(), 'broken.png': 'not a png', 'notes.txt': 'a\n' };
  const editor = await openEditor(t, { files, open: 'notes.txt' });
  const { workbench, sandbox } = editor;
  const view = new View(workbench);

  await editor.test('before it starts: the images as the model will see them', async () => {
    await workbench.command(commands.trainPixelCnn);
    await view.waitForHeadline(/^Ready/, patience);
    assert.match(await view.text(), /Reads \d+ images/);
    assert.match(await view.text(), /broken\.png/);
    await view.select('Size', '8 x 8');
    await view.select('Levels', '4 levels');
    await view.waitForHeadline(/^Ready/, patience);
    assert.ok((await view.numImages()) >= 4);
  });

  await editor.test('it learns, with its drawings shown', async () => {
    await view.choose('2 minutes');
    await view.press('Start Training');
    await view.waitForHeadline(/^(Step|Finished).*: [\d.]+ bits per pixel on images/, patience);
    await eventually('a drawing is shown', async () => (await view.numImages()) > 0, patience);
    await trainUntil(view, 3);
  });

  await editor.test('a sheet is drawn and saved as PNG', async () => {
    await view.press('Draw Images');
    await view.waitForHeadline(/^16 images drawn/, patience);
    await view.press('Save as PNG...');
    await workbench.page.locator('.quick-input-widget input.input').waitFor();
    await workbench.press('Enter');
    const saved = () => readdirSync(sandbox.workspace).find((name) => /^PixelCNN.*\.png$/.test(name));
    const name = await eventually('the file is there', saved);
    const bytes = readFileSync(path.join(sandbox.workspace, name));
    assert.deepEqual([...bytes.subarray(1, 4)], [...Buffer.from('PNG')]);
    assert.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], [38, 38], 'four by four, with gaps');
  });

  await editor.test('the lower half of an image is drawn, given the upper one', async () => {
    await view.press('Complete an Image...');
    await workbench.pick('ring1.png');
    await view.waitForHeadline(/upper half is ring1\.png; 8 ways/, patience);
    assert.equal(await view.numImages(), 8);
  });
});
