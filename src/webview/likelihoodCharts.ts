// The charts of the likelihood view: the histogram of surprisal, and surprisal and entropy over the tokens, each with its numbers as a table.
import { type Smoothing, smoothingChoices } from '../protocol/likelihoodViewMessages.ts';
import { stepOf, surprisalSteps } from '../protocol/surprisalScale.ts';
import { element, svgElement } from './dom.ts';
import { type Bin, histogram, type Scores, smoothed } from './likelihoodLayout.ts';
import { visibleText } from './likelihoodText.ts';
import { createLineChart } from './lineChart.ts';

export interface NamedScores {
  readonly name: string;
  readonly scores: Scores;
}

const binWidth = 0.5;
const mostBits = 16;

export function binsOf({ bits }: Scores): Bin[] {
  return histogram(bits, binWidth, mostBits);
}

export interface HistogramView {
  readonly root: HTMLElement;
  show(models: readonly NamedScores[]): void;
}

const size = { width: 320, height: 132, bottom: 18 };

export function createHistogram(): HistogramView {
  const picture = element('div', { class: 'histogram' });
  const note = element('p', { class: 'histogram-note' });
  const head = element('tr');
  const body = element('tbody');
  const table = element(
    'details',
    {},
    element('summary', {}, 'The histogram as a table'),
    element('table', {}, element('thead', {}, head), body),
  );
  const root = element(
    'section',
    { 'aria-label': 'Histogram of surprisal' },
    element('h2', {}, 'Tokens by surprisal, in bits'),
    picture,
    note,
    table,
  );
  return {
    root,
    show(models) {
      const all = models.map(({ name, scores }) => ({ name, bins: binsOf(scores), count: scores.bits.length }));
      const [main, second] = all;
      note.replaceChildren(
        ...(second ? ['Shares of all tokens; outlined: ', element('bdi', {}, visibleText(second.name, 40))] : []),
      );
      if (!main) {
        picture.replaceChildren();
        body.replaceChildren();
        return;
      }
      const shares = all.flatMap(({ bins, count }) => bins.map((bin) => bin.count / Math.max(1, count)));
      const most = Math.max(1e-9, ...shares);
      const step = size.width / main.bins.length;
      const room = size.height - size.bottom;
      const said = main.bins.filter(({ count }) => count > 0).length;
      const svg = svgElement('svg', {
        viewBox: `0 0 ${size.width} ${size.height}`,
        role: 'img',
        'aria-label': `Tokens by surprisal in bits; ${said} of ${main.bins.length} bins hold any. The table below has the numbers.`,
      });
      for (const [index, { bins, count }] of all.entries()) {
        for (const [i, bin] of bins.entries()) {
          const high = (bin.count / Math.max(1, count) / most) * (room - 4);
          const { solid, label } = surprisalSteps[stepOf(bin.from)]!;
          const place = { x: i * step + 0.5, y: room - high, width: step - 1, height: high };
          const look =
            index === 0
              ? { ...place, fill: solid, class: 'bin' }
              : { ...place, fill: 'none', class: 'second-model', 'stroke-width': 1.5 };
          svg.append(svgElement('rect', look, svgElement('title', {}, `${bin.count} tokens, ${label}`)));
        }
      }
      svg.append(svgElement('line', { class: 'grid', x1: 0, x2: size.width, y1: room, y2: room }));
      for (let bits = 0; bits <= mostBits; bits += 2) {
        const x = (bits / binWidth) * step;
        svg.append(
          svgElement(
            'text',
            {
              class: 'tick',
              x,
              y: size.height - 4,
              'text-anchor': bits === 0 ? 'start' : bits === mostBits ? 'end' : 'middle',
            },
            bits === mostBits ? `${bits}+` : String(bits),
          ),
        );
      }
      picture.replaceChildren(svg);
      head.replaceChildren(
        element('th', { scope: 'col' }, 'Bits'),
        ...all.flatMap(({ name }) => [
          element('th', { scope: 'col' }, 'Tokens, ', element('bdi', {}, name)),
          element('th', { scope: 'col' }, 'Bits in all'),
        ]),
      );
      body.replaceChildren(
        ...main.bins.map(({ from, to }, i) =>
          element(
            'tr',
            {},
            element('th', { scope: 'row' }, to === Number.POSITIVE_INFINITY ? `${from} and more` : `${from} to ${to}`),
            ...all.flatMap(({ bins }) => [
              element('td', {}, bins[i]!.count.toLocaleString('en-US')),
              element('td', {}, bins[i]!.bits.toFixed(1)),
            ]),
          ),
        ),
      );
    },
  };
}

export interface Curves {
  readonly root: HTMLElement;
  smoothing: Smoothing;
  show(models: readonly NamedScores[]): void;
}

export function createCurves(goTo: (token: number) => void, changed: () => void): Curves {
  const chart = createLineChart({
    label: 'Surprisal and entropy',
    xLabel: 'token',
    height: 180,
    canBeLog: false,
    formatY: (y) => y.toFixed(2),
    pick: (x) => goTo(Math.round(x) - 1),
  });
  const choice = element(
    'select',
    { 'aria-label': 'Mean over' },
    ...smoothingChoices.map((width) =>
      element(
        'option',
        { value: width },
        width === 1 ? 'each token' : `mean over ${width.toLocaleString('en-US')} tokens`,
      ),
    ),
  );
  const heading = element('div', { class: 'heading' }, element('h2', {}, 'Over the text'), choice);
  let smoothing: Smoothing = 64;
  let shown: readonly NamedScores[] = [];

  function draw(): void {
    const [first, second] = shown;
    if (!first) {
      chart.show({ lines: [], unit: 'bits per token' });
      return;
    }
    const line = (values: Float32Array) => {
      const ys = smoothed(values, smoothing);
      // What is infinite has no place in a plot. Loops: a mapped array of 100,000 takes ten times as long.
      const xs = new Float64Array(ys.length);
      const finite = new Float64Array(ys.length);
      for (let i = 0; i < ys.length; i++) {
        xs[i] = i + 1;
        finite[i] = Number.isFinite(ys[i]) ? ys[i]! : 0;
      }
      return { xs, ys: finite };
    };
    chart.show({
      unit: 'bits per token',
      lines: [
        { label: second ? `surprisal, ${first.name}` : 'surprisal', color: 'orange', ...line(first.scores.bits) },
        second
          ? { label: `surprisal, ${second.name}`, color: 'purple', ...line(second.scores.bits) }
          : { label: 'entropy', color: 'blue', dash: [4, 3], ...line(first.scores.entropy) },
        ...(second ? [{ label: 'entropy', color: 'blue' as const, dash: [4, 3], ...line(first.scores.entropy) }] : []),
      ],
    });
  }

  choice.value = String(smoothing);
  choice.addEventListener('change', () => {
    smoothing = smoothingChoices.find((one) => String(one) === choice.value) ?? 64;
    draw();
    changed();
  });
  return {
    root: element('section', { class: 'curves', 'aria-label': 'Over the text' }, heading, chart.root),
    get smoothing() {
      return smoothing;
    },
    set smoothing(width) {
      smoothing = width;
      choice.value = String(width);
      draw();
    },
    show(models) {
      shown = models;
      draw();
    },
  };
}
