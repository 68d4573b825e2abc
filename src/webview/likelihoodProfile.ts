// Bits by line beside the heat map: a bar for each line, or for as many lines as share a pixel the fullest of them, and a frame around what
// the heat map shows. A click or the arrow keys go there.
import { stepOf, surprisalSteps } from '../protocol/surprisalScale.ts';
import { element } from './dom.ts';
import { differenceColor } from './likelihoodGrid.ts';
import { type ProfileBar, profileBars, quantile } from './likelihoodLayout.ts';
import { readPaintTheme } from './likelihoodTheme.ts';

export interface Profile {
  readonly root: HTMLElement;
  /** Stands above it. */
  readonly title: HTMLElement;
  /** `difference`: bits of the first model less those of the second, drawn to both sides. */
  show(bitsOfLine: Float64Array, bytesOfLine: Float64Array, difference: Float64Array | undefined): void;
  /** Lines that the heat map shows. */
  frame(from: number, to: number): void;
  paintSoon(): void;
}

const highestBar = 14;

export function createProfile(goTo: (line: number) => void): Profile {
  const canvas = element('canvas', { 'aria-hidden': 'true' });
  const root = element(
    'div',
    { class: 'profile', tabindex: 0, role: 'slider', 'aria-orientation': 'vertical' },
    canvas,
  );
  root.setAttribute('aria-label', 'Bits by line');
  const title = element('div', { class: 'profile-title', 'aria-hidden': 'true' }, 'Bits by line');
  const context = canvas.getContext('2d')!;
  /** The bars, which scrolling does not change. */
  const drawn = document.createElement('canvas');
  let bits: Float64Array = new Float64Array(1);
  let bytes: Float64Array = new Float64Array(1);
  let difference: Float64Array | undefined;
  let shown = { from: 0, to: 0 };
  let [width, height, ratio] = [0, 0, 1];
  let request = 0;
  let isDirty = true;
  let theme = readPaintTheme();

  /** Short texts end where their last bar does. */
  const usedHeight = () => Math.min(height, bits.length * highestBar);

  function drawBars(): void {
    isDirty = false;
    drawn.width = Math.max(1, Math.round(width * ratio));
    drawn.height = Math.max(1, Math.round(height * ratio));
    const onto = drawn.getContext('2d');
    if (!onto) return;
    onto.setTransform(ratio, 0, 0, ratio, 0, 0);
    onto.clearRect(0, 0, width, height);
    theme = readPaintTheme();
    const bars = profileBars(bits, bytes, Math.floor(height * Math.min(2, ratio)));
    const most = Math.max(1, quantile(bits, 0.98));
    const barHeight = usedHeight() / bars.length;
    const thick = Math.max(0.5, barHeight - (barHeight > 3 ? 1 : 0));
    onto.strokeStyle = `color-mix(in srgb, ${theme.text} 35%, transparent)`;
    onto.lineWidth = 0.5;
    for (const [i, bar] of bars.entries()) {
      const y = i * barHeight;
      if (difference) {
        drawDifference(onto, bar, y, thick, theme.kind);
        continue;
      }
      const wide = Math.min(1, bar.bits / most) * (width - 8);
      // What a byte of it takes, as if it were a symbol of a third of a word.
      onto.fillStyle = surprisalSteps[stepOf(bar.perByte * 3)]!.solid;
      onto.fillRect(4, y, Math.max(bar.bits > 0 ? 1 : 0, wide), thick);
      // The middle of the scale is nearly white.
      if (barHeight > 5 && wide > 2) onto.strokeRect(4.25, y + 0.25, wide - 0.5, thick - 0.5);
    }
  }

  function drawDifference(
    onto: CanvasRenderingContext2D,
    { from, to }: ProfileBar,
    y: number,
    thick: number,
    kind: ReturnType<typeof readPaintTheme>['kind'],
  ): void {
    let strongest = 0;
    for (let line = from; line < to; line++) {
      if (Math.abs(difference![line]!) > Math.abs(strongest)) strongest = difference![line]!;
    }
    const most = Math.max(1, quantile(difference!.map(Math.abs), 0.98));
    const wide = Math.max(-1, Math.min(1, strongest / most)) * (width / 2 - 4);
    onto.fillStyle = differenceColor(strongest > 0 ? 8 : 0, kind);
    onto.fillRect(width / 2 + Math.min(0, wide), y, Math.abs(wide), thick);
  }

  function paint(): void {
    request = 0;
    if (width === 0 || height === 0) return;
    if (isDirty) drawBars();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const perLine = usedHeight() / bits.length;
    const top = shown.from * perLine;
    const high = Math.min(usedHeight() - top, Math.max(4, (shown.to - shown.from + 1) * perLine));
    context.globalAlpha = 0.1;
    context.fillStyle = theme.text;
    context.fillRect(0, top, width, high);
    context.globalAlpha = 1;
    context.drawImage(drawn, 0, 0, width, height);
    context.strokeStyle = theme.faint;
    context.strokeRect(0.5, top + 0.5, width - 1, high - 1);
  }

  function paintSoon(): void {
    if (request === 0) request = requestAnimationFrame(paint);
  }

  function lineAtPoint(event: MouseEvent): number {
    const y = Math.max(0, event.clientY - root.getBoundingClientRect().top);
    return Math.floor((y / usedHeight()) * bits.length);
  }

  function goToPoint(event: MouseEvent): void {
    const line = Math.min(bits.length - 1, lineAtPoint(event));
    goTo(Math.max(0, line - Math.floor((shown.to - shown.from) / 2)));
  }

  function tell(): void {
    root.setAttribute('aria-valuemin', '1');
    root.setAttribute('aria-valuemax', String(bits.length));
    root.setAttribute('aria-valuenow', String(shown.from + 1));
    const at = (bits[shown.from] ?? 0).toFixed(1);
    root.setAttribute('aria-valuetext', `line ${shown.from + 1}, ${at} bits`);
  }

  root.addEventListener('pointerdown', (event) => {
    root.setPointerCapture(event.pointerId);
    goToPoint(event);
  });
  root.addEventListener('pointermove', (event) => {
    if (event.buttons === 1) goToPoint(event);
    const line = lineAtPoint(event);
    const said = line < bits.length ? `Line ${line + 1}: ${bits[line]!.toFixed(1)} bits` : '';
    if (root.title !== said) root.title = said;
  });
  root.addEventListener('keydown', (event) => {
    const page = Math.max(1, shown.to - shown.from);
    const moves: Readonly<Record<string, number>> = {
      ArrowUp: shown.from - 1,
      ArrowDown: shown.from + 1,
      PageUp: shown.from - page,
      PageDown: shown.from + page,
      Home: 0,
      End: bits.length - 1,
    };
    const line = moves[event.key];
    if (line === undefined) return;
    event.preventDefault();
    goTo(Math.max(0, Math.min(bits.length - 1, line)));
  });
  new ResizeObserver(() => {
    [width, height, ratio] = [root.clientWidth, root.clientHeight, devicePixelRatio];
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    isDirty = true;
    paintSoon();
  }).observe(root);

  return {
    root,
    title,
    show(nextBits, nextBytes, nextDifference) {
      [bits, bytes, difference] = [nextBits, nextBytes, nextDifference];
      isDirty = true;
      title.textContent = difference ? 'Bits saved' : 'Bits by line';
      tell();
      paintSoon();
    },
    frame(from, to) {
      if (from === shown.from && to === shown.to) return;
      shown = { from, to };
      tell();
      paintSoon();
    },
    paintSoon() {
      isDirty = true;
      paintSoon();
    },
  };
}
