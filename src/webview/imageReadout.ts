// What the model believes of one pixel, as a table with a column for each channel, and as a sentence that is read out.
import { element } from './dom.ts';
import type { Point } from './imageLayout.ts';
import type { ValueFacts } from './imageNumbers.ts';

const hint = 'Point at a pixel, or move there with the arrow keys';
const rows: readonly (readonly [label: string, cell: (facts: ValueFacts) => Node])[] = [
  ['Value', ({ value }) => shade(value)],
  ['Bits', ({ bits }) => text(bits.toFixed(2))],
  ['Probability', ({ probability }) => text(percent(probability))],
  ['Rank', ({ rank }) => text(String(rank))],
  ['Expected bits', ({ entropy }) => text(entropy.toFixed(2))],
  ['Likeliest value', ({ likeliest }) => shade(likeliest)],
  ['its probability', ({ likeliestProbability }) => text(percent(likeliestProbability))],
];

export class ImageReadout {
  readonly root: HTMLElement;
  readonly #place = element('h2', { class: 'image-place' });
  readonly #head = element('tr');
  readonly #body = element('tbody');
  readonly #spoken = element('p', { class: 'image-spoken', role: 'status' });

  constructor() {
    this.root = element(
      'section',
      { class: 'readout', 'aria-label': 'Pixel' },
      this.#place,
      element('table', {}, element('thead', {}, this.#head), this.#body),
      this.#spoken,
    );
    this.show(undefined, [], false);
  }

  show(pixel: Point | undefined, values: readonly ValueFacts[], said: boolean): void {
    this.#place.textContent = pixel ? `Row ${pixel.y}, column ${pixel.x}` : hint;
    this.root.classList.toggle('empty', !pixel);
    this.#head.replaceChildren(
      element('td'),
      ...values.map(({ channel }) => element('th', { scope: 'col', class: 'number' }, channel)),
    );
    const row = ([label, cell]: (typeof rows)[number]) =>
      element(
        'tr',
        {},
        element('th', { scope: 'row' }, label),
        ...values.map((facts) => element('td', { class: 'number' }, cell(facts))),
      );
    this.#body.replaceChildren(...(values.length > 0 ? rows.map(row) : []));
    if (said && pixel) this.#spoken.textContent = sentence(pixel, values);
  }
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
