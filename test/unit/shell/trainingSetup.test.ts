// What is said before a training, and what is asked of the training process for it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EstimatedMessage, SurveyedMessage } from '../../../src/protocol/trainerMessages.ts';
import { readToTrainingView } from '../../../src/protocol/webviewMessages.ts';
import type { Trainer } from '../../../src/shell/trainerClient.ts';
import { TrainingSetup } from '../../../src/shell/trainingSetup.ts';

const surveyed: SurveyedMessage = {
  ...{ kind: 'surveyed', request: 1, numFiles: 3, bytes: 5000, partial: false, heldOut: true },
  ...{ read: [], leftOut: [], suggested: null, problem: '' },
};
const estimated: EstimatedMessage = {
  ...{ kind: 'estimated', request: 2, numFiles: 3, secondsPerStep: 0.1, stepsPerMinute: 500, stepsPerPass: 100 },
  ...{ memoryBytes: 3e8, numParameters: 5e5 },
};
const presets = [{ name: 'small', label: 'Small' }];

interface Answers {
  readonly survey?: Partial<SurveyedMessage>;
  readonly estimate?: Partial<EstimatedMessage>;
  readonly eats?: 'text' | 'image';
}

function setUp({ survey = {}, estimate = {}, eats = 'text' }: Answers) {
  const estimates: Parameters<Trainer['estimate']>[0][] = [];
  const no = () => assert.fail('nobody may ask for this');
  const trainer: Trainer = {
    ...{ architectures: no, train: no, pause: no, stop: no, kill: no, ended: no, dispose: no },
    survey: async () => ({ ...surveyed, ...survey }),
    preview: async () => [],
    estimate: async (wish) => {
      estimates.push(wish);
      return { ...estimated, ...estimate };
    },
  };
  const setup = new TrainingSetup({
    title: 'Train it',
    architecture: { name: 'it', title: 'It', eats, presets },
    source: { eats, roots: [] },
    threads: 1,
    remark: '',
    trainer,
    changed: () => void readToTrainingView(setup.view()),
  });
  const fact = (label: string) => setup.view().estimate.find((one) => one.label === label)?.value;
  return { setup, estimates, fact };
}

test('a workspace that is read in part only: said, with what to do', async () => {
  const { setup } = setUp({ survey: { numFiles: 50_000, bytes: 3e8, partial: true } });
  await setup.begin();
  assert.match(
    setup.view().survey?.summary ?? '',
    /^Reads the first 50,000 files, 300 MB\. There are more than a training takes: exclude folders to choose others\. /,
  );
});

test('images that do not all fit in memory at the chosen size: said before the training', async () => {
  const most = { estimate: { numFiles: 2 }, survey: { suggested: null }, eats: 'image' } as const;
  const { setup, fact } = setUp(most);
  await setup.begin();
  assert.equal(fact('Learns from'), 'the first 2 images; of this size no more fit in memory');
  const { setup: whole, fact: wholeFact } = setUp({ eats: 'image' });
  await whole.begin();
  assert.equal(wholeFact('Learns from'), undefined);
});

test('the size that suits the images can be chosen, whatever it is, and no size that was not offered', async () => {
  const suggested = { width: 32, height: 16, channels: 3, levels: 256, rule: 'fit' } as const;
  const { setup, estimates } = setUp({ survey: { suggested }, eats: 'image' });
  assert.equal(setup.view().sizes[0]?.label, '8 x 8', 'before the survey');
  await setup.begin();
  assert.deepEqual(setup.choices.image, suggested);
  assert.deepEqual(estimates.at(-1)?.image, suggested);
  assert.deepEqual(setup.view().sizes[0], { width: 32, height: 16, label: '32 x 16, as they are' });
  await setup.choose({ ...setup.choices, image: { ...suggested, width: 12, height: 12 } });
  assert.deepEqual(estimates.at(-1)?.image, { ...suggested, width: 12, height: 12 });
  await setup.choose({ ...setup.choices, image: { ...suggested, width: 1000, height: 1000 } });
  assert.deepEqual(setup.choices.image, { ...suggested, width: 12, height: 12 });
  for (const side of [8, 12, 16, 20, 24, 28]) {
    const square = { ...suggested, width: side, height: side };
    const { setup: other } = setUp({ survey: { suggested: square }, eats: 'image' });
    await other.begin();
    assert.deepEqual(other.choices.image, square);
    assert.equal(other.view().sizes.length, 9, 'a square of the list is there once');
  }
});

test('what a budget buys is what the training process says of a minute, other work than steps included', async () => {
  const { setup, fact } = setUp({});
  await setup.begin();
  assert.equal(fact('A step takes'), '100 ms');
  assert.equal(fact('In 10 minutes'), 'about 5,000 steps', 'not 6,000');
  assert.equal(fact('Each file is seen'), 'about 50 times');
  await setup.choose({ ...setup.choices, minutes: null });
  assert.equal(fact('Once through'), '100 steps');
});

test('how far the reading is; and whether something is held out', async () => {
  const { setup } = setUp({ survey: { numFiles: 1, heldOut: false } });
  assert.equal(setup.view().note, 'Looking at what there is to learn from ...');
  setup.reading({ done: 1200, total: 5000 });
  assert.equal(setup.view().note, 'Looking at what there is to learn from: 1,200 of 5,000 files ...');
  await setup.begin();
  assert.match(
    setup.view().survey?.summary ?? '',
    /too little to hold some out: how well the model gets is not measured/,
  );
  const { setup: more } = setUp({});
  await more.begin();
  assert.match(more.view().survey?.summary ?? '', /Some of it is held out, to measure with/);
});
