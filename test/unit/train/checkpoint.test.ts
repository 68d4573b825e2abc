import assert from 'node:assert/strict';
import { open, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { CheckpointStore } from '../../../src/train/checkpoint.ts';
import { record, temporaryFolder, tinyOptions, withValidation } from './tinyRun.ts';

after(() => assert.deepEqual(liveObjects(), {}));

const checkpointNames = async (folder: string) =>
  (await readdir(folder))
    .map((name) => name.replace(/^step-0+|\.checkpoint$/g, ''))
    .sort((a, b) => Number(a) - Number(b));

test('the last two and the best are kept, and nothing else', async (context) => {
  const folder = await temporaryFolder(context);
  const options = await tinyOptions(folder, { validateEverySteps: 2, budget: { steps: 9 } });
  const { bestStep } = await record(options, { runtime: await withValidation((steps) => 2 + steps / 100) }).result;
  const kept = (await checkpointNames(folder)).map(Number);
  assert.deepEqual(kept, [...new Set([bestStep, 8, 9])]);
});

test('what a killed run left half written goes when the next begins, and nothing of others', async (context) => {
  const folder = await temporaryFolder(context);
  const others = ['.step-00000002.checkpoint.part', '.notes.txt.12.0.part', 'step-2.part'];
  for (const name of ['.step-00000004.checkpoint.4711.3.part', ...others]) await writeFile(`${folder}/${name}`, 'half');
  await record(await tinyOptions(folder, { budget: { steps: 1 } })).result;
  const names = await readdir(folder);
  assert.deepEqual(names.sort(), [...others, 'step-00000001.checkpoint'].sort());
});

test('a torn or damaged checkpoint is passed over for the one before, with a warning', async (context) => {
  const damages: readonly [string, (file: string) => Promise<void>, RegExp][] = [
    ['cut short', async (file) => truncate(file, 5000), /cut short/],
    ['empty', async (file) => truncate(file, 0), /cut short/],
    ['a flipped bit', flipBit, /damaged/],
    ['another file', async (file) => writeFile(file, 'x'.repeat(4000)), /expected a checkpoint, got something else/],
  ];
  for (const [name, damage, expected] of damages) {
    const folder = `${await temporaryFolder(context)}/${name}`;
    const whole = await record(await tinyOptions(folder)).result;
    await damage(new CheckpointStore(folder).fileOf(9));
    const resumed = record(await tinyOptions(folder, { resume: true }));
    const { memory } = await resumed.result;
    assert.match(resumed.warnings.join(), expected, name);
    assert.match(resumed.warnings.join(), /going on from .*step-00000008/, name);
    assert.deepEqual(memory.whole('parameters'), whole.memory.whole('parameters'), name);
  }
});

test('when none is usable the error says so', async (context) => {
  const folder = await temporaryFolder(context);
  await record(await tinyOptions(folder, { budget: { steps: 2 } })).result;
  await flipBit(new CheckpointStore(folder).fileOf(2));
  await assert.rejects(
    record(await tinyOptions(folder, { resume: true })).result,
    /no checkpoint is usable .*start another training/,
  );
});

test('a full disk: training goes on, the earlier checkpoint stays; at the end it is an error', async (context) => {
  const folder = await temporaryFolder(context);
  let numSaves = 0;
  const checkpoints = new CheckpointStore(folder, async (file) => {
    numSaves++;
    const handle = await open(file, 'wx');
    let written = 0;
    return {
      write: async (bytes) => {
        written += bytes.length;
        if (numSaves > 2 && written > 10_000) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
        await handle.write(bytes);
      },
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  });
  const full = record(await tinyOptions(folder, { checkpoints }));
  await assert.rejects(
    full.result,
    /the disk is full; free some space.* step 9, the last good state is .*4\.checkpoint/,
  );
  assert.equal(full.events.filter(({ kind }) => kind === 'step').length, 9);
  assert.match(
    full.warnings[0] ?? '',
    /disk is full.*goes on and will try again, the last good state is .*4\.checkpoint/,
  );
  assert.deepEqual(await checkpointNames(folder), ['2', '4']);

  const resumed = record(await tinyOptions(folder, { resume: true }));
  const whole = record(await tinyOptions(`${folder}/whole`));
  assert.deepEqual((await resumed.result).memory.whole('parameters'), (await whole.result).memory.whole('parameters'));
});

test('when the best checkpoint is lost the last parameters take its place, with a warning', async (context) => {
  const folder = await temporaryFolder(context);
  const store = new CheckpointStore(folder);
  const options = await tinyOptions(folder, { validateEverySteps: 2 });
  const { bestStep } = await record(options, { runtime: await withValidation((steps) => 2 + steps / 100) }).result;
  assert.ok(bestStep < 8, 'the example no longer gets worse');
  await flipBit(store.fileOf(bestStep));
  const again = record({ ...options, resume: true });
  const result = await again.result;
  assert.match(again.warnings.join(), /damaged.*the last parameters take the place of the best/);
  assert.equal(result.bestStep, 9);
  const { memory } = result;
  const last = memory.whole('parameters').slice();
  await store.load(9, memory, []);
  assert.deepEqual(memory.whole('parameters'), last);
});

async function flipBit(file: string): Promise<void> {
  const bytes = await readFile(file);
  const at = bytes.length >> 1;
  bytes[at] = bytes[at]! ^ 1;
  await writeFile(file, bytes);
}
