// A model folder that is missing or damaged: the status names the file and what to do, the log too, and nothing else breaks.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { eventually } from './lib/eventually.ts';
import { openEditor, prepared } from './lib/fixture.ts';
import { commands } from './lib/product.ts';
import { corpusUpTo } from './lib/testModel.ts';

interface Damage {
  readonly name: string;
  /** What the status must name. */
  readonly names: RegExp;
  damage(folder: string): void;
}

const file = (folder: string, name: string) => path.join(folder, name);

function editDescription(
  folder: string,
  edit: (description: Record<string, unknown>) => Record<string, unknown>,
): void {
  const text = readFileSync(file(folder, 'model.json'), 'utf8');
  writeFileSync(file(folder, 'model.json'), JSON.stringify(edit(JSON.parse(text) as Record<string, unknown>)));
}

const damages: readonly Damage[] = [
  { name: 'no folder', names: /expected a model folder/, damage: () => undefined },
  {
    name: 'an empty folder',
    names: /model\.json/,
    damage: (folder) => mkdirSync(folder, { recursive: true }),
  },
  {
    name: 'a description that is no JSON',
    names: /model\.json/,
    damage: (folder) => writeFileSync(file(folder, 'model.json'), '{ "formatVersion": 1,'),
  },
  {
    name: 'a description from the future',
    names: /model\.json.*formatVersion/s,
    damage: (folder) => editDescription(folder, (description) => ({ ...description, formatVersion: 999 })),
  },
  {
    name: 'an unknown architecture',
    names: /model\.json\W+architecture: expected .*gpt.*, got "oracle"[;,] \w+/,
    damage: (folder) => editDescription(folder, (description) => ({ ...description, architecture: 'oracle' })),
  },
  {
    name: 'a configuration that is a list',
    names: /model\.json\W+config: expected .*, got .*[;,] \w+/,
    damage: (folder) => editDescription(folder, (description) => ({ ...description, config: [64] })),
  },
  {
    name: 'a configuration with a text for a number',
    names: /model\.json\W+gpt config: hiddenSize: expected a whole number .*, got "64"[;,] \w+/,
    damage: (folder) =>
      editDescription(folder, (description) => {
        return { ...description, config: { ...(description['config'] as object), hiddenSize: '64' } };
      }),
  },
  {
    name: 'parameters cut short',
    names: /model\.safetensors/,
    damage: (folder) => truncateSync(file(folder, 'model.safetensors'), 1000),
  },
  {
    name: 'a graph of zeros',
    names: /step\.onnx/,
    damage: (folder) => writeFileSync(file(folder, 'step.onnx'), Buffer.alloc(1000)),
  },
];

test('broken model folders', async (t) => {
  const editor = await openEditor(t, { files: { 'days.ts': corpusUpTo('days.ts', 'case 2:\n      ') } });
  const { workbench, sandbox } = editor;
  await editor.ready();
  await workbench.command(commands.showLog);
  await workbench.open('days.ts');

  for (const { name, names, damage } of damages) {
    await editor.test(`${name}: the status names it and the remedy`, async () => {
      const folder = path.join(sandbox.folder, 'models', name.replaceAll(' ', '-'));
      if (!['no folder', 'an empty folder'].includes(name)) cpSync(prepared.model, folder, { recursive: true });
      damage(folder);
      sandbox.configure({ ...editor.settings, 'chainrule.model.path': folder });
      const wanted = `: failed: .*${path.basename(folder)}\\W+${names.source}`;
      const status = await workbench.waitForStatus(new RegExp(wanted, 's'));
      assert.match(status, /[;,] \w+/, 'the remedy follows');
      const excerpt = status.replace(/^Chainrule: failed: /, '').slice(0, 40);
      await eventually('the log says the same', async () => (await workbench.output()).includes(excerpt));
    });
  }

  await editor.test('and typing goes on, and a whole model is taken up again', async () => {
    await workbench.open('days.ts');
    await workbench.type('retu');
    await workbench.save();
    assert.match(sandbox.read('days.ts'), /retu$/);
    sandbox.configure(editor.settings);
    await editor.ready();
    await workbench.type('r');
    await workbench.waitForGhostText();
  });
});
