// What the model believes of one pixel, as a table with a row for each channel, and as a sentence that is read out.
import { element } from './dom.ts';
import type { Point } from './imageLayout.ts';
import type { ValueFacts } from './imageNumbers.ts';

const hint = 'Point at a pixel, or move there with the arrow keys';
const heads = ['Channel', 'Value', 'Bits', 'Probability', 'Rank', 'Expected bits', 'Likeliest value'];

export class ImageReadout {
  readonly root: HTMLElement;
  readonly #place = element('h2', { class: 'image-place' });
  readonly #body = element('tbody');
  readonly #spoken = element('p', { class: 'image-spoken', role: 'status' });

  constructor() {
    this.root = element(
      'section',
      { class: 'readout', 'aria-label': 'Pixel' },
      this.#place,
      element(
        'table',
        {},
        element('thead', {}, element('tr', {}, ...heads.map((head) => element('th', { scope: 'col' }, head)))),
        this.#body,
      ),
      this.#spoken,
    );
    this.show(undefined, [], false);
  }

  show(pixel: Point | undefined, values: readonly ValueFacts[], said: boolean): void {
    this.#place.textContent = pixel ? `Row ${pixel.y}, column ${pixel.x}` : hint;
    this.root.classList.toggle('empty', !pixel);
    this.#body.replaceChildren(...values.map(rowOf));
    if (said && pixel) this.#spoken.textContent = sentence(pixel, values);
  }
}

function rowOf(facts: ValueFacts): HTMLElement {
  const cells: Node[] = [
    shade(facts.value),
    text(facts.bits.toFixed(2)),
    text(percent(facts.probability)),
    text(String(facts.rank)),
    text(facts.entropy.toFixed(2)),
    element('span', {}, shade(facts.likeliest), text(` (${percent(facts.likeliestProbability)})`)),
  ];
  const row = cells.map((cell) => element('td', { class: 'number' }, cell));
  return element('tr', {}, element('th', { scope: 'row' }, facts.channel), ...row);
}

/** A value, and how bright it is. */
function shade(value: number): HTMLElement {
  const swatch = element('span', { class: 'shade', 'aria-hidden': 'true' });
  swatch.style.background = `rgb(${value}, ${value}, ${value})`;
  return element('span', {}, swatch, String(value));
}

function text(value: string): Text {
  return document.createTextNode(value);
}

function sentence({ x, y }: Point, values: readonly ValueFacts[]): string {
  const place = `Row ${y}, column ${x}`;
  if (values.length === 0) return `${place}: not scored yet`;
  const of = (facts: ValueFacts) => {
    const { value, bits, probability, rank, likeliest } = facts;
    const name = values.length > 1 ? `${facts.channel.toLowerCase()} ` : 'value ';
    const guess = rank === 1 ? 'the likeliest' : `rank ${rank}, likeliest ${likeliest}`;
    return `${name}${value}, ${bits.toFixed(2)} bits, ${percent(probability)}, ${guess}`;
  };
  return `${place}: ${values.map(of).join('; ')}`;
}

export function percent(probability: number): string {
  const value = 100 * probability;
  if (value >= 10) return `${value.toFixed(0)} %`;
  if (value >= 0.1) return `${value.toFixed(1)} %`;
  return value >= 0.001 ? `${value.toPrecision(1)} %` : 'under 0.001 %';
}
