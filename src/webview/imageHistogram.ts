// How many values of the picture have how many bits: bars in the colors of the map, and the same as a table.
import { stepOf, surprisalSteps } from '../protocol/surprisalScale.ts';
import { element, svgElement } from './dom.ts';
import type { HistogramBin } from './imageNumbers.ts';

/** Round numbers, of which so many fit above zero. */
const mostLevels = 4;
const levelSteps = Array.from({ length: 9 }, (_, power) => [1, 2, 2.5, 5].map((factor) => factor * 10 ** power))
  .flat()
  .filter(Number.isInteger);
const [width, height, left, bottom, top] = [520, 220, 44, 34, 10];

export class ImageHistogram {
  readonly root: HTMLElement;
  readonly #plot = element('div', { class: 'image-histogram' });
  readonly #body = element('tbody');

  constructor() {
    this.root = element(
      'section',
      { 'aria-label': 'Histogram of bits' },
      this.#plot,
      element(
        'details',
        { class: 'chart-table' },
        element('summary', {}, 'Show as table'),
        element(
          'table',
          {},
          element('caption', {}, 'Values of the picture by their bits'),
          element('thead', {}, element('tr', {}, th('Bits, from'), th('below'), th('Values'), th('Share'))),
          this.#body,
        ),
      ),
    );
  }

  /** `scale`: of the colors' bounds. */
  show(bins: readonly HistogramBin[], scale: number): void {
    const total = bins.reduce((sum, { count }) => sum + count, 0);
    const most = Math.max(1, ...bins.map(({ count }) => count));
    const barWidth = (width - left) / Math.max(1, bins.length);
    const plotHeight = height - top - bottom;
    const bars = bins.map(({ from, to, count }, i) => {
      const barHeight = count === 0 ? 0 : Math.max(1, (plotHeight * count) / most);
      const bar = svgElement('rect', {
        class: 'histogram-bar',
        x: left + i * barWidth,
        y: top + plotHeight - barHeight,
        width: Math.max(1, barWidth - 1),
        height: barHeight,
        fill: surprisalSteps[stepOf((to === Number.POSITIVE_INFINITY ? to : (from + to) / 2) / scale)]!.solid,
      });
      bar.append(svgElement('title', {}, `${between(from, to)}: ${count.toLocaleString('en-US')} values`));
      return bar;
    });
    const tickEvery = Math.max(1, Math.ceil(bins.length / 8));
    const ticks = bins
      .filter((_, i) => i % tickEvery === 0)
      .map(({ from }, i) =>
        svgElement(
          'text',
          { x: left + i * tickEvery * barWidth, y: height - bottom + 16, 'text-anchor': 'middle' },
          short(from),
        ),
      );
    const level = (count: number) => {
      const y = top + plotHeight * (1 - count / most);
      const label = count.toLocaleString('en-US');
      return [
        svgElement('line', { class: 'grid', x1: left, x2: width, y1: y, y2: y }),
        svgElement('text', { x: left - 6, y: y + 4, 'text-anchor': 'end' }, label),
      ];
    };
    const step = levelSteps.find((one) => one >= most / mostLevels) ?? most;
    const levels = Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
    const axis = svgElement(
      'text',
      { x: (width + left) / 2, y: height - 2, 'text-anchor': 'middle' },
      'bits of a value',
    );
    const label = `Values by bits: most, ${most.toLocaleString('en-US')}, have ${rangeOf(bins, most)}`;
    this.#plot.replaceChildren(
      svgElement(
        'svg',
        { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label },
        ...levels.flatMap(level),
        ...bars,
        ...ticks,
        axis,
      ),
    );
    this.#body.replaceChildren(
      ...bins.map(({ from, to, count }) =>
        element(
          'tr',
          {},
          element('th', { scope: 'row', class: 'number' }, short(from)),
          number(to === Number.POSITIVE_INFINITY ? 'and above' : short(to)),
          number(count.toLocaleString('en-US')),
          number(`${((100 * count) / Math.max(1, total)).toFixed(1)} %`),
        ),
      ),
    );
  }
}

function rangeOf(bins: readonly HistogramBin[], most: number): string {
  const bin = bins.find(({ count }) => count === most);
  return bin ? between(bin.from, bin.to) : 'none';
}

function between(from: number, to: number): string {
  return to === Number.POSITIVE_INFINITY ? `${short(from)} bits or more` : `${short(from)} to ${short(to)} bits`;
}

function th(label: string): HTMLElement {
  return element('th', { scope: 'col' }, label);
}

function number(text: string): HTMLElement {
  return element('td', { class: 'number' }, text);
}

function short(bits: number): string {
  return String(Number(bits.toFixed(2)));
}
