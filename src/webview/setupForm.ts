// The view before a training: what will be read and what is left out, the choices, what they come to, and one button.
import { resizeRules } from '../base/pixels.ts';
import {
  budgetChoices,
  channelChoices,
  type ImageChoices,
  levelChoices,
  type SetupMessage,
  type SurveyView,
  type TrainingAction,
  type TrainingChoices,
} from '../protocol/webviewMessages.ts';
import { element, filler } from './dom.ts';
import { factsOf } from './facts.ts';

export interface SetupForm {
  readonly root: HTMLElement;
  show(message: SetupMessage): void;
}

export interface SetupHandlers {
  choose(choices: TrainingChoices): void;
  act(action: TrainingAction): void;
}

const budgetLabels: Readonly<Record<string, string>> = {
  2: '2 minutes',
  10: '10 minutes',
  60: '60 minutes',
  null: 'Until stopped',
};
const channelLabels: Readonly<Record<number, string>> = { 1: 'Grey', 3: 'Color' };
const ruleLabels: Readonly<Record<ImageChoices['rule'], string>> = {
  crop: 'Crop',
  fit: 'Fit, with borders',
  stretch: 'Stretch',
};

export function createSetupForm({ choose, act }: SetupHandlers): SetupForm {
  const title = element('h1');
  const note = element('p', { class: 'headline', role: 'status' });
  const summary = element('p', { class: 'summary' });
  const read = element('div');
  const leftOut = element('div');
  const estimate = element('dl', { class: 'facts', 'aria-live': 'polite' });
  const choices = element('form', { class: 'choices' });
  const preview = element('div', { class: 'preview' });
  const start = element('button', { type: 'button', class: 'primary', click: () => act('start') }, 'Start Training');
  const cancel = element('button', { type: 'button', click: () => act('cancel') }, 'Cancel');
  let current: TrainingChoices | undefined;
  let focused = false;

  const change = (part: Partial<TrainingChoices>) => {
    if (current === undefined) return;
    current = { ...current, ...part };
    choose(current);
  };
  const changeImage = (part: Partial<ImageChoices>) => {
    if (current?.image) change({ image: { ...current.image, ...part } });
  };
  const fillRead = filler<SurveyView | null>(read, (survey) => (survey ? [readTable(survey)] : []));
  const fillLeftOut = filler<SurveyView | null>(leftOut, (survey) => (survey ? [leftOutTable(survey)] : []));
  const fillEstimate = filler<SetupMessage['estimate']>(estimate, factsOf);
  const fillPreview = filler<SetupMessage['preview']>(preview, (images) =>
    images.map((png, i) =>
      element('img', { src: `data:image/png;base64,${png}`, alt: `Image ${i + 1} as the model will see it` }),
    ),
  );
  // Made once for what there is to choose from; afterwards only the values are set, so that the focus stays where it is.
  const fillChoices = filler<Pick<SetupMessage, 'presets' | 'sizes'>>(choices, ({ presets, sizes }) => [
    radios('Time', 'minutes', budgetRows, (value) => change({ minutes: budgetOf(value) })),
    radios(
      'Size',
      'preset',
      presets.map(({ name, label }) => ({ value: name, label })),
      (preset) => change({ preset }),
    ),
    ...(sizes.length > 0 ? imageFields(sizes, changeImage) : []),
    numberField('Seed', 'seed', (seed) => change({ seed })),
  ]);

  const root = element(
    'main',
    { class: 'setup' },
    title,
    note,
    element(
      'div',
      { class: 'columns' },
      element('div', { class: 'choosing' }, choices, estimate, element('div', { class: 'buttons' }, start, cancel)),
      element('section', { class: 'survey', 'aria-label': 'What is read' }, summary, preview, read, leftOut),
    ),
  );
  choices.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!start.disabled) act('start');
  });
  return {
    root,
    show(message) {
      current = message.choices;
      title.textContent = message.title;
      note.textContent = message.note;
      summary.textContent = message.survey?.summary ?? 'Looking at the workspace ...';
      fillRead(message.survey);
      fillLeftOut(message.survey);
      fillEstimate(message.estimate);
      fillPreview(message.preview);
      fillChoices({ presets: message.presets, sizes: message.sizes });
      setValues(choices, message.choices);
      start.disabled = !message.canStart;
      // Once: who is in a hurry presses Enter.
      if (message.canStart && !focused) {
        focused = true;
        start.focus();
      }
    },
  };
}

const budgetRows = budgetChoices.map((minutes) => ({
  value: String(minutes),
  label: budgetLabels[String(minutes)] ?? '',
}));

function budgetOf(value: string): TrainingChoices['minutes'] {
  return budgetChoices.find((minutes) => String(minutes) === value) ?? null;
}

interface Option {
  readonly value: string;
  readonly label: string;
}

function radios(legend: string, name: string, options: readonly Option[], chosen: (value: string) => void) {
  const inputs = options.map(({ value, label }) =>
    element('label', {}, element('input', { type: 'radio', name, value, change: () => chosen(value) }), label),
  );
  return element('fieldset', {}, element('legend', {}, legend), ...inputs);
}

function select(label: string, name: string, options: readonly Option[], chosen: (value: string) => void) {
  const list = element(
    'select',
    { name, id: name },
    ...options.map(({ value, label: text }) => element('option', { value }, text)),
  );
  list.addEventListener('change', () => chosen(list.value));
  return labeled(label, list);
}

function numberField(label: string, name: string, chosen: (value: number) => void) {
  const input = element('input', { type: 'number', name, id: name, min: 0, max: 2 ** 32 - 1, step: 1, required: true });
  input.addEventListener('change', () => {
    if (input.checkValidity()) chosen(input.valueAsNumber);
    else input.reportValidity();
  });
  return labeled(label, input);
}

function labeled(label: string, field: HTMLElement): HTMLElement {
  return element('div', { class: 'field' }, element('label', { for: field.id }, label), field);
}

function imageFields(sizes: SetupMessage['sizes'], change: (part: Partial<ImageChoices>) => void) {
  const numbers = <T extends number>(all: readonly T[], label: (one: T) => string) =>
    all.map((one) => ({ value: String(one), label: label(one) }));
  const pick = <T extends string | number>(all: readonly T[], value: string) =>
    all.find((one) => String(one) === value) ?? all[0]!;
  return [
    element(
      'fieldset',
      {},
      element('legend', {}, 'Images'),
      select(
        'Size',
        'size',
        sizes.map((size) => ({ value: sizeValue(size), label: size.label })),
        (value) => {
          const size = sizes.find((one) => sizeValue(one) === value);
          if (size) change({ width: size.width, height: size.height });
        },
      ),
      select(
        'Channels',
        'channels',
        numbers(channelChoices, (one) => channelLabels[one] ?? ''),
        (value) => change({ channels: pick(channelChoices, value) }),
      ),
      select(
        'Levels',
        'levels',
        numbers(levelChoices, (one) => `${one} levels`),
        (value) => change({ levels: pick(levelChoices, value) }),
      ),
      select(
        'Shape',
        'rule',
        resizeRules.map((rule) => ({ value: rule, label: ruleLabels[rule] })),
        (value) => change({ rule: pick(resizeRules, value) }),
      ),
    ),
  ];
}

function sizeValue({ width, height }: Pick<ImageChoices, 'width' | 'height'>): string {
  return `${width} x ${height}`;
}

function setValues(form: HTMLFormElement, choices: TrainingChoices): void {
  const { image, ...others } = choices;
  const values = { ...others, ...image, ...(image && { size: sizeValue(image) }) };
  for (const field of form.querySelectorAll<HTMLInputElement | HTMLSelectElement>('input, select')) {
    const value = String(Object.entries(values).find(([name]) => name === field.name)?.[1]);
    if (field instanceof HTMLInputElement && field.type === 'radio') field.checked = field.value === value;
    else if (field !== document.activeElement || field instanceof HTMLSelectElement) field.value = value;
  }
}

function readTable({ read }: SurveyView): HTMLElement {
  const rows = read.map(({ label, numFiles, size }) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, label),
      element('td', { class: 'number' }, String(numFiles)),
      element('td', { class: 'number' }, size),
    ),
  );
  return table('What is read', ['', 'files', 'size'], rows);
}

function leftOutTable({ leftOut }: SurveyView): HTMLElement {
  if (leftOut.length === 0) return element('p', {}, 'Nothing is left out.');
  const rows = leftOut.map(({ reason, numFiles, examples }) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, reason),
      element('td', { class: 'number' }, String(numFiles)),
      element('td', { class: 'examples' }, examples.join(', ')),
    ),
  );
  return table('What is left out, and why', ['', 'files', 'such as'], rows);
}

function table(caption: string, heads: readonly string[], rows: readonly HTMLElement[]): HTMLElement {
  const headOf = (head: string) => (head === '' ? element('td') : element('th', { scope: 'col' }, head));
  const headRow = element('tr', {}, ...heads.map(headOf));
  return element(
    'table',
    {},
    element('caption', {}, caption),
    element('thead', {}, headRow),
    element('tbody', {}, ...rows),
  );
}
