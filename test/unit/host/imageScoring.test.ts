// The scorer about images: the map adds up to what `bits` tells, a completion keeps what is above its row, and what goes wrong is an answer.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { intensityOf, type Pixels } from '../../../src/base/pixels.ts';
import { Random } from '../../../src/base/random.ts';
import { imageCodec } from '../../../src/codecs/image.ts';
import { loadImageModel } from '../../../src/engine/loadImageModel.ts';
import { exportModel } from '../../../src/export/exportModel.ts';
import { decodeImage } from '../../../src/files/images/decodeImage.ts';
import { encodePng } from '../../../src/files/images/encodePng.ts';
import { readShaped } from '../../../src/files/images/readShaped.ts';
import { ModelShelf, shelfLoaders } from '../../../src/host/modelShelf.ts';
import { startScorerRole } from '../../../src/host/scorerRole.ts';
import { pngBaseline } from '../../../src/likelihood/baselines.ts';
import { bitsOfImage } from '../../../src/likelihood/imageBits.ts';
import { imageMap } from '../../../src/likelihood/imageMap.ts';
import { architectureNamed, readConfig } from '../../../src/models/registry.ts';
import { type FromScorer, readFromScorer, type ToScorer } from '../../../src/protocol/scorerMessages.ts';
import { openRuntime } from '../../../src/runtime/ortNode.ts';
import { randomParameters, tinyConfigs } from '../../tinyModels.ts';
import { temporaryFolder } from '../formats/folder.ts';
import { ManualClock } from '../manualClock.ts';

const runtime = await openRuntime();
const architecture = architectureNamed('pixelCnn');

after(() => assert.deepEqual(liveObjects(), {}));

type Answer = Extract<FromScorer, { request: number }>;

class Scorer {
  readonly shelf = new ModelShelf(shelfLoaders(async () => runtime));
  #receive: (value: unknown) => void = () => undefined;
  #request = 0;
  #tell: (message: FromScorer) => void = () => undefined;

  constructor() {
    const send = (message: FromScorer) => this.#tell(readFromScorer(JSON.parse(JSON.stringify(message))));
    const onMessage = (listener: (value: unknown) => void) => {
      this.#receive = listener;
    };
    startScorerRole({ send, onMessage, exit: () => undefined }, { shelf: this.shelf, clock: new ManualClock() });
  }

  /** All that is said of a question, the answer last. */
  async ask(question: object, during: (message: Answer, send: (m: ToScorer) => void) => void = () => undefined) {
    const request = ++this.#request;
    const said: Answer[] = [];
    const answer = await new Promise<Answer>((resolve) => {
      this.#tell = (message) => {
        if (!('request' in message)) return;
        said.push(message);
        during(message, (more) => this.#receive(more));
        if (/^(failed|imageScored|imageCompleted)$/.test(message.kind)) resolve(message);
      };
      this.#receive({ ...question, request });
    });
    return { answer, said };
  }
}

function of<Kind extends Answer['kind']>(said: readonly Answer[], kind: Kind) {
  return said.filter((one): one is Extract<Answer, { kind: Kind }> => one.kind === kind);
}

for (const index of [0, 1, 2, 3]) {
  test(`pixelCnn ${index}: the map of a larger picture adds up to the bits of the one that the model takes`, async (t) => {
    const { folder, file, scorer } = await prepared(t, index);
    const image = await loadImageModel(folder, { runtime, threads: 1, verify: true, readConfig });
    try {
      const { answer, said } = await scorer.ask({ kind: 'scoreImage', modelPath: folder, file });
      assert.equal(answer.kind, 'imageScored');
      if (answer.kind !== 'imageScored') return;
      const { codec, model } = image;
      const shaped = await readShaped(file, codec);
      const whole = await bitsOfImage(model, codec, shaped);
      const pieces = of(said, 'imageNumbers');
      const bits = pieces.flatMap((piece) => piece.bits);
      const sum = bits.reduce((total, one) => total + one, 0);
      assert.equal(bits.length, whole.numDimensions);
      assert.equal(answer.numValues, whole.numDimensions);
      assert.ok(Math.abs(sum / whole.bits - 1) < 1e-6, `${sum} is not ${whole.bits}`);
      assert.ok(Math.abs(answer.bits / whole.bits - 1) < 1e-6);
      assert.equal(answer.pngBits, pngBaseline(codec, [shaped]).bits);

      const levels = pieces.flatMap((piece) => piece.levels);
      assert.deepEqual(levels, [...codec.encode(shaped)]);
      const { data } = await model.score(codec.encode(shaped));
      const vocab = codec.vocabulary.size;
      const likeliest = pieces.flatMap((piece) => piece.likeliest);
      const ranks = pieces.flatMap((piece) => piece.ranks);
      for (const [time, level] of levels.entries()) {
        const row = [...data.subarray(time * vocab, (time + 1) * vocab)];
        assert.equal(row[likeliest[time]!], Math.max(...row));
        assert.equal(ranks[time], row.filter((one) => one > row[level]!).length);
      }

      const [read] = of(said, 'imageRead');
      assert.equal(said[0], read);
      assert.deepEqual([read?.fileWidth, read?.fileHeight, read?.format], [24, 18, 'png']);
      const shown = await decodeImage(Buffer.from(read!.picture, 'base64'));
      const wanted = [...codec.encode(shaped)].map((level) => intensityOf(level, codec.levels));
      assert.deepEqual(repeated(shown, codec.channels), wanted);
    } finally {
      image.dispose();
    }
  });

  test(`pixelCnn ${index}: a completion keeps what is above its row, follows from its seed, and row 0 is drawn freely`, async (t) => {
    const { folder, file, scorer } = await prepared(t, index);
    const image = await loadImageModel(folder, { runtime, threads: 1, verify: true, readConfig });
    try {
      const { codec, sampler } = image;
      const kept = codec.decode(codec.encode(await readShaped(file, codec)));
      const complete = async (row: number, seed: number) => {
        const wish = { kind: 'completeImage', modelPath: folder, file, row, count: 2, temperature: 1, seed };
        const { answer, said } = await scorer.ask(wish);
        assert.equal(answer.kind, 'imageCompleted');
        const last = [0, 1].map((i) => of(said, 'imageCompletion').findLast(({ index: at }) => at === i)!.png);
        return Promise.all(
          last.map(async (png) => repeated(await decodeImage(Buffer.from(png, 'base64')), codec.channels)),
        );
      };
      const line = codec.width * codec.channels;
      for (let row = 0; row <= codec.height; row++) {
        const made = await complete(row, 5);
        for (const one of made) assert.deepEqual(one.slice(0, row * line), [...kept.data.subarray(0, row * line)]);
        assert.deepEqual(await complete(row, 5), made);
      }
      const free = await sampler.sample({ count: 2, temperature: 1, seed: 5 });
      assert.deepEqual(
        await complete(0, 5),
        free.map(({ data }) => [...data]),
      );
      assert.notDeepEqual(await complete(0, 6), await complete(0, 5));
    } finally {
      image.dispose();
    }
  });
}

test('what a model believes is the same asked at once and step by step', async (t) => {
  const { folder, file } = await prepared(t, 1);
  const image = await loadImageModel(folder, { runtime, threads: 1, verify: true, readConfig });
  try {
    const { model, codec } = image;
    const shaped = await readShaped(file, codec);
    const [a, b] = await Promise.all((['score', 'step'] as const).map((by) => imageMap(model, codec, shaped, { by })));
    assert.deepEqual(a!.likeliest, b!.likeliest);
    for (const name of ['surprisal', 'entropy', 'likeliestSurprisal'] as const)
      for (const [i, one] of a![name].entries()) assert.ok(Math.abs(one - b![name][i]!) < 1e-5, `${name} ${i}`);
  } finally {
    image.dispose();
  }
});

test('a file that is no image, or gone, a model that is gone, and a row beyond the picture are answered in words', async (t) => {
  const { folder, file, scorer } = await prepared(t, 0);
  const broken = path.join(path.dirname(file), 'broken <b>x.png');
  writeFileSync(broken, 'not a png');
  const ask = async (question: object) => {
    const { answer } = await scorer.ask(question);
    return answer.kind === 'failed' ? answer.reason : assert.fail(`expected a failure, got ${answer.kind}`);
  };
  const score = { kind: 'scoreImage', modelPath: folder, file };
  assert.match(await ask({ ...score, file: broken }), /expected an image: .*got something else; convert it/);
  assert.match(await ask({ ...score, file: `${file}.gone` }), /ENOENT/);
  assert.match(await ask({ ...score, modelPath: path.join(folder, 'none') }), /expected a model folder/);
  const wish = { kind: 'completeImage', modelPath: folder, file, count: 1, temperature: 1, seed: 1 };
  assert.match(await ask({ ...wish, row: 200 }), /expected a row from 0 to 4, got 200/);
  rmSync(path.join(folder, 'model.json'));
  assert.match(await ask(score), /expected a model folder with a model\.json, got none; choose another/);
});

test('a question that is cancelled is answered so, and the next one is not disturbed', async (t) => {
  const { folder, file, scorer } = await prepared(t, 0);
  const score = { kind: 'scoreImage', modelPath: folder, file };
  const { answer } = await scorer.ask(score, (message, send) => {
    if (message.kind === 'imageRead') send({ kind: 'cancel', request: message.request });
  });
  assert.ok(answer.kind === 'failed' && answer.cancelled);
  assert.equal((await scorer.ask(score)).answer.kind, 'imageScored');
});

async function prepared(t: TestContext, index: number) {
  const folder = path.join(temporaryFolder(t), 'model');
  const config = architecture.parseConfig(tinyConfigs['pixelCnn']![index]!) as Parameters<typeof imageCodec>[0];
  await exportModel(folder, {
    architecture,
    config: config as never,
    codec: imageCodec(config),
    parameters: randomParameters(architecture, config as never, new Random(index + 1)),
    provenance: { data: 'noise', steps: 0, symbols: 0, seed: index },
    bitsPerByte: null,
  });
  const file = path.join(folder, '..', 'picture.png');
  writeFileSync(file, encodePng(noise(24, 18)));
  const scorer = new Scorer();
  t.after(() => scorer.shelf.dispose());
  return { folder, file, scorer };
}

function noise(width: number, height: number): Pixels {
  const random = new Random(3);
  const data = Uint8Array.from({ length: width * height * 3 }, () => random.nextInteger(256));
  return { width, height, channels: 3, data };
}

/** A PNG with equal channels is read as grey. */
function repeated({ data, channels }: Pixels, wanted: number): number[] {
  return channels === wanted ? [...data] : [...data].flatMap((value) => [value, value, value]);
}
