import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelledError } from '../../../src/base/errors.ts';
import { readToSheetView } from '../../../src/protocol/webviewMessages.ts';
import type { Sampler } from '../../../src/shell/samplerClient.ts';
import { Sheet } from '../../../src/shell/sheet.ts';

const png = 'iVBORw0KGgoAAAANSUhEUg==';
const model = {
  id: 'p',
  path: '/models/p',
  name: 'PixelCNN of demo',
  architecture: 'pixelCnn',
  eats: 'image',
  bits: 0.5,
  channels: 1,
  width: 28,
  height: 28,
  levels: 4,
  workspace: null,
  data: 'pictures',
  steps: 10,
  changedMs: 0,
} as const;

type Wish = Parameters<Sampler['images']>[0];

class Fixture {
  readonly wishes: Wish[] = [];
  readonly signals: AbortSignal[] = [];
  readonly sheet: Sheet;
  send: (png: string, index: number) => void = () => undefined;
  end: (error?: Error) => void = () => undefined;
  numChanged = 0;

  constructor() {
    this.sheet = new Sheet({
      model,
      sampler: {
        images: (wish, onImage, signal) => {
          this.wishes.push(wish);
          this.signals.push(signal);
          this.send = onImage;
          return new Promise<void>((resolve, reject) => {
            this.end = (error) => (error ? reject(error) : resolve());
            signal.addEventListener('abort', () => reject(new CancelledError('cancelled')));
          });
        },
      },
      threads: () => 2,
      newSeed: () => 1234,
      changed: () => {
        this.numChanged++;
        readToSheetView(this.sheet.view());
      },
    });
  }
}

test('images appear as they come; the seed that drew them is told', async () => {
  const fixture = new Fixture();
  const drawn = fixture.sheet.draw(0.8);
  assert.deepEqual(fixture.wishes[0], {
    modelPath: '/models/p',
    temperature: 0.8,
    seed: 1234,
    threads: 2,
    count: 16,
    completes: null,
  });
  fixture.send(png, 0);
  assert.deepEqual([fixture.sheet.view().busy, fixture.sheet.images.length], [true, 1]);
  assert.equal(fixture.sheet.view().note, 'Drawing ...');
  const grown = `${png.slice(0, -4)}AA==`;
  fixture.send(grown, 0);
  assert.deepEqual(fixture.sheet.images, [grown]);
  fixture.send(png, 5);
  fixture.send(png, -1);
  assert.equal(fixture.sheet.images.length, 1, 'nothing is shown with a gap before it');
  fixture.end();
  await drawn;
  assert.equal(fixture.sheet.view().busy, false);
  assert.equal(fixture.sheet.view().note, '1 image drawn, with seed 1,234');
  assert.match(fixture.sheet.view().caption, /28 x 28, grey, 4 levels; 0\.500 bits per pixel on images/);
});

test('an image is completed several times, and the file is named', async () => {
  const fixture = new Fixture();
  const drawn = fixture.sheet.complete('/p/a face.png', 1);
  assert.equal(fixture.wishes[0]?.completes, '/p/a face.png');
  fixture.send(png, 0);
  fixture.end();
  await drawn;
  assert.match(fixture.sheet.view().note, /upper half is a face\.png/);
});

test('drawing again gives up what was not finished; what comes late is not shown', async () => {
  const fixture = new Fixture();
  const first = fixture.sheet.draw(1);
  const late = fixture.send;
  const second = fixture.sheet.draw(1);
  assert.equal(fixture.signals[0]?.aborted, true);
  await first;
  late(png, 0);
  assert.equal(fixture.sheet.images.length, 0);
  assert.equal(fixture.sheet.view().busy, true);
  fixture.sheet.dispose();
  await second;
  assert.equal(fixture.sheet.view().note, 'Cancelled');
});

test('a failure is told on the sheet', async () => {
  const fixture = new Fixture();
  const drawn = fixture.sheet.draw(1);
  fixture.end(new Error('no such folder'));
  await drawn;
  assert.deepEqual([fixture.sheet.view().note, fixture.sheet.view().busy], ['no such folder', false]);
});
