// The key of the scale of bits per byte, as pages show it, and an element in its color.
import { densityStep, densitySteps } from '../protocol/bitsPerByteScale.ts';
import { element } from './dom.ts';

export function densityKey(): HTMLElement {
  return element(
    'ul',
    { class: 'density-key', 'aria-label': 'Colors by bits per byte' },
    ...densitySteps.map(({ label, color, ink }) => {
      const item = element('li', {}, label);
      item.style.background = color;
      item.style.color = ink;
      return item;
    }),
    element('li', { class: 'unit' }, 'bits per byte'),
  );
}

/** Colors by the step of a density; without a byte there is none. */
export function paint(target: HTMLElement, bitsPerByte: number): void {
  const step = densityStep(bitsPerByte);
  target.style.background = step === undefined ? '' : densitySteps[step]!.color;
  target.style.color = step === undefined ? '' : densitySteps[step]!.ink;
}
