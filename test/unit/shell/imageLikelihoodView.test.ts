import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelledError, UserError } from '../../../src/base/errors.ts';
import { readToImageView, type ToImageView } from '../../../src/protocol/imageViewMessages.ts';
import type { FromScorer } from '../../../src/protocol/scorerMessages.ts';
import { ImageLikelihoodView } from '../../../src/shell/imageLikelihoodView.ts';
import { type ImageModelChoice, ImageModels } from '../../../src/shell/imageModels.ts';
import { csvOf, jsonOf } from '../../../src/shell/imageScores.ts';
import { notesOf, shownName } from '../../../src/shell/imageViewTexts.ts';
import { settle } from '../manualClock.ts';

const png = 'iVBORw0KGgoAAAANSUhEUg==';
const model = {
  id: 'p',
  path: '/models/p',
  name: 'PixelCNN of demo',
  architecture: 'pixelCnn',
  eats: 'image',
  bits: 0.5,
  channels: 3,
  width: 2,
  height: 1,
  levels: 256,
  workspace: { hash: 'here', name: 'demo' },
  data: 'pictures',
  steps: 10,
  changedMs: 1,
} as const;
const facts = {
  format: 'png',
  fileWidth: 2,
  fileHeight: 1,
  fileChannels: 3,
  animated: false,
  deep: false,
  transparent: false,
  width: 2,
  height: 1,
  channels: 3,
  numLevels: 256,
  rule: 'crop',
  picture: png,
  preview: png,
} as const;
const six = [0, 1, 2, 3, 4, 5];
const piece = {
  first: 0,
  levels: six,
  bits: six,
  ranks: six,
  entropies: six,
  likeliest: six,
  likeliestBits: six.map(() => 0.5),
};

interface Asked {
  readonly question: Record<string, unknown>;
  readonly signal: AbortSignal;
  news(message: object): void;
  answer(message: object): void;
  fail(error: Error): void;
}

class Fixture {
  readonly sent: ToImageView[] = [];
  readonly asked: Asked[] = [];
  choice: ImageModelChoice = { kind: 'model', model };
  visible = true;
  readonly view: ImageLikelihoodView;

  constructor(file = '/work/a.png', name = 'a.png') {
    const ask = (question: object, _: string, options: { signal: AbortSignal; news: (m: FromScorer) => void }) =>
      new Promise<object>((resolve, reject) => {
        const request = this.asked.length + 1;
        options.signal.addEventListener('abort', () => reject(new CancelledError('cancelled')));
        this.asked.push({
          question: { ...question },
          signal: options.signal,
          news: (message) => options.news({ ...message, request } as unknown as FromScorer),
          answer: resolve,
          fail: reject,
        });
      });
    this.view = new ImageLikelihoodView({
      ...{ file, name },
      models: { choice: async () => this.choice },
      scorer: { ask: ask as never },
      newSeed: () => 99,
      visible: () => this.visible,
      send: (message) => this.sent.push(readToImageView(JSON.parse(JSON.stringify(message)))),
    });
  }

  get shown() {
    return this.sent.findLast((one) => one.kind === 'view') ?? assert.fail('nothing is shown');
  }

  get completions() {
    return this.sent.findLast((one) => one.kind === 'completions') ?? assert.fail('nothing is completed');
  }

  buttons(): string[] {
    return this.shown.buttons.map(({ action }) => action);
  }

  async scored(): Promise<void> {
    const { news, answer } = this.asked.at(-1)!;
    news({ kind: 'imageRead', ...facts });
    news({ kind: 'imageNumbers', ...piece });
    answer({ kind: 'imageScored', numValues: 6, bits: 15, pngBits: 30 });
    await settle();
  }
}

test('the picture is shown when it is read, its numbers as they come, and a page that is made anew is told all of it', async () => {
  const f = new Fixture();
  void f.view.shown();
  await settle();
  assert.deepEqual(f.asked[0]?.question, { kind: 'scoreImage', modelPath: '/models/p', file: '/work/a.png' });
  assert.equal(f.shown.state, 'reading');
  assert.deepEqual(f.buttons(), ['cancel']);
  f.asked[0]?.news({ kind: 'imageRead', ...facts });
  assert.equal(f.shown.state, 'scoring');
  assert.equal(f.shown.image?.picture, png);
  assert.equal(f.view.scored, undefined, 'half an image is not exported');
  await f.scored();
  assert.equal(f.shown.headline, '2.50 bits per channel value, 50 % below PNG');
  assert.deepEqual(f.buttons(), ['chooseModel', 'exportCsv', 'exportJson']);
  f.sent.length = 0;
  await f.view.tellAll();
  assert.deepEqual(
    f.sent.map(({ kind }) => kind),
    ['view', 'completions', 'numbers'],
  );
  await f.view.shown();
  assert.equal(f.asked.length, 1, 'what is known is not scored again');
});

test('without a model it says what to do; a model that comes is taken, one that goes is missed', async () => {
  const f = new Fixture();
  f.choice = { kind: 'none', gone: false, others: 0 };
  await f.view.shown();
  assert.equal(f.shown.state, 'noModel');
  assert.match(f.shown.headline, /No model of images has learnt from this workspace yet\. Train one/);
  assert.deepEqual(f.buttons(), ['train', 'chooseModel']);
  f.choice = { kind: 'model', model };
  void f.view.modelsChanged();
  await settle();
  await f.scored();
  assert.equal(f.shown.state, 'ready');
  await f.view.modelsChanged();
  assert.equal(f.asked.length, 1, 'the same model again is nothing new');
  f.choice = { kind: 'none', gone: true, others: 2 };
  await f.view.modelsChanged();
  assert.match(f.shown.headline, /The model that was chosen is gone.*2 models of other workspaces can be chosen/);
  assert.equal(f.shown.image, null);
  assert.equal(f.view.scored, undefined);
});

test('a file that is replaced is scored again, hidden only when it is seen; one that is deleted stays to be looked at', async () => {
  const f = new Fixture();
  void f.view.shown();
  await settle();
  await f.scored();
  const { version } = f.shown;
  f.visible = false;
  await f.view.fileChanged();
  assert.equal(f.asked.length, 1);
  f.visible = true;
  void f.view.shown();
  await settle();
  assert.equal(f.asked.length, 2);
  await f.scored();
  assert.ok(f.shown.version > version);
  f.view.fileDeleted();
  assert.equal(f.shown.headline, 'a.png was deleted; what is shown is how it was');
  assert.notEqual(f.shown.image, null);
  void f.view.fileChanged();
  await settle();
  await f.scored();
  assert.equal(f.shown.state, 'ready');
});

test('the numbers of an image that was replaced meanwhile are not taken for those of the new one', async () => {
  const f = new Fixture();
  void f.view.shown();
  await settle();
  const [old] = f.asked;
  void f.view.fileChanged();
  await settle();
  assert.ok(old?.signal.aborted);
  old.news({ kind: 'imageRead', ...facts, width: 100 });
  old.news({ kind: 'imageNumbers', ...piece });
  await f.scored();
  assert.equal(f.shown.image?.width, 2);
  assert.equal(f.sent.filter(({ kind }) => kind === 'numbers').length, 1);
});

test('each failure is a sentence with a way on; a cancelled scoring too', async () => {
  const f = new Fixture('/work/a\u202egnp.png', 'a\u202egnp.png');
  const fails = async (error: Error) => {
    void f.view.reload();
    await settle();
    f.asked.at(-1)?.fail(error);
    await settle();
    assert.deepEqual(f.buttons(), ['reload', 'chooseModel']);
    return f.shown.headline;
  };
  assert.equal(
    await fails(new UserError('/work/a\u202egnp.png: expected an image: image: corrupt; choose another file')),
    'a\ufffdgnp.png: expected an image: image: corrupt; choose another file',
  );
  assert.equal(await fails(new UserError('x: ENOENT: no such file')), 'a\ufffdgnp.png is not there any more');
  assert.match(await fails(new Error('The scoring process ended (SIGKILL)')), /The scoring process ended/);
  void f.view.reload();
  await settle();
  f.view.cancel();
  await settle();
  assert.equal(f.shown.state, 'cancelled');
  const virtual = new Fixture('', 'b.png');
  await virtual.view.shown();
  assert.match(virtual.shown.headline, /b\.png lies on no disk/);
  assert.equal(virtual.asked.length, 0);
});

test('completions come as they grow; who asks again gives up the last; the seed that drew them is told', async () => {
  const f = new Fixture();
  const wish = { row: 0, count: 2, temperature: 0.5, seed: null };
  await f.view.complete(wish);
  assert.equal(f.asked.length, 0, 'there is nothing to complete yet');
  void f.view.shown();
  await settle();
  await f.scored();
  void f.view.complete(wish);
  await settle();
  const first = f.asked.at(-1)!;
  assert.deepEqual(first.question, {
    kind: 'completeImage',
    modelPath: '/models/p',
    file: '/work/a.png',
    row: 0,
    count: 2,
    temperature: 0.5,
    seed: 99,
  });
  first.news({ kind: 'imageCompletion', index: 1, png });
  assert.deepEqual(f.completions.images, [], 'the second cannot come before the first');
  first.news({ kind: 'imageCompletion', index: 0, png });
  assert.deepEqual([f.completions.images.length, f.completions.busy], [1, true]);
  void f.view.complete({ ...wish, seed: 7 });
  await settle();
  assert.ok(first.signal.aborted);
  const second = f.asked.at(-1)!;
  second.news({ kind: 'imageCompletion', index: 0, png });
  second.answer({ kind: 'imageCompleted' });
  await settle();
  assert.deepEqual([f.completions.note, f.completions.busy], ['1 picture drawn freely, with seed 7', false]);
  assert.deepEqual(f.view.completions, [png]);
  void f.view.complete(wish);
  await settle();
  f.view.cancelCompletions();
  await settle();
  assert.equal(f.completions.note, 'Cancelled');
  await f.view.complete({ ...wish, row: 1 });
  assert.equal(f.asked.length, 4, 'below the picture there is no row');
});

test('the numbers as CSV and JSON name each value, and add up', async () => {
  const f = new Fixture();
  void f.view.shown();
  await settle();
  await f.scored();
  const scored = f.view.scored ?? assert.fail('nothing is scored');
  const lines = [...csvOf(scored)].join('').trimEnd().split('\r\n');
  assert.equal(lines.length, 7);
  assert.match(lines[0]!, /^row,column,channel,value,bits,probability,rank,/);
  assert.equal(lines[6], `0,1,blue,5,5,${2 ** -5},6,5,5,${2 ** -0.5}`);
  const json = JSON.parse([...jsonOf(scored)].join(''));
  assert.deepEqual([json.bits, json.bitsPerDimension, json.pngBits, json.levels], [15, 2.5, 30, 256]);
  const bits = json.values.map((row: unknown[]) => row[json.columns.indexOf('bits')]);
  assert.equal(
    bits.reduce((sum: number, one: number) => sum + one, 0),
    15,
  );
});

test('what was done to a picture is told, and a name cannot turn the text around', () => {
  assert.deepEqual(notesOf(facts), []);
  const changed = { ...facts, fileWidth: 9, animated: true, deep: true, transparent: true, fileChannels: 1 } as const;
  assert.deepEqual(
    notesOf({ ...changed, numLevels: 4 }).map((note) => note.split(' ')[0]),
    ['It', '9', 'Transparent', 'Of', 'Grey', 'The'],
  );
  assert.equal(shownName('a\u202e\u0007\n<b>.png'), 'a\ufffd\ufffd\ufffd<b>.png');
});

test('the model that was chosen is taken, otherwise the newest that learnt here', async () => {
  const elsewhere = { ...model, path: '/models/q', workspace: null };
  const text = { ...model, path: '/models/t', eats: 'text' } as const;
  const known = [elsewhere, text, model];
  let chosen: string | undefined;
  const models = new ImageModels({
    models: { list: async () => [...known], read: async (folder) => known.find(({ path }) => path === folder) },
    memory: {
      get imageModel() {
        return chosen;
      },
      chooseImageModel: async (folder) => {
        chosen = folder;
      },
    },
    workspace: () => ({ hash: 'here', name: 'demo' }),
  });
  let changes = 0;
  const listening = models.onChange(() => changes++);
  assert.deepEqual(await models.choice(), { kind: 'model', model });
  await models.choose('/models/q');
  assert.deepEqual([await models.choice(), changes], [{ kind: 'model', model: elsewhere }, 1]);
  listening.dispose();
  known.splice(2, 1);
  await models.choose('/models/gone');
  assert.deepEqual([await models.choice(), changes], [{ kind: 'none', gone: true, others: 1 }, 1]);
  await assert.rejects(models.read('/models/t'), /expected a model of images, got one of text/);
  await assert.rejects(models.read('/x'), /got none that can be read/);
});
