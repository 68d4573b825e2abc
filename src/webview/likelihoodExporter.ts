// Makes the files that a person asks for and hands them to the shell part by part, which asks where they go.
import {
  type ExportFormat,
  type ExportSubject,
  type FromLikelihoodView,
  likelihoodViewLimits,
  type Smoothing,
} from '../protocol/likelihoodViewMessages.ts';
import { readChartTheme } from './chartColors.ts';
import { element } from './dom.ts';
import { binsOf, type NamedScores } from './likelihoodCharts.ts';
import { curvesSvg, heatMapSvg, histogramSvg, tokensCsv, tokensJson } from './likelihoodExport.ts';
import type { Pane } from './likelihoodGrid.ts';
import type { HeatMap } from './likelihoodHeatMap.ts';
import { differenceStep, smoothed } from './likelihoodLayout.ts';
import { readPaintTheme } from './likelihoodTheme.ts';

export interface ExportContent {
  readonly name: string;
  readonly heatMap: HeatMap;
  readonly models: readonly NamedScores[];
  readonly panes: readonly Pane[];
  readonly smoothing: Smoothing;
}

/** Browsers draw no larger pictures. */
const mostPixels = 16_000;
const mostSvgRows = 5000;

export function createExporter(deps: {
  readonly send: (message: FromLikelihoodView) => void;
  readonly content: () => ExportContent;
}) {
  async function make(subject: ExportSubject, format: ExportFormat): Promise<void> {
    const content = deps.content();
    const sink = partSink(subject, format, deps.send);
    if (subject === 'tokens') {
      const all = content.models.map(({ name, scores }) => ({ model: name, scores }));
      const { rows } = content.heatMap;
      const pieces = format === 'csv' ? tokensCsv(rows, all) : tokensJson(content.name, rows, all);
      const encoder = new TextEncoder();
      let pieceNumber = 0;
      for (const piece of pieces) {
        sink.write(encoder.encode(piece));
        // The page stays usable while a long table is made.
        if (++pieceNumber % 16 === 0) await new Promise((resolve) => setTimeout(resolve));
      }
    } else if (subject === 'heat-map' && format === 'png') sink.write(await heatMapPng(content));
    else {
      const svg = svgOf(subject, content);
      sink.write(format === 'svg' ? new TextEncoder().encode(svg) : await rasterized(svg));
    }
    sink.end();
  }
  return {
    run(subject: ExportSubject, format: ExportFormat): void {
      make(subject, format).catch((error: unknown) => console.error(error));
    },
  };
}

/** Parts of bounded length; the last one says so. */
function partSink(subject: ExportSubject, format: ExportFormat, send: (message: FromLikelihoodView) => void) {
  const { partBytes } = likelihoodViewLimits;
  let waiting: Uint8Array[] = [];
  let length = 0;
  let first = true;
  const flush = (last: boolean) => {
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const part of waiting) {
      bytes.set(part, at);
      at += part.length;
    }
    send({ kind: 'exportPart', subject, format, first, last, bytes });
    [waiting, length, first] = [[], 0, false];
  };
  return {
    write(data: Uint8Array): void {
      for (let at = 0; at < data.length; ) {
        const part = data.subarray(at, at + partBytes - length);
        waiting.push(part);
        length += part.length;
        at += part.length;
        if (length === partBytes) flush(false);
      }
    },
    end: () => flush(true),
  };
}

function svgOf(subject: ExportSubject, { name, heatMap, models, panes, smoothing }: ExportContent): string {
  const theme = readPaintTheme();
  if (subject === 'histogram') {
    const bins = models.map((one) => ({ name: one.name, bins: binsOf(one.scores) }));
    return histogramSvg(name, bins, theme);
  }
  if (subject === 'curves') {
    const { line } = readChartTheme();
    const [first, second] = models;
    const lines = [
      ...(first ? [{ label: 'surprisal', color: line('orange'), values: smoothed(first.scores.bits, smoothing) }] : []),
      ...(first ? [{ label: 'entropy', color: line('blue'), values: smoothed(first.scores.entropy, smoothing) }] : []),
      ...(second
        ? [{ label: 'second model', color: line('purple'), values: smoothed(second.scores.bits, smoothing) }]
        : []),
    ];
    return curvesSvg(name, `bits per token, mean over ${smoothing}`, lines, theme);
  }
  const svgPanes = panes.map(({ kind, title, scores, difference }) => ({
    title,
    scores: kind === 'difference' ? undefined : scores,
    steps: difference && ((offset: number) => differenceStep(difference[offset]!)),
  }));
  return heatMapSvg(heatMap.rows, svgPanes, mostSvgRows, theme);
}

/** From the top, as many rows as a picture holds. */
function heatMapPng({ heatMap }: ExportContent): Promise<Uint8Array> {
  const { rowHeight } = heatMap.grid();
  const scale = heatMap.rows.numRows * rowHeight * 2 <= mostPixels ? 2 : 1;
  const most = Math.floor(mostPixels / scale / rowHeight);
  return pngOf(heatMap.picture(0, Math.min(heatMap.rows.numRows, most), scale));
}

async function rasterized(svg: string): Promise<Uint8Array> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const scale = 2;
  const canvas = element('canvas', { width: image.naturalWidth * scale, height: image.naturalHeight * scale });
  const context = canvas.getContext('2d');
  context?.scale(scale, scale);
  context?.drawImage(image, 0, 0);
  return pngOf(canvas);
}

async function pngOf(canvas: HTMLCanvasElement): Promise<Uint8Array> {
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob) throw new Error('the browser could not make a PNG of it');
  return new Uint8Array(await blob.arrayBuffer());
}
