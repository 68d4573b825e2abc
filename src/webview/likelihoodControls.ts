// The controls of the likelihood view: which models, what is shown, and what can be done. Models are many and have long names, so they are
// chosen in an element of vscode-elements, which filters none and shows all; buttons are buttons.
import '@vscode-elements/elements/dist/vscode-option/index.js';
import '@vscode-elements/elements/dist/vscode-single-select/index.js';
import type {
  ExportFormat,
  ExportSubject,
  FromLikelihoodView,
  LikelihoodViewMessage,
  ShowChoice,
  Side,
} from '../protocol/likelihoodViewMessages.ts';
import { element } from './dom.ts';
import { visibleText } from './likelihoodText.ts';

export interface ControlsOptions {
  readonly send: (message: FromLikelihoodView) => void;
  readonly shown: (choice: ShowChoice) => void;
  readonly exported: (subject: ExportSubject, format: ExportFormat) => void;
}

export interface Controls {
  readonly root: HTMLElement;
  show(view: LikelihoodViewMessage, choice: ShowChoice): void;
}

const showLabels: Readonly<Record<ShowChoice, string>> = {
  a: 'the model',
  b: 'the second model',
  difference: 'the difference',
  both: 'both, side by side',
  all: 'both and the difference',
};

const exports: readonly (readonly [ExportSubject, ExportFormat, string])[] = [
  ['heat-map', 'png', 'Heat map as PNG'],
  ['heat-map', 'svg', 'Heat map as SVG'],
  ['curves', 'png', 'Curves as PNG'],
  ['curves', 'svg', 'Curves as SVG'],
  ['histogram', 'png', 'Histogram as PNG'],
  ['histogram', 'svg', 'Histogram as SVG'],
  ['tokens', 'csv', 'Tokens as CSV'],
  ['tokens', 'json', 'Tokens as JSON'],
];

/** As much of vscode-single-select as is used here. */
interface SelectElement extends HTMLElement {
  value: string;
  label: string;
}

const none = 'none';

export function createControls({ send, shown, exported }: ControlsOptions): Controls {
  const modelSelect = (side: Side, label: string) => {
    const select = document.createElement('vscode-single-select') as SelectElement;
    select.label = label;
    select.setAttribute('aria-label', label);
    select.dataset['side'] = side;
    select.addEventListener('change', () => {
      send({ kind: 'choose', side, model: select.value === none ? null : Number(select.value) });
    });
    return select;
  };
  const a = modelSelect('a', 'Model');
  const b = modelSelect('b', 'Compare with');
  const show = element('select', { 'aria-label': 'Show' });
  show.addEventListener('change', () => shown(show.value as ShowChoice));
  const showField = element('label', { class: 'control' }, element('span', {}, 'Show'), show);
  const what = element(
    'select',
    { 'aria-label': 'Export' },
    ...exports.map(([, , label], i) => element('option', { value: i }, label)),
  );
  const button = (label: string, click: () => void, primary = false) =>
    element('button', { type: 'button', class: primary ? 'primary' : 'secondary', click }, label);
  const again = button('Score Again', () => send({ kind: 'scoreAgain' }), true);
  const cancel = button('Cancel', () => send({ kind: 'cancel' }));
  const save = button('Export...', () => {
    const [subject, format] = exports[Number(what.value)] ?? exports[0]!;
    exported(subject, format);
  });
  const field = (label: string, control: HTMLElement) =>
    element('div', { class: 'control' }, element('span', { 'aria-hidden': 'true' }, label), control);
  const root = element(
    'div',
    { class: 'controls', role: 'toolbar', 'aria-label': 'What is shown' },
    field('Model', a),
    field('Compare with', b),
    showField,
    element('span', { class: 'spring' }),
    again,
    cancel,
    element('div', { class: 'control' }, what, save),
  );
  let known = '';
  return {
    root,
    show(view, choice) {
      const names = view.models.map(({ name }) => visibleText(name, 80));
      const now = JSON.stringify([names, view.a, view.b]);
      if (now !== known) {
        known = now;
        fillModels(a, names, view.a, undefined);
        fillModels(b, names, view.b, 'no other model');
        const choices = view.b === null ? (['a'] as const) : (['a', 'b', 'difference', 'both', 'all'] as const);
        show.replaceChildren(...choices.map((one) => element('option', { value: one }, showLabels[one])));
      }
      show.value = choice;
      showField.hidden = view.b === null;
      const busy = view.state === 'scoring' || view.state === 'waiting';
      again.hidden = busy || !(view.stale || view.state === 'failed');
      cancel.hidden = !busy;
      save.disabled = view.state !== 'ready';
    },
  };
}

function fillModels(select: SelectElement, names: readonly string[], chosen: number | null, noneLabel?: string): void {
  const option = (value: string, label: string, selected: boolean) => {
    const made = document.createElement('vscode-option');
    made.setAttribute('value', value);
    if (selected) made.setAttribute('selected', '');
    made.textContent = label;
    return made;
  };
  select.replaceChildren(
    ...(noneLabel === undefined ? [] : [option(none, noneLabel, chosen === null)]),
    ...names.map((name, i) => option(String(i), name, i === chosen)),
  );
}
