// The curves of the training view with 100,000 points each, in a real browser: how long the page's own script takes for a frame while the
// wheel zooms and moves them. What a frame takes is the handler of the event, the drawing that it put off until the frame, and the
// microtasks behind both; the page's script is the one that is packaged.
import path from 'node:path';
import type { Page } from 'playwright-core';
import { Random } from '../src/base/random.ts';
import { type CurveMessage, type CurveName, type RunMessage, viewLimits } from '../src/protocol/webviewMessages.ts';
import { launchBrowser } from '../test/e2e/lib/browser.ts';
import { eventually } from '../test/e2e/lib/eventually.ts';
import { createSandbox } from '../test/e2e/lib/sandbox.ts';
import { openViewPage } from '../test/e2e/lib/viewPage.ts';
import { type BenchContext, forRounds } from './context.ts';
import { percentile } from './statistics.ts';

const numPoints = viewLimits.curvePoints;
const numFrames = 200;
const run: RunMessage = {
  kind: 'run',
  title: 'CharRNN on "demo"',
  state: 'running',
  headline: 'Step 100,000',
  note: '',
  progress: 0.5,
  facts: [],
  unit: 'bits per byte',
  trainingScale: 1 / Math.LN2,
  baselines: [{ label: 'gzip', value: 2.6 }],
  buttons: [],
};

export async function chartBench(bench: BenchContext): Promise<void> {
  const { recorder } = bench;
  await bench.vsix(); // Builds the pages.
  bench.scripts.ensureEditorAndBrowser();
  const sandbox = createSandbox();
  const browser = await launchBrowser(sandbox);
  try {
    await forRounds(bench, 'chart', async () => {
      const page = await browser.newPage();
      const view = await openViewPage(page, 'trainingPage', 'dark', path.resolve('dist', 'webview'));
      await view.tell(run, ...pieces('training'), ...pieces('validation'));
      const chart = page.getByRole('slider', { name: /step 1 to 100,000/ });
      await eventually('the chart is drawn', async () => (await chart.count()) === 1);
      const zoom = await wheelFrames(page, { ctrlKey: true, deltas: [-40, -40, -40, 40, 40, 40] });
      recorder.add('chart/zoom/p50', 'ms', percentile(zoom, 0.5));
      recorder.add('chart/zoom/p95', 'ms', percentile(zoom, 0.95));
      await wheelFrames(page, { ctrlKey: true, deltas: [-40], numFrames: 6 });
      const pan = await wheelFrames(page, { shiftKey: true, deltas: [30, 30, 30, -30, -30, -30] });
      recorder.add('chart/pan/p50', 'ms', percentile(pan, 0.5));
      recorder.add('chart/pan/p95', 'ms', percentile(pan, 0.95));
      await page.close();
    });
    bench.note(`Charts: two curves of ${numPoints} points, script time of ${numFrames} frames each.`);
  } finally {
    await browser.close();
    sandbox.remove();
  }
}

function pieces(name: CurveName): CurveMessage[] {
  const random = new Random(name.length);
  const made: CurveMessage[] = [];
  for (let from = 0; from < numPoints; from += viewLimits.piecePoints) {
    const length = Math.min(viewLimits.piecePoints, numPoints - from);
    const steps = Array.from({ length }, (_, i) => from + i + 1);
    made.push({
      kind: 'curve',
      name,
      from,
      steps,
      values: steps.map((step) => 1 + 6 / Math.sqrt(step) + random.nextFloat()),
    });
  }
  return made;
}

interface Wheel {
  readonly ctrlKey?: boolean;
  readonly shiftKey?: boolean;
  /** Over and over. */
  readonly deltas: readonly number[];
  readonly numFrames?: number;
}

/** Milliseconds of script for each frame with one turn of the wheel. */
function wheelFrames(page: Page, { ctrlKey = false, shiftKey = false, deltas, numFrames: count = numFrames }: Wheel) {
  // The callbacks of a frame run in the order in which they were asked for: the first and the last enclose the page's own.
  return page.evaluate<number[]>(`(async () => {
    const target = document.querySelector('.line-chart .u-over');
    const { left, top, width, height } = target.getBoundingClientRect();
    const deltas = ${JSON.stringify(deltas)};
    const times = [];
    for (let frame = 0; frame < ${count}; frame++) {
      const deltaY = deltas[frame % deltas.length];
      times.push(await new Promise((resolve) => {
        let drawing = 0;
        requestAnimationFrame(() => { drawing = performance.now(); });
        const handling = performance.now();
        target.dispatchEvent(new WheelEvent('wheel', { deltaY, ctrlKey: ${ctrlKey}, shiftKey: ${shiftKey}, bubbles: true,
          cancelable: true, clientX: left + width / 3, clientY: top + height / 2 }));
        const handled = performance.now() - handling;
        requestAnimationFrame(() => resolve(handled + performance.now() - drawing));
      }));
    }
    return times;
  })()`);
}
