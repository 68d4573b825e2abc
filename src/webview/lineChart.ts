// A line chart, the same on every page: uPlot draws what of the lines shows in the pixels there are, however many points they have.
// Dragging, the wheel with Ctrl, and the keyboard zoom; the legend tells the values at the cursor, which is a slider to a screen reader;
// the same numbers are a table below.
import uPlot from 'uplot';
import { type ChartColor, type ChartTheme, onThemeChange, readChartTheme } from './chartColors.ts';
import { element } from './dom.ts';
import {
  joined,
  type Line,
  logTicks,
  nearestIndex,
  type Range,
  shortCount,
  thinned,
  valueRange,
  wholeRange,
  within,
} from './lineChartData.ts';
import { createLineChartTable } from './lineChartTable.ts';

export interface ChartLine extends Line {
  readonly label: string;
  readonly color: ChartColor;
  /** In pixels. */
  readonly width?: number;
  readonly dash?: readonly number[];
  /** From 0 to 1. */
  readonly opacity?: number;
  /** Its points are dots, where there is room for them. */
  readonly dots?: boolean;
}

/** A value that lines are compared with, drawn all the way across. */
export interface ChartLevel {
  readonly label: string;
  readonly value: number;
  readonly color: ChartColor;
}

/** A place on the x axis, drawn from top to bottom. */
export interface ChartMarker {
  readonly label: string;
  readonly x: number;
  readonly color: ChartColor;
}

/** Values are finite; the arrays are not copied, and may be the same ones, longer, the next time. */
export interface ChartContent {
  readonly lines: readonly ChartLine[];
  readonly levels?: readonly ChartLevel[];
  readonly markers?: readonly ChartMarker[];
  /** Such as `bits per byte`. */
  readonly unit: string;
}

export interface LineChartOptions {
  /** What the chart is of, such as `Curves`. */
  readonly label: string;
  /** Such as `step`. */
  readonly xLabel: string;
  readonly height?: number;
  readonly formatX?: (x: number) => string;
  readonly formatY?: (y: number) => string;
  /** Of all values, this share fits in while nothing is zoomed: a few high ones do not flatten the rest. Default: all. */
  readonly shown?: number;
  /** Whether a person may choose a logarithmic scale. Default: yes. */
  readonly canBeLog?: boolean;
  /** The order of the table. */
  readonly newestFirst?: boolean;
  /** A place was pressed, with the mouse or with Enter. */
  readonly pick?: (x: number) => void;
}

export interface LineChart {
  readonly root: HTMLElement;
  show(content: ChartContent): void;
  /** The range of x that is shown; undefined while all is. */
  readonly zoom: Range | undefined;
  zoomTo(range: Range | undefined): void;
  destroy(): void;
}

const keyHint = 'Arrow keys move the cursor, plus and minus zoom, Shift with an arrow key moves the view, 0 shows all';
const minWidth = 200;
const yAxisSize = 52;
/** Room for half of the last label. */
const rightPadding = 24;
const logAxis: Partial<uPlot.Axis> = {
  splits: (_, __, min, max) => logTicks({ min, max }),
  filter: (_, splits) => splits,
  values: (_, splits) => splits.map((y) => String(y)),
};
/** What is counted along x comes in whole numbers. */
const wholeSteps = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((factor) => factor * 10 ** power)).flat();
const cursorKeys: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20 };

export function createLineChart(options: LineChartOptions): LineChart {
  const { label, xLabel, height = 260, shown = 1, canBeLog = true, newestFirst = false, pick } = options;
  const formatX = options.formatX ?? ((x: number) => Math.round(x).toLocaleString('en-US'));
  const formatY = options.formatY ?? ((y: number) => y.toFixed(3));
  const legend = element('div', { class: 'legend', 'aria-hidden': 'true' });
  const surface = element('div', { class: 'line-chart', tabindex: 0, role: 'slider', keydown: pressed });
  const scale = element(
    'select',
    { 'aria-label': `Scale of ${label}`, change: () => rebuild() },
    element('option', { value: 'linear' }, 'Linear scale'),
    element('option', { value: 'log' }, 'Logarithmic scale'),
  );
  const all = element('button', { type: 'button', class: 'secondary', click: () => zoomTo(undefined) }, 'Show All');
  const bar = element('div', { class: 'chart-bar' }, legend, ...(canBeLog ? [scale] : []), all);
  const table = createLineChartTable(label, newestFirst);
  const hint = element('p', { class: 'chart-hint', id: `hint-${label.replace(/\W+/g, '-')}` }, keyHint);
  surface.setAttribute('aria-describedby', hint.id);
  const root = element('section', { 'aria-label': label, class: 'chart' }, bar, surface, hint, table.root);

  let theme: ChartTheme = readChartTheme();
  let content: ChartContent = { lines: [], unit: '' };
  let drawn: { lines: { xs: number[]; ys: number[] }[] } = { lines: [] };
  let zoom: Range | undefined;
  /** The x that the legend tells of; undefined: the last. */
  let cursorX: number | undefined;
  let plot: uPlot | undefined;
  let width = 0;
  let frame = 0;
  let legendValues: HTMLElement[] = [];
  let legendX = element('span');
  /** What a plot cannot change after it was made. */
  let built = '';

  const whole = () => wholeRange(content.lines);
  const visible = () => zoom ?? whole();
  const isLog = () => scale.value === 'log';

  function rangeOfY(): Range {
    const always = [...(content.levels ?? []).map(({ value }) => value), ...lastValues()];
    return valueRange(drawn.lines, { log: isLog(), always: zoom ? [] : always, shown: zoom ? 1 : shown });
  }

  /** Where the lines are now must be seen, whatever is cut off. */
  function lastValues(): number[] {
    return content.lines.filter(({ dots }) => dots).flatMap(({ ys }) => (ys.length > 0 ? [ys[ys.length - 1]!] : []));
  }

  function draw(): void {
    frame = 0;
    if (width === 0) return;
    const range = visible();
    // Half pixels: the plot rounds to whole ones, so that each has the peaks of both of its halves.
    const inside = plot?.bbox.width ?? (width - yAxisSize - rightPadding) * devicePixelRatio;
    const numColumns = 2 * Math.max(1, Math.round(inside));
    drawn = { lines: content.lines.map((line) => thinned(line, range, numColumns)) };
    const { xs, columns } = joined(drawn.lines);
    const form = JSON.stringify([isLog(), content.lines.map(({ xs: _, ys: __, ...look }) => look)]);
    if (plot === undefined || form !== built) {
      built = form;
      plot?.destroy();
      plot = new uPlot(plotOptions(), [xs, ...columns], surface);
    }
    const now = plot;
    now.batch(() => {
      now.setData([xs, ...columns], false);
      now.setScale('x', { ...range });
      now.setScale('y', { ...rangeOfY() });
    });
    all.disabled = zoom === undefined;
    tell();
  }

  function drawSoon(): void {
    if (frame === 0) frame = requestAnimationFrame(draw);
  }

  function rebuild(): void {
    built = '';
    theme = readChartTheme();
    fillLegend();
    drawSoon();
  }

  function plotOptions(): uPlot.Options {
    const axis = {
      stroke: () => theme.soft,
      font: theme.font,
      grid: { stroke: () => theme.grid, width: 1 },
      ticks: { show: false },
    };
    return {
      width,
      height,
      legend: { show: false },
      padding: [12, rightPadding, 0, 0],
      scales: {
        x: { time: false, range: () => [visible().min, visible().max] },
        y: {
          distr: isLog() ? 3 : 1,
          range: () => {
            const { min, max } = rangeOfY();
            return [min, max];
          },
        },
      },
      axes: [
        {
          ...axis,
          size: 28,
          gap: 6,
          incrs: wholeSteps,
          values: (_, splits, __, ___, step) => splits.map((x) => (step < 1000 ? formatX(x) : shortCount(x))),
        },
        { ...axis, size: yAxisSize, gap: 6, space: 40, ...(isLog() ? logAxis : {}) },
      ],
      series: [{}, ...content.lines.map(seriesOf)],
      cursor: {
        drag: { x: true, y: false, setScale: false, dist: 4 },
        points: { size: 7 },
        hover: { skip: [null, undefined] },
        bind: { dblclick: () => () => zoomTo(undefined) as unknown as null },
      },
      hooks: { setSelect: [selected], setCursor: [moved], draw: [drawMarks] },
    };
  }

  function seriesOf({
    label: name,
    color,
    width: thick = 1.5,
    dash,
    opacity = 1,
    dots = false,
  }: ChartLine): uPlot.Series {
    const stroke = () => theme.line(color);
    return {
      label: name,
      stroke,
      width: thick,
      alpha: opacity,
      spanGaps: true,
      ...(dash ? { dash: [...dash] } : {}),
      points: dots ? { size: 5, fill: stroke, stroke } : { show: false },
    };
  }

  function selected(u: uPlot): void {
    const { left, width: wide } = u.select;
    if (wide < 1) return;
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    zoomTo({ min: u.posToVal(left, 'x'), max: u.posToVal(left + wide, 'x') });
  }

  function moved(u: uPlot): void {
    const { left = -1 } = u.cursor;
    cursorX = left < 0 ? undefined : u.posToVal(left, 'x');
    tell();
  }

  function drawMarks({ ctx, bbox, valToPos }: uPlot): void {
    const { left, top, width: wide, height: high } = bbox;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, wide, high);
    ctx.clip();
    ctx.font = theme.font.replace(/^11px/, `${11 * devicePixelRatio}px`);
    ctx.lineWidth = 1.5 * devicePixelRatio;
    ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio]);
    const line = (color: ChartColor, points: readonly [number, number, number, number]) => {
      ctx.strokeStyle = theme.line(color);
      ctx.beginPath();
      ctx.moveTo(points[0], points[1]);
      ctx.lineTo(points[2], points[3]);
      ctx.stroke();
    };
    ctx.fillStyle = theme.text;
    ctx.textAlign = 'right';
    for (const { label: name, value, color } of content.levels ?? []) {
      if (isLog() && value <= 0) continue;
      const y = valToPos(value, 'y', true);
      line(color, [left, y, left + wide, y]);
      // Above its line, or below where it would be cut off.
      const isHigh = y - top < 20 * devicePixelRatio;
      ctx.fillText(`${name} ${value.toFixed(2)}`, left + wide - 4, y + (isHigh ? 14 : -6) * devicePixelRatio);
    }
    ctx.textAlign = 'left';
    for (const { label: name, x: place, color } of content.markers ?? []) {
      const x = valToPos(place, 'x', true);
      line(color, [x, top, x, top + high]);
      ctx.fillText(name, x + 4, top + 12 * devicePixelRatio);
    }
    ctx.restore();
  }

  function fillLegend(): void {
    legendX = element('span', { class: 'at' });
    legendValues = content.lines.map(() => element('span', { class: 'value' }));
    const entries = content.lines.map(({ label: name, color, dash, opacity = 1 }, i) => {
      const swatch = element('span', { class: `swatch ${dash ? 'dashed' : 'solid'}` });
      swatch.style.borderColor = theme.line(color);
      swatch.style.opacity = String(opacity);
      return element('span', { class: 'entry' }, swatch, name, legendValues[i]!);
    });
    legend.replaceChildren(element('span', { class: 'unit' }, content.unit), ...entries, legendX);
  }

  /** The values at the cursor, or the last ones: in the legend, and to a screen reader. */
  function tell(): void {
    const { min, max } = visible();
    const x = cursorX ?? max;
    const values = content.lines.map(({ xs, ys }) => {
      const at = nearestIndex(xs, x);
      return at < 0 ? '' : formatY(ys[at]!);
    });
    values.forEach((value, i) => {
      legendValues[i]!.textContent = value;
    });
    legendX.textContent = `${xLabel} ${formatX(x)}`;
    const said = content.lines.map(({ label: name }, i) => `${name} ${values[i] || 'nothing yet'}`);
    const levels = (content.levels ?? []).map(({ label: name, value }) => `${name} ${formatY(value)}`);
    surface.setAttribute('aria-label', `${label}, ${content.unit}, ${xLabel} ${formatX(min)} to ${formatX(max)}`);
    surface.setAttribute('aria-valuemin', String(min));
    surface.setAttribute('aria-valuemax', String(max));
    surface.setAttribute('aria-valuenow', String(Math.min(Math.max(x, min), max)));
    surface.setAttribute('aria-valuetext', [`${xLabel} ${formatX(x)}`, ...said, ...levels].join(', '));
  }

  function moveCursor(x: number): void {
    const { min, max } = visible();
    cursorX = Math.min(Math.max(x, min), max);
    if (plot) plot.setCursor({ left: plot.valToPos(cursorX, 'x'), top: plot.height / 3 });
    // The plot's own position is in whole pixels; what was asked for is told.
    tell();
  }

  /** To the next point of any line; far away from them, or where a pixel holds many, by a pixel. */
  function stepCursor(by: number): void {
    const { min, max } = visible();
    const from = cursorX ?? max;
    const pixel = (max - min) / Math.max(1, width);
    const [line] = content.lines.filter(({ xs }) => xs.length > 0);
    if (!line) return;
    const next = line.xs[Math.min(Math.max(0, nearestIndex(line.xs, from) + by), line.xs.length - 1)]!;
    moveCursor(Math.abs(next - from) < pixel ? from + by * pixel : next);
  }

  function zoomBy(factor: number, around = cursorX ?? (visible().min + visible().max) / 2): void {
    const { min, max } = visible();
    zoomTo({ min: around - (around - min) * factor, max: around + (max - around) * factor });
  }

  function pan(share: number): void {
    const { min, max } = visible();
    const by = share * (max - min);
    zoomTo({ min: min + by, max: max + by });
  }

  function zoomTo(wanted: Range | undefined): void {
    const full = whole();
    const inside = wanted && within(wanted, full);
    const isAll = inside === undefined || inside.max - inside.min >= (full.max - full.min) * (1 - 1e-9);
    // Not narrower than what numbers can tell apart.
    if (!isAll && inside.max - inside.min < Math.max(1e-9, Math.abs(inside.max) * 1e-9)) return;
    zoom = isAll ? undefined : inside;
    table.show(tableContent());
    drawSoon();
  }

  function pressed(event: Event): void {
    if (!(event instanceof KeyboardEvent) || event.altKey || event.metaKey || event.ctrlKey) return;
    const { key, shiftKey } = event;
    const step = cursorKeys[key];
    if (step !== undefined && shiftKey) pan(Math.sign(step) * 0.2);
    else if (step !== undefined) stepCursor(step);
    else if (key === 'Home') moveCursor(visible().min);
    else if (key === 'End') moveCursor(visible().max);
    else if (key === '+' || key === '=' || key === 'ArrowUp') zoomBy(0.5);
    else if (key === '-' || key === 'ArrowDown') zoomBy(2);
    else if (key === '0' || (key === 'Escape' && zoom)) zoomTo(undefined);
    else if (key === 'Enter' && pick && cursorX !== undefined) pick(cursorX);
    else return;
    event.preventDefault();
  }

  function wheeled(event: WheelEvent): void {
    if (!plot || !(event.ctrlKey || event.shiftKey)) return;
    event.preventDefault();
    if (event.ctrlKey) zoomBy(1.15 ** (event.deltaY / 40), plot.posToVal(event.clientX - plot.rect.left, 'x'));
    else pan((event.deltaX || event.deltaY) / Math.max(1, width));
  }

  function tableContent() {
    const { lines, unit } = content;
    const named = lines.map((line) => ({ xs: line.xs, ys: line.ys, label: `${line.label}, ${unit}` }));
    return { xLabel, lines: named, range: visible(), formatX, formatY };
  }

  surface.addEventListener('wheel', wheeled, { passive: false });
  if (pick) surface.addEventListener('click', () => cursorX !== undefined && pick(cursorX));
  const sizes = new ResizeObserver(() => {
    const now = Math.max(minWidth, surface.clientWidth);
    if (now === width) return;
    width = now;
    plot?.setSize({ width, height });
    drawSoon();
  });
  sizes.observe(surface);
  const themes = onThemeChange(rebuild);
  return {
    root,
    get zoom() {
      return zoom;
    },
    show(next) {
      const looks = ({ lines, unit }: ChartContent) =>
        JSON.stringify([unit, lines.map(({ xs: _, ys: __, ...look }) => look)]);
      const isOther = looks(next) !== looks(content);
      content = next;
      if (isOther) fillLegend();
      table.show(tableContent());
      drawSoon();
    },
    zoomTo,
    destroy() {
      cancelAnimationFrame(frame);
      sizes.disconnect();
      themes.dispose();
      plot?.destroy();
      plot = undefined;
    },
  };
}
