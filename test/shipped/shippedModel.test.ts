// The model that is shipped is sound: its format, its hashes, its laws; and it needs as many bits for the files beside this as its card says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { sampleBitsPerByte, statedSample } from '../../bench/model/sample.ts';
import { liveObjects } from '../../src/base/disposable.ts';
import { check } from '../../src/cli/check.ts';
import { variantOf } from '../../src/cli/openModel.ts';
import { loadTextModel } from '../../src/engine/loadModel.ts';
import { readModelFolder } from '../../src/formats/modelFolder.ts';
import { readConfig } from '../../src/models/registry.ts';
import { openRuntime } from '../../src/runtime/ortNode.ts';
import { recordsOf, terminal } from '../unit/cli/terminal.ts';

const dir = path.join('models', 'default');
const remake = 'npm run bench:model -- corpus/heldout --write';
/** Of bits per byte: other processors add in other orders, and fewer bits round differently. */
const tolerance = 0.005;
const mostBytes = 25e6;

after(() => assert.deepEqual(liveObjects(), {}));

test('it passes check: format, hashes, codec, and the laws with every kind of weights it has', async () => {
  const { description } = await readModelFolder(dir, { verify: true, readConfig });
  for (const variant of ['fp32', ...(description.variants ?? []).map(({ name }) => name)]) {
    const shown = terminal();
    const status = await check.run(
      [dir, '--variant', variant, '--threads', '1', '--runtime', 'plain', '--json'],
      shown,
    );
    assert.equal(status, 0, `${variant}: ${JSON.stringify(recordsOf(shown))}`);
  }
});

test('it is small enough to be shipped', async () => {
  const { description } = await readModelFolder(dir, { verify: false });
  const files = ['model.json', 'README.md', ...Object.keys(description.files)];
  const bytes = files.reduce((sum, name) => sum + readFileSync(path.join(dir, name)).length, 0);
  assert.ok(bytes <= mostBytes, `expected at most ${mostBytes} bytes, got ${bytes}`);
});

test('it reaches the bits per byte that its card states for files held out in this project', async () => {
  const stated = statedSample(readFileSync(path.join(dir, 'README.md'), 'utf8'));
  assert.ok(stated, `${dir}/README.md states no bits per byte of test/shipped/heldOut; repair: ${remake}`);
  const { weights } = stated;
  const runtime = await openRuntime();
  const variant = variantOf({ variant: weights });
  const model = await loadTextModel(dir, { runtime, threads: 1, verify: false, readConfig, variant, open: 'none' });
  try {
    const bitsPerByte = await sampleBitsPerByte(model);
    const far = Math.abs(bitsPerByte - stated.bitsPerByte);
    assert.ok(
      far <= tolerance,
      `expected ${stated.bitsPerByte} bits per byte as the card says, got ${bitsPerByte.toFixed(4)}; repair: ${remake}`,
    );
  } finally {
    model.dispose();
  }
});
