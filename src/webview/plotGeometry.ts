// Where the lines, ticks and labels of a plot go, in the plot's own pixels. Knows no page, so that it is tested as numbers.
import type { CurvePoints } from '../protocol/webviewMessages.ts';

export interface PlotData {
  readonly training: CurvePoints;
  readonly validation: CurvePoints;
  readonly baselines: readonly { readonly label: string; readonly value: number }[];
}

export interface PlotSize {
  readonly width: number;
  readonly height: number;
}

export interface Tick {
  readonly at: number;
  readonly label: string;
}

export interface PlotGeometry {
  /** The inside of the axes. */
  readonly frame: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };
  readonly xTicks: readonly Tick[];
  readonly yTicks: readonly Tick[];
  /** Values of the `d` of an SVG path; '' when there is nothing to draw. */
  readonly trainingPath: string;
  readonly validationPath: string;
  readonly validationDots: readonly { readonly x: number; readonly y: number }[];
  readonly baselines: readonly Tick[];
}

const margins = { left: 44, top: 12, right: 12, bottom: 26 };
/** The first losses lie above the frame, where a curve is cut off: they would flatten all that follows. */
const shownQuantile = 0.8;
const headroom = 0.05;
const mostDots = 60;

export function plotGeometry(data: PlotData, size: PlotSize): PlotGeometry {
  const frame = {
    left: margins.left,
    top: margins.top,
    right: Math.max(margins.left + 1, size.width - margins.right),
    bottom: Math.max(margins.top + 1, size.height - margins.bottom),
  };
  const lastStep = Math.max(1, data.training.steps.at(-1) ?? 0, data.validation.steps.at(-1) ?? 0);
  const yTickValues = niceTicks(...valueRange(data), Math.max(2, Math.floor((frame.bottom - frame.top) / 44)));
  const [low, high] = [yTickValues[0]!, yTickValues.at(-1)!];
  const x = (step: number) => rounded(frame.left + (step / lastStep) * (frame.right - frame.left));
  const y = (value: number) => rounded(frame.bottom - ((value - low) / (high - low)) * (frame.bottom - frame.top));
  const path = ({ steps, values }: CurvePoints) =>
    steps.map((step, i) => `${i === 0 ? 'M' : 'L'}${x(step)} ${y(values[i]!)}`).join('');
  const xTickValues = niceTicks(0, lastStep, Math.max(2, Math.floor((frame.right - frame.left) / 90)));
  const every = Math.ceil(data.validation.steps.length / mostDots);
  return {
    frame,
    xTicks: xTickValues.filter((step) => step <= lastStep).map((step) => ({ at: x(step), label: shortCount(step) })),
    yTicks: yTickValues.map((value) => ({ at: y(value), label: tickLabel(value, yTickValues) })),
    trainingPath: path(data.training),
    validationPath: path(data.validation),
    validationDots: data.validation.steps
      .map((step, i) => ({ x: x(step), y: y(data.validation.values[i]!) }))
      .filter((_, i, all) => (all.length - 1 - i) % every === 0),
    baselines: data.baselines.map(({ label, value }) => ({ at: y(value), label: `${label} ${value.toFixed(2)}` })),
  };
}

/** From a little below the least value to what most of the values stay under. */
function valueRange({ training, validation, baselines }: PlotData): [low: number, high: number] {
  const values = [...training.values, ...validation.values].filter(Number.isFinite).sort((a, b) => a - b);
  const always = [...baselines.map(({ value }) => value), ...validation.values.slice(-1)];
  const high = Math.max(values[Math.ceil(shownQuantile * (values.length - 1))] ?? 0, ...always);
  const low = Math.min(values[0] ?? high, ...always);
  if (!Number.isFinite(high) || high <= 0) return [0, 1];
  if (high - low < 1e-9) return [low * 0.9, high * 1.1];
  return [low, high + headroom * (high - low)];
}

/** Round numbers at equal distances, the first at or below `low`, the last at or above `high`. */
export function niceTicks(low: number, high: number, wanted: number): number[] {
  const step = niceStep((high - low) / wanted);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1e-12)));
  const factor = [1, 2, 5, 10].find((one) => one * power >= rough * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** As many decimals as tell two neighbors apart. */
function tickLabel(value: number, all: readonly number[]): string {
  const step = all[1]! - all[0]!;
  return value.toFixed(Math.min(6, Math.max(0, -Math.floor(Math.log10(step) + 1e-9))));
}

/** 1500 is `1.5k`. */
export function shortCount(count: number): string {
  if (count < 1000) return String(Math.round(count * 10) / 10);
  const [unit, name] = count < 1e6 ? [1e3, 'k'] : [1e6, 'M'];
  return `${Number((count / unit).toPrecision(3))}${name}`;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
