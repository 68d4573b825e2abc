import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { CancelledError, UserError } from '../../../src/base/errors.ts';
import type { ImageModel } from '../../../src/engine/loadImageModel.ts';
import type { TextModel } from '../../../src/engine/loadModel.ts';
import { ModelShelf } from '../../../src/host/modelShelf.ts';
import { temporaryFolder } from '../formats/folder.ts';

/** A shelf of models that are no more than names, and what was loaded and put away. */
function shelfOf(t: TestContext, most = 3) {
  const root = temporaryFolder(t);
  const events: string[] = [];
  const gates = new Map<string, () => Promise<void>>();
  const load = async <Model>(kind: string, modelPath: string, threads: number): Promise<Model> => {
    const name = `${kind} ${path.basename(modelPath)} ${threads}`;
    await gates.get(path.basename(modelPath))?.();
    events.push(`+${name}`);
    return { name, dispose: () => events.push(`-${name}`) } as Model;
  };
  const shelf = new ModelShelf(
    {
      text: (modelPath, threads) => load<TextModel>('text', modelPath, threads),
      image: (modelPath, threads) => load<ImageModel>('image', modelPath, threads),
    },
    most,
  );
  const folder = (name: string, description = '{}') => {
    mkdirSync(path.join(root, name), { recursive: true });
    writeFileSync(path.join(root, name, 'model.json'), description);
    return path.join(root, name);
  };
  return { shelf, events, gates, folder };
}

const nothing = async () => undefined;

test('a model is loaded once, also for two who ask at once, and kept', async (t) => {
  const { shelf, events, folder } = shelfOf(t);
  const a = folder('a');
  await Promise.all([shelf.withText(a, nothing), shelf.withText(a, nothing)]);
  await shelf.withText(a, nothing);
  await shelf.withImage(a, nothing);
  assert.deepEqual(events, ['+text a 1', '+image a 1']);
  shelf.dispose();
  assert.deepEqual(events.slice(2), ['-text a 1', '-image a 1']);
});

test('the one used longest ago makes room', async (t) => {
  const { shelf, events, folder } = shelfOf(t, 2);
  const [a, b, c] = ['a', 'b', 'c'].map((name) => folder(name));
  for (const one of [a, b, a, c, a]) await shelf.withText(one!, nothing);
  assert.deepEqual(events, ['+text a 1', '+text b 1', '-text b 1', '+text c 1']);
  shelf.dispose();
});

test('what is in use stays until its work is done, whatever happens to its folder or the shelf', async (t) => {
  const { shelf, events, folder } = shelfOf(t, 1);
  const a = folder('a');
  await shelf.withText(a, async () => {
    await shelf.withText(folder('b'), nothing);
    rmSync(a, { recursive: true });
    assert.deepEqual(events, ['+text a 1', '+text b 1']);
  });
  assert.deepEqual(events, ['+text a 1', '+text b 1', '-text a 1']);
  await assert.rejects(
    shelf.withText(folder('b'), async () => {
      shelf.dispose();
      throw new Error('broken');
    }),
    /broken/,
  );
  assert.deepEqual(events.at(-1), '-text b 1');
});

test('a folder that changed, or other threads: loaded afresh, the old one put away', async (t) => {
  const { shelf, events, folder } = shelfOf(t);
  const a = folder('a');
  await shelf.withText(a, nothing);
  folder('a', '{"trained": "more"}');
  await shelf.withText(a, nothing);
  shelf.threads = 2;
  await shelf.withText(a, nothing);
  assert.deepEqual(events, ['+text a 1', '-text a 1', '+text a 1', '-text a 1', '+text a 2']);
  shelf.dispose();
});

test('a folder that is none, or vanished, is told', async (t) => {
  const { shelf, folder } = shelfOf(t);
  const a = folder('a');
  await shelf.withText(a, nothing);
  rmSync(a, { recursive: true });
  await assert.rejects(shelf.withText(a, nothing), (error) => {
    assert.ok(error instanceof UserError);
    return /a: expected a model folder with a model.json, got none/.test(error.message);
  });
  shelf.dispose();
});

test('what is there does not wait for what is being loaded; a shelf that is disposed of keeps nothing', async (t) => {
  const { shelf, events, gates, folder } = shelfOf(t);
  const a = folder('a');
  await shelf.withText(a, nothing);
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  gates.set('slow', () => opened);
  const slow = shelf.withText(folder('slow'), nothing);
  await shelf.withText(a, nothing);
  shelf.dispose();
  open();
  await assert.rejects(slow, CancelledError);
  assert.deepEqual(events, ['+text a 1', '-text a 1', '+text slow 1', '-text slow 1']);
});

test('a model that cannot be loaded leaves the rest as it is, and is tried again', async (t) => {
  const { shelf, events, gates, folder } = shelfOf(t);
  const broken = folder('broken');
  gates.set('broken', () => Promise.reject(new Error('no such graph')));
  await assert.rejects(shelf.withText(broken, nothing), /no such graph/);
  gates.delete('broken');
  await shelf.withText(broken, nothing);
  assert.deepEqual(events, ['+text broken 1']);
  shelf.dispose();
});
