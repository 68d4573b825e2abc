// Variants of a model folder, on both runtimes: they keep the laws within the tolerance that is stated for them, are told on the card, and
// never leave the folder broken.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { Random } from '../../../src/base/random.ts';
import { bytesCodec } from '../../../src/codecs/bytes.ts';
import { checkLaws, leastSuggested } from '../../../src/engine/laws.ts';
import { loadTextModel, loadUnlisted } from '../../../src/engine/loadModel.ts';
import { fp32ToleranceNats } from '../../../src/engine/variants.ts';
import { describeModel } from '../../../src/export/describeModel.ts';
import { exportModel } from '../../../src/export/exportModel.ts';
import { exportVariants } from '../../../src/export/exportVariants.ts';
import { renewGraphs } from '../../../src/export/renewGraphs.ts';
import { variantNames } from '../../../src/formats/modelDescription.ts';
import { readModelFolder } from '../../../src/formats/modelFolder.ts';
import { VariantMeter } from '../../../src/likelihood/variantLoss.ts';
import { architectureNamed, readConfig } from '../../../src/models/registry.ts';
import { runtimes } from '../../runtimes.ts';
import { randomParameters, tinyConfigs } from '../../tinyModels.ts';

after(() => assert.deepEqual(liveObjects(), {}));

const suitable = { hiddenSize: 64, numHeads: 2, numKeyValueHeads: 1, intermediateSize: 96, contextLength: 64 };
const text = Buffer.from('for (const name of names) {\n  count += name.length;\n}\n'.repeat(3));

async function exported(name: string, changes: object): Promise<string> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'chainrule-variants-'));
  after(() => rm(dir, { recursive: true, force: true }));
  const codec = bytesCodec();
  const architecture = architectureNamed(name);
  const config = architecture.withVocabulary(
    architecture.parseConfig({ ...tinyConfigs[name]![0], ...changes }),
    codec.vocabulary,
  );
  const parameters = randomParameters(architecture, config, new Random(1));
  // Smaller weights than the tiny models have: their many layers of noise would be all that is seen.
  for (const { data, shape } of parameters.values())
    if (shape.length === 2) for (const i of data.keys()) data[i]! *= 0.3;
  const provenance = { data: 'none', steps: 0, symbols: 0, seed: 1 };
  await exportModel(dir, { architecture, config, codec, parameters, provenance, bitsPerByte: 8 });
  return dir;
}

function meterOf(dir: string, runtime = runtimes.native): VariantMeter {
  const options = { runtime, threads: 1, verify: false, readConfig, open: 'none' } as const;
  return new VariantMeter({ texts: [text], open: (weights) => loadUnlisted(dir, options, weights) });
}

for (const [name, runtime] of Object.entries(runtimes))
  test(`${name}: variants keep the laws within their tolerance, and cost few bits`, async () => {
    const dir = await exported('gpt', suitable);
    const meter = meterOf(dir, runtime);
    const { variants, files } = await exportVariants(dir, variantNames, (one) => meter.measure(one));
    assert.deepEqual(
      variants?.map((variant) => variant.name),
      variantNames,
    );
    const random = new Random(3);
    for (const { name: variant, lossBitsPerByte, toleranceNats } of variants ?? []) {
      assert.ok(Math.abs(lossBitsPerByte ?? Number.NaN) < 0.2, `${variant} costs ${lossBitsPerByte}`);
      for (const file of [
        `weights.${variant}.safetensors`,
        `step.${variant}.onnx`,
        `score.${variant}.onnx`,
        `inPlace.${variant}.onnx`,
      ])
        assert.ok(file in files, file);
      const loaded = await loadTextModel(dir, { runtime, threads: 1, verify: true, readConfig, variant });
      try {
        const symbols = loaded.codec.encode(text).subarray(0, 48);
        // A tolerance is measured over a few texts, with a margin; no less than float32 has.
        const stated = Math.max(toleranceNats, fp32ToleranceNats);
        const results = await checkLaws(loaded.model, symbols, {
          toleranceNats: stated,
          random,
          leastLogProb: leastSuggested,
        });
        for (const { law, ok, differenceNats } of results)
          assert.ok(ok, `${variant}: ${law}: off by ${differenceNats} nats`);
      } finally {
        loaded.dispose();
      }
    }
  });

test('the card tells of them, once, and keeps what was written by hand; graphs made afresh are the same', async () => {
  const dir = await exported('gpt', suitable);
  const measure = async () => ({ lossBitsPerByte: 0.0123, toleranceNats: 0.25 });
  await describeModel(dir, { provenance: {}, sections: ['## By hand\n\nkept'] });
  await exportVariants(dir, variantNames, measure);
  await exportVariants(dir, ['int4'], measure);
  const card = await readFile(path.join(dir, 'README.md'), 'utf8');
  assert.equal(card.match(/^## Variants$/gm)?.length, 1);
  assert.match(card, /\| int4 \| 4 bits .* \| 0\.1 MB \| \+0\.0123 \| 0\.25 \|/);
  assert.doesNotMatch(card, /\| int8 \|/);
  assert.match(card, /## By hand\n\nkept/);
  const { description } = await readModelFolder(dir, { verify: true, readConfig });
  assert.deepEqual(description.variants, [{ name: 'int4', lossBitsPerByte: 0.0123, toleranceNats: 0.25 }]);
  assert.ok(!('weights.int8.safetensors' in description.files) && 'weights.int4.safetensors' in description.files);
  await renewGraphs(dir);
  assert.deepEqual((await readModelFolder(dir, { verify: true, readConfig })).description, description);
  const { variants } = await describeModel(dir, { provenance: {}, sections: [] });
  assert.deepEqual(variants, description.variants);
  assert.match(await readFile(path.join(dir, 'README.md'), 'utf8'), /^## Variants$/m);
});

test('when it is interrupted, the folder is the model without variants', async () => {
  const dir = await exported('gpt', suitable);
  await exportVariants(dir, ['int8'], async () => ({ lossBitsPerByte: null, toleranceNats: 0 }));
  await assert.rejects(
    exportVariants(dir, variantNames, () => Promise.reject(new Error('the power failed'))),
    /power/,
  );
  const { description } = await readModelFolder(dir, { verify: true, readConfig });
  assert.equal(description.variants, undefined);
});

test('models for which there are none are refused, and stay as they were', async () => {
  const measure = async () => ({ lossBitsPerByte: null, toleranceNats: 0 });
  const { size, start } = bytesCodec().vocabulary;
  const narrow = await exported('gpt', {});
  await assert.rejects(exportVariants(narrow, variantNames, measure), {
    name: 'UserError',
    message: /multiples of 32/,
  });
  const recurrent = await exported('charRnn', { vocabularySize: size, startSymbol: start });
  const before = await readdir(recurrent);
  await assert.rejects(exportVariants(recurrent, variantNames, measure), {
    name: 'UserError',
    message: /expected a model of text with attention, such as GPT, got .*recurrent/,
  });
  assert.deepEqual(await readdir(recurrent), before);
  await readModelFolder(recurrent, { verify: true, readConfig });
});
