// The plot of a training: both curves and the baselines as one SVG, drawn anew at every change and every new width, with a
// legend, and the same numbers as a table for who does not see it.
import type { CurvePoints } from '../protocol/webviewMessages.ts';
import { element, filler, svgElement } from './dom.ts';
import { type PlotData, type PlotGeometry, plotGeometry } from './plotGeometry.ts';

export interface Plot {
  readonly root: HTMLElement;
  show(data: PlotData, unit: string): void;
}

const height = 260;
const tableRows = 40;
const stepsLabelWidth = 44;
/** Beyond the frame, so that a dot on its edge is whole. */
const overhang = 4;

export function createPlot(): Plot {
  const picture = element('div', { class: 'plot' });
  const legend = element('p', { class: 'legend', 'aria-hidden': 'true' });
  const body = element('tbody');
  const head = element('th', { scope: 'col' });
  const validationHead = element('th', { scope: 'col' });
  const table = element(
    'details',
    {},
    element('summary', {}, 'The curves as a table'),
    element(
      'table',
      {},
      element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, 'Step'), head, validationHead)),
      body,
    ),
  );
  let latest: { data: PlotData; unit: string } | undefined;
  const fillTable = filler(body, tableOf);
  const fillLegend = filler(legend, legendOf);
  const draw = () => {
    if (latest === undefined) return;
    const width = Math.max(240, picture.clientWidth);
    picture.replaceChildren(svgOf(plotGeometry(latest.data, { width, height }), width, summaryOf(latest)));
  };
  new ResizeObserver(draw).observe(picture);
  return {
    root: element('section', { 'aria-label': 'Curves' }, legend, picture, table),
    show(data, unit) {
      latest = { data, unit };
      head.textContent = `Training, ${unit}`;
      validationHead.textContent = `Held out, ${unit}`;
      fillLegend({ unit, baselines: data.baselines.map(({ label }) => label) });
      fillTable(data);
      draw();
    },
  };
}

function legendOf({ unit, baselines }: { unit: string; baselines: readonly string[] }): (Node | string)[] {
  const entry = (kind: string, label: string) =>
    element('span', { class: 'entry' }, element('span', { class: `swatch ${kind}` }), label);
  return [
    element('span', { class: 'unit' }, unit),
    entry('training', 'training'),
    entry('validation', 'held out'),
    ...(baselines.length > 0 ? [entry('baseline', baselines.join(', '))] : []),
  ];
}

function svgOf(geometry: PlotGeometry, width: number, summary: string): SVGElement {
  const { frame, xTicks, yTicks, baselines, trainingPath, validationPath, validationDots } = geometry;
  const svg = svgElement('svg', {
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: 'img',
    'aria-label': summary,
  });
  for (const { at, label } of yTicks) {
    svg.append(
      svgElement('line', { class: 'grid', x1: frame.left, x2: frame.right, y1: at, y2: at }),
      svgElement('text', { class: 'tick', x: frame.left - 6, y: at + 4, 'text-anchor': 'end' }, label),
    );
  }
  for (const { at, label } of xTicks.filter((tick) => tick.at < frame.right - stepsLabelWidth)) {
    svg.append(svgElement('text', { class: 'tick', x: at, y: frame.bottom + 18, 'text-anchor': 'middle' }, label));
  }
  svg.append(
    svgElement('text', { class: 'tick', x: frame.right, y: frame.bottom + 18, 'text-anchor': 'end' }, 'steps'),
  );
  for (const { at, label } of baselines) {
    svg.append(
      svgElement('line', { class: 'baseline', x1: frame.left, x2: frame.right, y1: at, y2: at }),
      svgElement('text', { class: 'label', x: frame.right, y: at - 5, 'text-anchor': 'end' }, label),
    );
  }
  const curves = svgElement('svg', clipTo(frame));
  if (trainingPath) curves.append(svgElement('path', { class: 'training', d: trainingPath }));
  if (validationPath) curves.append(svgElement('path', { class: 'validation', d: validationPath }));
  for (const { x, y } of validationDots) curves.append(svgElement('circle', { class: 'dot', cx: x, cy: y, r: 2.5 }));
  svg.append(curves);
  return svg;
}

/** An inner picture in the same coordinates, cut off at its edges. */
function clipTo({ left, top, right, bottom }: PlotGeometry['frame']) {
  const x = left - overhang;
  const y = top - overhang;
  const width = right - left + 2 * overhang;
  const inner = bottom - top + 2 * overhang;
  return { x, y, width, height: inner, viewBox: `${x} ${y} ${width} ${inner}` };
}

function summaryOf({ data, unit }: { data: PlotData; unit: string }): string {
  const said = (name: string, { steps, values }: CurvePoints) =>
    values.length === 0
      ? `${name}: nothing yet`
      : `${name}: from ${values[0]!.toFixed(2)} to ${values.at(-1)!.toFixed(2)} at step ${steps.at(-1)}`;
  const baselines = data.baselines.map(({ label, value }) => `${label}: ${value.toFixed(2)}`);
  return [`Curves in ${unit}`, said('training', data.training), said('held out', data.validation), ...baselines].join(
    '; ',
  );
}

/** The newest first; the training loss beside a validation is the one at or before its step. */
function tableOf({ training, validation }: PlotData): HTMLElement[] {
  const steps = [...new Set(validation.steps.length > 0 ? validation.steps : training.steps)];
  const every = Math.ceil(steps.length / tableRows);
  const kept = steps.filter((_, i) => (steps.length - 1 - i) % every === 0).reverse();
  return kept.map((step) => {
    const cells = [training, validation].map((curve) => element('td', {}, valueAt(curve, step)));
    return element('tr', {}, element('th', { scope: 'row' }, String(Math.round(step))), ...cells);
  });
}

function valueAt({ steps, values }: CurvePoints, step: number): string {
  const at = steps.findLastIndex((one) => one <= step);
  return at < 0 ? '' : values[at]!.toFixed(3);
}
