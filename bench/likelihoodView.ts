// The likelihood view with 100,000 tokens, in a real browser: how soon the heat map is there once the text is scored, and how long the
// page's own script takes for a frame while the text scrolls. What a frame takes is the handlers of its scroll event and the painting
// that they put off until the frame; the page's script is the one that is packaged.
import path from 'node:path';
import type { Page } from 'playwright-core';
import type { LikelihoodViewMessage } from '../src/protocol/likelihoodViewMessages.ts';
import { pieceLength } from '../src/protocol/numberArrays.ts';
import { textScoringLimits } from '../src/protocol/textScoringMessages.ts';
import { launchBrowser } from '../test/e2e/lib/browser.ts';
import { eventually } from '../test/e2e/lib/eventually.ts';
import { createSandbox } from '../test/e2e/lib/sandbox.ts';
import { openViewPage } from '../test/e2e/lib/viewPage.ts';
import { type BenchContext, forRounds } from './context.ts';
import type { Recorder } from './figures.ts';
import { percentile } from './statistics.ts';

const numTokens = 100_000;
const numFrames = 300;
/** Of lines of this many tokens; a token has some five characters. */
const tokensPerLine = 9;

/** Run in the page: a text, and what two models make of it. */
const makeText = `(() => {
  let seed = 5;
  const next = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const words = ['const ', 'x', ' = ', 'value', '(', 'index', ');', ' return', ' the', ' longer words', '  '];
  const starts = new Int32Array(${numTokens} + 1);
  const parts = [];
  let length = 0;
  for (let token = 0; token < ${numTokens} - 1; token++) {
    const part = token % ${tokensPerLine} === ${tokensPerLine - 1} ? '\\n' : words[Math.floor(next() * words.length)];
    starts[token] = length;
    parts.push(part);
    length += part.length;
  }
  starts[${numTokens} - 1] = length;
  starts[${numTokens}] = length;
  const bits = () => Float32Array.from({ length: ${numTokens} }, () => -Math.log2(next()) * 2);
  return { text: parts.join(''), starts, bits: { a: bits(), b: bits() } };
})()`;

const tell = `((made, view, sides) => {
  const post = (message) => window.postMessage(message, '*');
  post({ ...view, length: made.text.length, numBytes: made.text.length });
  for (let first = 0; first < made.text.length; first += ${textScoringLimits.partLength}) {
    post({ kind: 'textPart', text: 1, first, part: made.text.slice(first, first + ${textScoringLimits.partLength}) });
  }
  for (const side of sides) {
    for (let first = 0; first < ${numTokens}; first += ${pieceLength}) {
      const to = Math.min(${numTokens}, first + ${pieceLength});
      const bits = made.bits[side].slice(first, to);
      const starts = made.starts.slice(first, to);
      post({ kind: 'tokens', text: 1, side, first, total: ${numTokens}, starts, bits, entropy: bits, rank: new Int32Array(to - first) });
    }
  }
})`;

const view: LikelihoodViewMessage = {
  kind: 'view',
  text: 1,
  name: 'long.ts',
  place: '',
  models: [{ name: 'First' }, { name: 'Second' }],
  a: 0,
  b: null,
  state: 'ready',
  headline: '100,000 tokens',
  note: '',
  stale: false,
  progress: null,
  length: 0,
  numBytes: 0,
  comparisons: [],
  proof: { state: 'none', progress: null, text: '' },
};

export async function likelihoodViewBench(bench: BenchContext): Promise<void> {
  const { recorder } = bench;
  await bench.vsix(); // Builds the pages.
  bench.scripts.ensureEditorAndBrowser();
  const sandbox = createSandbox();
  const browser = await launchBrowser(sandbox, { width: 1600, height: 1000 });
  try {
    await forRounds(bench, 'likelihoodView', async () => {
      const page = await browser.newPage();
      const { problems } = await openViewPage(page, 'likelihoodPage', 'dark', path.resolve('dist', 'webview'));
      recorder.add('likelihoodView/open', 'ms', await openMs(page, ['a']));
      const one = await scrollFrames(page);
      recorder.add('likelihoodView/scroll/p50', 'ms', percentile(one, 0.5));
      recorder.add('likelihoodView/scroll/p95', 'ms', percentile(one, 0.95));
      if (problems.length > 0) throw new Error(problems.join('\n'));
      await page.close();
      await withTwo(await browser.newPage(), recorder);
    });
    bench.note(`Likelihood view: ${numTokens} tokens, script time of ${numFrames} frames each.`);
  } finally {
    await browser.close();
    sandbox.remove();
  }
}

/** Both models beside each other; scrolled with their difference, which is the most there is to paint. */
async function withTwo(page: Page, recorder: Recorder): Promise<void> {
  const { problems } = await openViewPage(page, 'likelihoodPage', 'dark', path.resolve('dist', 'webview'));
  recorder.add('likelihoodView/openTwo', 'ms', await openMs(page, ['a', 'b']));
  const panes = () => page.evaluate<number>(`document.querySelectorAll('.pane-titles bdi').length`);
  const opened = await panes();
  if (opened !== 2) throw new Error(`expected both models beside each other, got ${opened} panes`);
  await page.getByLabel('Show', { exact: true }).selectOption('all');
  await eventually('the difference is there, too', async () => (await panes()) === 3);
  recorder.add('likelihoodView/scrollTwo/p95', 'ms', percentile(await scrollFrames(page), 0.95));
  if (problems.length > 0) throw new Error(problems.join('\n'));
  await page.close();
}

/** What the page took to load, and from the first message until every token is painted. */
function openMs(page: Page, shown: readonly ('a' | 'b')[]): Promise<number> {
  const told = { ...view, b: shown.includes('b') ? 1 : null };
  return page.evaluate<number>(`(async () => {
    const loaded = performance.getEntriesByType('navigation')[0].domComplete;
    window.made = ${makeText};
    const told = performance.now();
    // One model alone at first: a second one that is chosen then is shown beside it.
    postMessage(${JSON.stringify({ ...view, text: 0 })}, '*');
    ${tell}(window.made, ${JSON.stringify(told)}, ${JSON.stringify(shown)});
    const frame = () => new Promise(requestAnimationFrame);
    // Messages are received in turn: the last one is there when all are.
    const length = window.made.text.length;
    postMessage({ ...${JSON.stringify({ ...told, headline: 'all' })}, length, numBytes: length }, '*');
    const isThere = () => document.querySelector('.headline').textContent === 'all';
    do await frame(); while (!isThere());
    await frame();
    return loaded + performance.now() - told;
  })()`);
}

/** Milliseconds of script for each frame in which the text has moved. */
function scrollFrames(page: Page): Promise<number[]> {
  // What is asked for first and last encloses what the page does: handlers of one event, and callbacks of one frame.
  return page.evaluate<number[]>(`(async () => {
    const map = document.querySelector('.heat-map');
    const times = [];
    let done;
    let began = 0;
    let handled = 0;
    let painting = 0;
    const first = () => { began = performance.now(); requestAnimationFrame(() => { painting = performance.now(); }); };
    const last = () => {
      handled = performance.now() - began;
      requestAnimationFrame(() => done(handled + performance.now() - painting));
    };
    addEventListener('scroll', first, { capture: true });
    map.addEventListener('scroll', last);
    for (let frame = 0; frame < ${numFrames}; frame++) {
      times.push(await new Promise((resolve) => {
        done = resolve;
        map.scrollTop += frame % 50 === 49 ? 9000 : 57;
      }));
    }
    removeEventListener('scroll', first, { capture: true });
    map.removeEventListener('scroll', last);
    map.scrollTop = 0;
    return times;
  })()`);
}
