// Where the model draws the rest of a picture: from which row, how many times, how boldly; and what it drew, each to be saved.
import { imageLimits } from '../protocol/imageScoringMessages.ts';
import type { CompletionsMessage, CompletionWish } from '../protocol/imageViewMessages.ts';
import { element, filler } from './dom.ts';

export interface CompletionsOptions {
  readonly complete: (wish: CompletionWish) => void;
  readonly cancel: () => void;
  readonly save: (index: number) => void;
  /** The row, or what is wished for, is another one. */
  readonly changed: () => void;
}

export type CompletionChoices = CompletionWish;

const defaultCount = 8;
const { temperature: temperatures, seed: seeds } = imageLimits;

export class ImageCompletions {
  readonly root: HTMLElement;
  readonly #options: CompletionsOptions;
  readonly #row = numberInput('row', { min: 0, value: 0 });
  readonly #count = numberInput('count', { min: 1, max: imageLimits.completions, value: defaultCount });
  readonly #temperature = numberInput('temperature', { ...temperatures, step: 0.1, value: 1 });
  readonly #seed = numberInput('seed', { ...seeds });
  readonly #go: HTMLButtonElement;
  readonly #cancel: HTMLButtonElement;
  readonly #note = element('p', { class: 'completion-note', role: 'status' });
  readonly #images = element('div', { class: 'completions', role: 'list' });
  readonly #fill: (shown: Pick<CompletionsMessage, 'images' | 'row'>) => void;
  /** Of the picture. */
  #height = 0;
  #ready = false;
  #busy = false;

  constructor(options: CompletionsOptions) {
    this.#options = options;
    this.#seed.placeholder = 'another each time';
    this.#go = element('button', { type: 'submit', class: 'primary' });
    this.#cancel = element('button', { type: 'button', class: 'secondary', click: options.cancel }, 'Cancel');
    const changed = () => {
      this.#labelled();
      options.changed();
    };
    for (const input of [this.#row, this.#count, this.#temperature, this.#seed])
      input.addEventListener('input', changed);
    this.#fill = filler(this.#images, ({ images, row }) =>
      images.map((png, i) => this.#frame(png, i, images.length, row)),
    );
    const form = element(
      'form',
      { class: 'buttons', submit: (event) => this.#submitted(event) },
      field('From row', this.#row),
      field('Pictures', this.#count),
      field('Temperature', this.#temperature),
      field('Seed', this.#seed),
      this.#go,
      this.#cancel,
    );
    this.root = element(
      'section',
      { 'aria-label': 'Completions' },
      element('h2', {}, 'How the model would go on'),
      element(
        'p',
        { class: 'quiet' },
        'The rows above the chosen one stay, and the model draws the others. Press a row of the picture to choose it.',
      ),
      form,
      this.#note,
      this.#images,
    );
    this.#labelled();
  }

  get choices(): CompletionChoices {
    const whole = (input: HTMLInputElement, fallback: number) => Math.round(numberOf(input, fallback));
    return {
      row: Math.min(whole(this.#row, 0), Math.max(0, this.#height - 1)),
      count: whole(this.#count, defaultCount),
      temperature: numberOf(this.#temperature, 1),
      seed: this.#seed.value.trim() === '' ? null : whole(this.#seed, 0),
    };
  }

  restore({ row, count, temperature, seed }: CompletionChoices): void {
    this.#row.value = String(row);
    this.#count.value = String(count);
    this.#temperature.value = String(temperature);
    this.#seed.value = seed === null ? '' : String(seed);
    this.#labelled();
  }

  chooseRow(row: number): void {
    this.#row.value = String(row);
    this.#labelled();
    this.#options.changed();
  }

  /** `height` of the picture; 0: there is none. */
  prepared(height: number, ready: boolean): void {
    // A picture that is seen for the first time is completed from its middle.
    if (this.#height === 0 && height > 0 && this.#row.value === '0') this.#row.value = String(Math.floor(height / 2));
    this.#height = height;
    this.#row.max = String(Math.max(0, height - 1));
    this.#ready = ready;
    this.root.hidden = height === 0;
    this.#labelled();
  }

  show(message: CompletionsMessage): void {
    this.#busy = message.busy;
    if (this.#note.textContent !== message.note) this.#note.textContent = message.note;
    this.#images.setAttribute('aria-busy', String(message.busy));
    this.#fill({ images: message.images, row: message.row });
    this.#labelled();
  }

  #labelled(): void {
    const { row } = this.choices;
    this.#go.textContent = row === 0 ? 'Draw Freely' : `Complete from Row ${row}`;
    this.#go.disabled = !this.#ready || this.#busy;
    this.#cancel.hidden = !this.#busy;
  }

  #submitted(event: Event): void {
    event.preventDefault();
    if (this.#ready && !this.#busy) this.#options.complete(this.choices);
  }

  #frame(png: string, index: number, count: number, row: number): HTMLElement {
    const label = `Save completion ${index + 1} of ${count}`;
    const image = element('img', { src: `data:image/png;base64,${png}`, alt: '' });
    const save = element(
      'button',
      { type: 'button', class: 'image', title: label, 'aria-label': label, click: () => this.#options.save(index) },
      image,
    );
    if (row > 0 && this.#height > 0) {
      const seam = element('span', { class: 'seam', 'aria-hidden': 'true' });
      seam.style.top = `${(100 * row) / this.#height}%`;
      save.append(seam);
    }
    return element('div', { role: 'listitem' }, save);
  }
}

interface InputRange {
  readonly min: number;
  readonly max?: number;
  readonly step?: number;
  readonly value?: number;
}

function numberInput(name: string, { min, max, step = 1, value }: InputRange): HTMLInputElement {
  return element('input', {
    type: 'number',
    ...{ name, min, step },
    ...(max !== undefined && { max }),
    ...(value !== undefined && { value, required: true }),
  });
}

function field(label: string, input: HTMLInputElement): HTMLElement {
  return element('label', { class: 'field inline' }, element('span', {}, label), input);
}

function numberOf(input: HTMLInputElement, fallback: number): number {
  const value = input.valueAsNumber;
  if (!Number.isFinite(value)) return fallback;
  const most = input.max === '' ? Number.POSITIVE_INFINITY : Number(input.max);
  return Math.max(Number(input.min), Math.min(most, value));
}
