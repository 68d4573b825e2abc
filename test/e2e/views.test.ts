// The pages of the webviews as they are packaged, in a browser, with the policy that the extension gives them: what they show, what
// the keyboard does, what screen readers are told. The shell behind them is this test.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExplanationView } from '../../src/protocol/explainMessages.ts';
import type { ImageViewMessage } from '../../src/protocol/imageViewMessages.ts';
import type { CurveMessage, RunMessage, SetupMessage, SheetMessage } from '../../src/protocol/webviewMessages.ts';
import { checkAccessibility } from './lib/accessibility.ts';
import { launchBrowser } from './lib/browser.ts';
import { eventually, eventuallyEquals } from './lib/eventually.ts';
import { createSandbox } from './lib/sandbox.ts';
import { openViewPage, type ViewPage } from './lib/viewPage.ts';

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==';
const image = { width: 28, height: 28, channels: 1, levels: 16, rule: 'crop' } as const;
const setup: SetupMessage = {
  kind: 'setup',
  title: 'Train PixelCNN on the images of "demo"',
  note: 'Ready. Nothing leaves this machine.',
  survey: {
    summary: 'Reads 640 images, 2.1 MB.',
    read: [{ label: '32 x 32', numFiles: 640, size: '2.1 MB' }],
    leftOut: [{ reason: 'broken', numFiles: 2, examples: ['a.png', 'b.png'] }],
  },
  choices: { minutes: 10, preset: 'small', seed: 1, image },
  presets: [
    { name: 'small', label: 'Small' },
    { name: 'large', label: 'Large' },
  ],
  sizes: [
    { width: 28, height: 28, label: '28 x 28' },
    { width: 32, height: 16, label: '32 x 16, as they are' },
  ],
  estimate: [{ label: 'Memory', value: 'about 320 MB' }],
  preview: [png, png],
  canStart: true,
};
const run: RunMessage = {
  kind: 'run',
  title: 'CharRNN on "demo"',
  state: 'running',
  headline: 'Step 200: 2.13 bits per byte',
  note: '',
  progress: 0.4,
  facts: [{ label: 'Speed', value: '37,000 characters/s' }],
  unit: 'bits per byte',
  trainingScale: 2,
  baselines: [{ label: 'gzip', value: 2.6 }],
  buttons: [
    { action: 'pause', label: 'Pause', primary: false },
    { action: 'stop', label: 'Stop and Keep', primary: false },
  ],
};
const curves: CurveMessage[] = [
  { kind: 'curve', name: 'training', from: 0, steps: [1, 100], values: [4, 1.5] },
  { kind: 'curve', name: 'training', from: 2, steps: [200], values: [1.1] },
  { kind: 'curve', name: 'validation', from: 0, steps: [100, 200], values: [3.1, 2.13] },
];
const sheet: SheetMessage = {
  kind: 'sheet',
  title: 'Images from PixelCNN',
  caption: '28 x 28',
  width: 1,
  height: 1,
  images: [png, png, png],
  temperature: 1,
  busy: false,
  note: '3 images drawn',
};

const alternatives = [
  ...['return', 'retry', 'x'].map((text, i) => ({ kind: 'text' as const, text, logProb: -0.4 - i })),
  { kind: 'bytes' as const, text: 'E6 97', logProb: -6 },
  { kind: 'special' as const, text: 'end', logProb: -9 },
];
const token = {
  kind: 'text',
  numTyped: 0,
  numPossible: 4096,
  isShown: true,
  rank: 1,
  copiedShare: 0,
  logProb: -0.4,
  alternatives,
} as const;
const explanation: ExplanationView = {
  kind: 'explanation',
  headline: '2 tokens, 8.00 bits in all: probability 0.391 %',
  notes: [{ text: 'It stopped there.' }],
  facts: [{ label: 'Prompt', value: '40 tokens' }],
  symbols: [
    { ...token, text: 'return', numTyped: 4, numPossible: 5, copiedShare: 0.75 },
    { ...token, text: ' <b>x</b>\u202e;', rank: 30, logProb: -6 },
    { ...token, text: '\n', isShown: false },
  ],
};
/** Two pixels, of which the first is dark. */
const twoPixels: ImageViewMessage = {
  kind: 'view',
  version: 1,
  title: 'two.png',
  caption: 'PixelCNN: 2 x 1, grey, 256 levels',
  state: 'ready',
  headline: '1.50 bits per pixel, 80 % below PNG',
  notes: [],
  facts: [{ label: 'In all', value: '3 bits (1 bytes)' }],
  buttons: [{ action: 'exportCsv', label: 'Export CSV...', primary: false }],
  image: {
    ...{ format: 'png', fileWidth: 2, fileHeight: 1, fileChannels: 1, animated: false, deep: false },
    ...{
      transparent: false,
      width: 2,
      height: 1,
      channels: 1,
      numLevels: 256,
      rule: 'crop',
      picture: png,
      preview: png,
    },
  },
};
const twoValues = {
  ...{ kind: 'numbers', version: 1, first: 0, levels: [10, 200], bits: [1, 2], ranks: [0, 3], entropies: [1.25, 2.5] },
  ...{ likeliest: [10, 190], likeliestBits: [1, 1] },
};

const lastSent = async (view: ViewPage) => (await view.sent()).at(-1);
const focused = (view: ViewPage) => view.page.evaluate<string>('document.activeElement.textContent');

test('the pages of the webviews', async (t) => {
  const sandbox = createSandbox();
  const browser = await launchBrowser(sandbox);
  t.after(async () => {
    const outside = browser.outsideRequests();
    await browser.close();
    sandbox.remove();
    assert.deepEqual(outside, []);
  });
  for (const theme of ['light', 'dark'] as const) {
    const open = async (name: string) => openViewPage(await browser.newPage(), name, theme);

    await t.test(`choices, ${theme}: Enter starts, every choice is told, and the focus stays where it is`, async () => {
      const view = await open('trainingPage');
      await view.tell({ ...setup, survey: null, canStart: false, preview: [], estimate: [] }, setup);
      await eventuallyEquals('the button has the focus', () => focused(view), 'Start Training');
      await view.page.keyboard.press('Enter');
      await eventuallyEquals('it starts', () => lastSent(view), { kind: 'act', action: 'start' });
      const large = view.page.getByLabel('Large');
      await large.check();
      const choices = { ...setup.choices, preset: 'large' };
      await eventuallyEquals('the choice is told', () => lastSent(view), { kind: 'choose', choices });
      await view.tell({ ...setup, choices });
      await view.page.getByLabel('Levels').focus();
      await view.page.getByLabel('Levels').selectOption({ label: '4 levels' });
      const fewer = { ...choices, image: { ...image, levels: 4 } };
      await eventuallyEquals('the levels are told', () => lastSent(view), { kind: 'choose', choices: fewer });
      await view.tell({ ...setup, choices: fewer });
      assert.equal(await view.page.evaluate('document.activeElement.name'), 'levels');
      assert.equal(await view.page.getByRole('table', { name: 'What is left out, and why' }).count(), 1);
      assert.equal(await view.page.getByRole('img', { name: /as the model will see it/ }).count(), 2);
      await checkAccessibility('choices', view.page);
      assert.deepEqual(view.problems, []);
    });

    await t.test(
      `a training, ${theme}: what is drawn is also said, and a button that changes keeps the focus`,
      async () => {
        const view = await open('trainingPage');
        const samples = [{ step: 100, type: 'text', text: 'let <b>x</b>' }];
        await view.tell(run, ...curves, { kind: 'samples', samples });
        const chart = view.page.getByRole('slider', { name: 'Curves, bits per byte, step 1 to 200' });
        await chart.waitFor();
        const said = () => chart.getAttribute('aria-valuetext');
        const last = 'step 200, training 2.200, held out 2.130, gzip 2.600';
        await eventuallyEquals('the last values are told', said, last);
        assert.equal(await view.page.getByRole('status').textContent(), run.headline);
        assert.equal(await view.page.locator('pre').textContent(), 'let <b>x</b>');
        await chart.focus();
        await view.page.keyboard.press('ArrowLeft');
        await eventuallyEquals('the point before', said, 'step 100, training 3.000, held out 3.100, gzip 2.600');
        await view.page.keyboard.press('+');
        const zoomed = view.page.getByRole('slider', { name: 'Curves, bits per byte, step 51 to 150' });
        await zoomed.waitFor();
        await view.page.getByText('Show as table').click();
        const row = () => view.page.locator('tbody tr').first().locator('th, td').allInnerTexts();
        await eventuallyEquals('the table has what shows', row, ['100', '3.000', '3.100']);
        await view.page.getByRole('button', { name: 'Show All' }).click();
        await eventuallyEquals('the table has all of it', row, ['200', '2.200', '2.130']);
        await view.page.getByLabel('Scale of Curves').selectOption({ label: 'Logarithmic scale' });
        await chart.waitFor();
        await checkAccessibility('a training', view.page);
        await view.page.getByRole('button', { name: 'Pause' }).focus();
        await view.page.keyboard.press('Enter');
        await eventuallyEquals('it is told', () => lastSent(view), { kind: 'act', action: 'pause' });
        const buttons = [{ action: 'resume', label: 'Resume', primary: true }, run.buttons[1]];
        await view.tell({ ...run, state: 'paused', buttons });
        await eventuallyEquals('Resume has the focus', () => focused(view), 'Resume');
        assert.deepEqual(view.problems, []);
      },
    );

    await t.test(`a sheet, ${theme}: images are saved one by one and all at once`, async () => {
      const view = await open('sheetPage');
      await view.tell(sheet);
      await view.page.getByRole('button', { name: 'Save image 2 of 3' }).waitFor();
      await checkAccessibility('a sheet', view.page);
      await view.page.getByRole('button', { name: 'Save image 2 of 3' }).click();
      await eventuallyEquals('one is saved', () => lastSent(view), { kind: 'saveImage', index: 1 });
      await view.page.getByLabel('Temperature').fill('0.7');
      await view.page.getByRole('button', { name: 'Draw Again' }).click();
      await eventuallyEquals('they are drawn', () => lastSent(view), { kind: 'draw', temperature: 0.7 });
      await view.page.getByRole('button', { name: 'Save as PNG...' }).click();
      const saved = await eventually('the sheet is made', async () => {
        const message = await lastSent(view);
        return JSON.stringify(message).includes('saveSheet') && (message as { png: string }).png;
      });
      const bytes = Buffer.from(saved, 'base64');
      assert.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], [4, 4], 'two by two, with a gap of two');
      assert.deepEqual(view.problems, []);
    });

    await t.test(
      `an image, ${theme}: a pixel in numbers; what is scored again stays to be seen until then`,
      async () => {
        const view = await open('imagePage');
        await view.tell(twoPixels, twoValues);
        await view.page.getByRole('application', { name: 'Pixels of the picture' }).press('End');
        const cells = () => view.page.locator('.readout td.number').allInnerTexts();
        const last = ['200', '2.00', '25 %', '4', '2.50', '190', '50 %'];
        await eventuallyEquals('the last pixel is told', cells, last);
        const spoken = 'Row 0, column 1: value 200, 2.00 bits, 25 %, rank 4, likeliest 190';
        assert.equal(await view.page.locator('.image-spoken').textContent(), spoken);
        await checkAccessibility('an image', view.page);
        const reading = {
          state: 'reading',
          headline: 'Reading two.png ...',
          facts: [],
          buttons: [],
          image: null,
        } as const;
        await view.tell({ ...twoPixels, ...reading, version: 2 });
        await eventuallyEquals('it is read', () => view.page.locator('.headline').textContent(), reading.headline);
        assert.deepEqual(await cells(), last);
        assert.equal(await view.page.locator('.fact dd').textContent(), '3 bits (1 bytes)');
        await view.tell({ ...twoPixels, ...reading, version: 2, state: 'scoring', image: twoPixels.image });
        await eventuallyEquals('nothing is known yet', cells, []);
        await view.tell({ ...twoValues, version: 2, bits: [1, 3] }, { ...twoPixels, version: 2 });
        await eventuallyEquals('the new number', async () => (await cells())[1], '3.00');
        await view.tell({ ...twoPixels, ...reading, version: 3, state: 'failed', headline: 'two.png is no image' });
        await eventuallyEquals('nothing is left', () => view.page.locator('.pane:visible').count(), 0);
        assert.deepEqual(view.problems, []);
      },
    );

    await t.test(`a suggestion explained, ${theme}: hostile text stays text, and all of it is read out`, async () => {
      const view = await open('explainPage');
      await view.tell(explanation);
      assert.equal(await view.page.getByRole('status').textContent(), explanation.headline);
      const rows = view.page.locator('tbody tr');
      assert.equal(await rows.count(), 3);
      const suggestion = view.page.getByRole('region', { name: 'The suggestion' });
      assert.equal(await suggestion.textContent(), 'return <b>x</b>\u202e;');
      assert.equal(await rows.nth(1).locator('code').first().textContent(), '·<b>x</b>\\u{202E};');
      assert.match((await rows.nth(2).textContent()) ?? '', /line end not shown/);
      await view.page.getByText('2 more').first().press('Enter');
      await view.page.getByText('⟨end⟩').first().waitFor();
      await checkAccessibility('a suggestion explained', view.page);
      assert.deepEqual(view.problems, []);
    });
  }

  await t.test('half a message is not drawn', async () => {
    const view = await openViewPage(await browser.newPage(), 'trainingPage', 'dark');
    await view.tell(run, { ...run, headline: 'wrong', trainingScale: 'much' });
    await eventually('it is complained about', () => view.problems.length === 1);
    assert.equal(await view.page.getByRole('status').textContent(), run.headline);
  });
});
