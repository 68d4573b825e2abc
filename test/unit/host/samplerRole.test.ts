import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { CancelledError, UserError } from '../../../src/base/errors.ts';
import { Random } from '../../../src/base/random.ts';
import { bytesCodec } from '../../../src/codecs/bytes.ts';
import { imageCodec } from '../../../src/codecs/image.ts';
import { exportModel } from '../../../src/export/exportModel.ts';
import { decodeImage } from '../../../src/files/images/decodeImage.ts';
import { encodePng } from '../../../src/files/images/encodePng.ts';
import { drawingLoader } from '../../../src/host/loadDrawing.ts';
import { type DrawingModel, startSamplerRole } from '../../../src/host/samplerRole.ts';
import { architectureNamed } from '../../../src/models/registry.ts';
import { type FromSampler, readFromSampler, type ToSampler } from '../../../src/protocol/trainerMessages.ts';
import { openRuntime } from '../../../src/runtime/ortNode.ts';
import { randomParameters, tinyConfigs } from '../../tinyModels.ts';
import { temporaryFolder } from '../formats/folder.ts';
import { ManualClock, settle } from '../manualClock.ts';

after(() => assert.deepEqual(liveObjects(), {}));

const drawing = { modelPath: 'a', temperature: 1, seed: 7, threads: 1 } as const;
const text = (request: number, modelPath = 'a') =>
  ({ kind: 'sampleText', request, ...drawing, modelPath, prompt: 'x', maxSymbols: 8 }) as const;
const images = (request: number) => ({ kind: 'sampleImages', request, ...drawing, count: 2, completes: null }) as const;
const pngOf = (value: number) =>
  Buffer.from(encodePng({ width: 1, height: 1, channels: 1, data: Uint8Array.of(value) })).toString('base64');

function started(model: Partial<DrawingModel>) {
  const clock = new ManualClock();
  const sent: FromSampler[] = [];
  const loads: string[] = [];
  const exits: number[] = [];
  let receive: (value: unknown) => void = () => undefined;
  startSamplerRole(
    {
      send: (message) => sent.push(readFromSampler(message)),
      onMessage: (listener) => {
        receive = listener;
      },
      exit: (code) => exits.push(code),
    },
    {
      clock,
      loadDrawing: async (kind, { modelPath }) => {
        if (modelPath === 'missing') throw new UserError('missing: no such folder');
        loads.push(`+${kind} ${modelPath}`);
        return { dispose: () => loads.push(`-${kind} ${modelPath}`), ...model };
      },
    },
  );
  const send = async (...messages: (ToSampler | object)[]) => {
    for (const message of messages) receive(message);
    await settle();
  };
  return { clock, sent, loads, exits, send };
}

test('wishes are answered in order, once each, from a model that is kept', async () => {
  const { sent, loads, exits, send } = started({
    text: async ({ prompt }, onText) => {
      onText(`${prompt} and`);
      onText(' on');
    },
  });
  await send({ kind: 'hello', protocolVersion: 1 }, text(1), text(2), text(3, 'b'), { kind: 'shutdown' });
  assert.deepEqual(
    sent.map((message) => ('request' in message ? `${message.kind} ${message.request}` : message.kind)),
    ['ready', 'text 1', 'text 1', 'sampled 1', 'text 2', 'text 2', 'sampled 2', 'text 3', 'text 3', 'sampled 3'],
  );
  assert.deepEqual(loads, ['+text a', '-text a', '+text b'], 'two models are never held at once');
  assert.deepEqual(exits, [0]);
});

test('cancelled, broken, missing, gibberish: each is told, and the next wish is heard', async () => {
  const { sent, send } = started({
    text: ({ prompt }, _, signal) =>
      prompt === 'x'
        ? new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => reject(new CancelledError('cancelled'))),
          )
        : Promise.reject(new Error('broken')),
  });
  await send(text(1), text(2));
  await send({ kind: 'cancel', request: 2 }, { kind: 'cancel', request: 1 });
  await send({ ...text(3), prompt: 'y' }, text(4, 'missing'), { kind: 'dance' });
  const failures = sent.filter(({ kind }) => kind === 'failed');
  assert.deepEqual(
    failures.map((message) => message.kind === 'failed' && [message.request, message.reason]),
    [
      [1, 'cancelled'],
      [2, 'cancelled'],
      [3, 'broken'],
      [4, 'missing: no such folder'],
    ],
  );
  assert.ok(sent.some((message) => message.kind === 'log' && /dance/.test(message.text)));
});

test('images are shown as they grow, a few times a second, and at last as they are', async () => {
  let clock = new ManualClock();
  const fixture = started({
    images: async (_, onImages) => {
      for (let line = 1; line <= 10; line++) {
        clock.advance(100);
        onImages(() => [pngOf(line), pngOf(line)], 0);
      }
      onImages(() => [pngOf(99)], 2);
    },
  });
  clock = fixture.clock;
  await fixture.send(images(1));
  const shown = fixture.sent.flatMap((message) => (message.kind === 'image' ? [[message.index, message.png]] : []));
  assert.deepEqual(shown, [
    ...[4, 8, 10].flatMap((line) => [
      [0, pngOf(line)],
      [1, pngOf(line)],
    ]),
    [2, pngOf(99)],
  ]);
  assert.equal(fixture.sent.at(-1)?.kind, 'sampled');
});

async function charRnnFolder(context: TestContext): Promise<string> {
  const folder = temporaryFolder(context);
  const architecture = architectureNamed('charRnn');
  const codec = bytesCodec();
  const wishes = { ...architecture.defaultConfig, embeddingSize: 8, hiddenSize: 16, numLayers: 1 };
  const config = architecture.withVocabulary(architecture.parseConfig(wishes), codec.vocabulary);
  const parameters = randomParameters(architecture, config, new Random(1));
  const provenance = { data: 'none', steps: 0, symbols: 0, seed: 1 };
  await exportModel(folder, { architecture, config, codec, parameters, provenance, bitsPerByte: null });
  return folder;
}

test('a model folder draws text: the same with the same seed, whole characters, as many symbols as asked for', async (context) => {
  const model = await drawingLoader(openRuntime)('text', { modelPath: await charRnnFolder(context), threads: 1 });
  const draw = async (seed: number) => {
    const pieces: string[] = [];
    const wish = { prompt: 'let x', temperature: 1, maxSymbols: 60, seed };
    await model.text?.(wish, (piece) => pieces.push(piece), new AbortController().signal);
    return pieces;
  };
  try {
    const pieces = await draw(1);
    assert.ok(pieces.length > 1 && pieces.every((piece) => piece !== ''));
    assert.deepEqual(await draw(1), pieces);
    assert.notDeepEqual(await draw(2), pieces);
    const aborted = AbortSignal.abort();
    const wish = { prompt: '', temperature: 1, maxSymbols: 60, seed: 1 };
    await assert.rejects(
      model.text!(wish, () => undefined, aborted),
      CancelledError,
    );
  } finally {
    model.dispose();
  }
});

test('a model folder draws images, and the rest of a given one', async (context) => {
  const folder = temporaryFolder(context);
  const architecture = architectureNamed('pixelCnn');
  const config = architecture.parseConfig(tinyConfigs['pixelCnn']![0]);
  const shape = config as Parameters<typeof imageCodec>[0];
  const codec = imageCodec({ ...shape, rule: 'fit' });
  const parameters = randomParameters(architecture, config, new Random(2));
  const provenance = { data: 'none', steps: 0, symbols: 0, seed: 1 };
  const modelPath = path.join(folder, 'model');
  mkdirSync(modelPath);
  await exportModel(modelPath, { architecture, config, codec, parameters, provenance, bitsPerByte: null });
  const model = await drawingLoader(openRuntime)('image', { modelPath, threads: 1 });
  const draw = async (completes: string | null, seed: number) => {
    let last: string[] = [];
    const keep = (pngs: () => string[]) => {
      last = pngs();
    };
    await model.images!({ count: 2, temperature: 1, seed, completes }, keep, new AbortController().signal);
    return Promise.all(last.map((png) => decodeImage(Buffer.from(png, 'base64'))));
  };
  try {
    const [first, second] = await draw(null, 1);
    assert.deepEqual([first?.width, first?.height], [shape.width, shape.height]);
    assert.notDeepEqual(first?.data, second?.data);
    const file = path.join(folder, 'given.png');
    writeFileSync(file, encodePng(first!));
    const half = Math.floor(shape.height / 2) * shape.width * first!.channels;
    for (const completed of await draw(file, 5)) {
      assert.deepEqual(completed.data.subarray(0, half), first!.data.subarray(0, half));
    }
    const wide = { width: 8 * shape.width, height: 2, channels: 1, data: new Uint8Array(16 * shape.width) } as const;
    writeFileSync(file, encodePng(wide));
    for (const { data } of await draw(file, 5)) assert.equal(data[0], 255, 'with borders, as it learnt');
    await assert.rejects(draw(path.join(folder, 'missing.png'), 1), /expected an image: ENOENT/);
    await assert.rejects(draw('/home/me/.ssh/id.png', 1), /may hold secrets/);
    writeFileSync(file, 'no image');
    await assert.rejects(draw(file, 1), UserError);
  } finally {
    model.dispose();
  }
});
