// The map as a picture of its own: large enough to see its pixels, with the key of its colors and a line that says what it is.
import { surprisalSteps } from '../protocol/surprisalScale.ts';
import { element } from './dom.ts';
import { boundLabels, type StepBounds } from './imageNumbers.ts';

export interface MapSheetOptions {
  readonly bounds: StepBounds;
  readonly what: string;
}

const wantedSide = 720;
const keyWidth = 720;
const [margin, swatch, line] = [16, 18, 22];

export function mapSheet(map: HTMLCanvasElement, { bounds, what }: MapSheetOptions): HTMLCanvasElement {
  const scale = Math.max(1, Math.floor(wantedSide / Math.max(map.width, map.height)));
  const [wide, high] = [map.width * scale, map.height * scale];
  const width = Math.max(wide, keyWidth) + 2 * margin;
  const height = high + 3 * margin + 2 * line;
  const sheet = element('canvas', { width, height });
  const context = sheet.getContext('2d');
  if (!context) return sheet;
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  context.imageSmoothingEnabled = false;
  context.drawImage(map, Math.floor((width - wide) / 2), margin, wide, high);
  context.font = '13px sans-serif';
  context.textBaseline = 'middle';
  context.fillStyle = '#000000';
  const y = high + 2 * margin + line / 2;
  context.fillText(`${what}. Bits of a value:`, margin, y, width - 2 * margin);
  const labels = boundLabels(bounds);
  const each = (width - 2 * margin) / labels.length;
  for (const [i, label] of labels.entries()) {
    const x = margin + i * each;
    context.fillStyle = surprisalSteps[i]!.solid;
    context.fillRect(x, y + line - swatch / 2, swatch, swatch);
    context.fillStyle = '#000000';
    context.fillText(label, x + swatch + 6, y + line, each - swatch - 10);
  }
  return sheet;
}
