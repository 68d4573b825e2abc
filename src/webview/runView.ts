// The view of a training: how it stands, its curves, its samples, and what can be done with it.
import type { CurveMessage, RunMessage, Sample, SamplesMessage, TrainingAction } from '../protocol/webviewMessages.ts';
import { CurveBuffer } from './curvePoints.ts';
import { element, filler } from './dom.ts';
import { factsOf } from './facts.ts';
import { createLineChart } from './lineChart.ts';

export interface RunView {
  readonly root: HTMLElement;
  show(message: RunMessage): void;
  /** False when earlier pieces of the curve are missing. */
  takeCurve(message: CurveMessage): boolean;
  showSamples(message: SamplesMessage): void;
}

export function createRunView(act: (action: TrainingAction) => void): RunView {
  const title = element('h1');
  const headline = element('p', { class: 'headline', role: 'status' });
  const note = element('p', { class: 'note', role: 'alert' });
  const progress = element('progress', { max: 1, 'aria-label': 'Progress' });
  const buttons = element('div', { class: 'buttons' });
  const facts = element('dl', { class: 'facts' });
  const chart = createLineChart({ label: 'Curves', xLabel: 'step', newestFirst: true, shown: 0.8 });
  const curves = { training: new CurveBuffer(), validation: new CurveBuffer() };
  let latest: RunMessage | undefined;
  const samples = element('div', { class: 'samples' });
  const fillFacts = filler<RunMessage['facts']>(facts, factsOf);
  const fillButtons = filler<RunMessage['buttons']>(buttons, (all) =>
    all.map(({ action, label, primary }) =>
      element('button', { type: 'button', class: primary ? 'primary' : 'secondary', click: () => act(action) }, label),
    ),
  );
  const fillSamples = filler<readonly Sample[]>(samples, (all) =>
    all.length > 0 ? all.map(sampleOf) : [element('p', { class: 'quiet' }, 'The first sample comes in a moment.')],
  );
  const root = element(
    'main',
    { class: 'run' },
    title,
    headline,
    note,
    progress,
    buttons,
    element('div', { class: 'columns' }, chart.root, facts),
    element('section', { 'aria-label': 'Samples' }, element('h2', {}, 'Samples'), samples),
  );

  function draw(): void {
    if (latest === undefined) return;
    const { unit, trainingScale, baselines } = latest;
    const training = curves.training.line(trainingScale);
    const validation = curves.validation.line();
    chart.show({
      unit,
      lines: [
        { label: 'training', color: 'foreground', width: 1.2, opacity: 0.4, ...training },
        { label: 'held out', color: 'blue', width: 2.2, dots: true, ...validation },
      ],
      levels: baselines.map(({ label, value }) => ({ label, value, color: 'orange' })),
    });
  }

  return {
    root,
    show(message) {
      title.textContent = message.title;
      if (headline.textContent !== message.headline) headline.textContent = message.headline;
      note.hidden = message.note === '';
      if (note.textContent !== message.note) note.textContent = message.note;
      root.dataset['state'] = message.state;
      if (message.progress === null) progress.removeAttribute('value');
      else progress.value = message.progress;
      progress.hidden = message.state === 'done' || message.state === 'failed';
      const focusedLabel = document.activeElement?.closest('.buttons') ? document.activeElement.textContent : null;
      fillButtons(message.buttons);
      // A button that took another meaning, such as Pause and Resume, keeps the focus in its place.
      if (focusedLabel !== null && document.activeElement === document.body) {
        const same = [...buttons.children].find(({ textContent }) => textContent === focusedLabel);
        const next = same ?? buttons.firstElementChild;
        if (next instanceof HTMLElement) next.focus();
      }
      fillFacts(message.facts);
      latest = message;
      draw();
    },
    takeCurve({ name, from, steps, values }) {
      const isWhole = curves[name].take(from, { steps, values });
      if (isWhole) draw();
      return isWhole;
    },
    showSamples: (message) => fillSamples(message.samples),
  };
}

function sampleOf(sample: Sample): HTMLElement {
  const step = sample.step.toLocaleString('en-US');
  const caption = element('figcaption', {}, `step ${step}`);
  const content =
    sample.type === 'image'
      ? element('img', { src: `data:image/png;base64,${sample.png}`, alt: `Images drawn at step ${step}` })
      : element('pre', { tabindex: 0 }, sample.text);
  return element('figure', { class: sample.type }, caption, content);
}
