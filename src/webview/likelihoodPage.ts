// The likelihood view: the text as a heat map with its profile, charts of it, bits per byte against others, two models beside each other.
// The page draws what it is told and keeps what a person chose.
import {
  type FromLikelihoodView,
  firstOptions,
  type LikelihoodViewMessage,
  type PageOptions,
  type Remembered,
  readKept,
  readToLikelihoodView,
  type ShowChoice,
  type ToLikelihoodView,
} from '../protocol/likelihoodViewMessages.ts';
import { surprisalSteps } from '../protocol/surprisalScale.ts';
import { onThemeChange, themeKind } from './chartColors.ts';
import { connect, element, filler, type Shell } from './dom.ts';
import { createCurves, createHistogram, type NamedScores } from './likelihoodCharts.ts';
import { createControls } from './likelihoodControls.ts';
import { createExporter } from './likelihoodExporter.ts';
import { createFacts } from './likelihoodFacts.ts';
import { differenceColor, type Pane, type PaneKind } from './likelihoodGrid.ts';
import { createHeatMap } from './likelihoodHeatMap.ts';
import { characterBits, differences, sumsByLine, type TokenGroup, utf8Length } from './likelihoodLayout.ts';
import { differenceLine } from './likelihoodPaint.ts';
import { createProfile } from './likelihoodProfile.ts';
import { Received } from './likelihoodReceived.ts';
import { visibleText } from './likelihoodText.ts';
import { createTokenDetails } from './likelihoodTokens.ts';
import { createLineChartTable } from './lineChartTable.ts';

const keepEveryMs = 250;
const repaintEveryMs = 150;
const redrawEveryMs = 2000;
/** Of some of the steps of `differenceStep`. */
const differenceLabels = [
  [0, 'over 4 more'],
  [2, '1 to 2 more'],
  [4, 'about the same'],
  [6, '1 to 2 fewer'],
  [8, 'over 4 fewer'],
] as const;

let shell: Shell<FromLikelihoodView> | undefined;
const send = (message: FromLikelihoodView) => shell?.postMessage(message);
const received = new Received();
let view: LikelihoodViewMessage | undefined;
let options: PageOptions = firstOptions;
let remembered: Remembered | undefined;
/** Where a reload had left, until the scores are there. */
let wanted: PageOptions | undefined;
let bytesOfLine = new Float64Array(1);
let isKeeping = false;
let painting: ReturnType<typeof setTimeout> | undefined;
let drawing: ReturnType<typeof setTimeout> | undefined;
let drawingFrame = 0;

const title = element('h1');
const place = element('span', { class: 'place' });
const headline = element('p', { class: 'headline', role: 'status' });
const note = element('p', { class: 'note', role: 'alert' });
const progress = element('progress', { max: 1, 'aria-label': 'Progress of scoring' });
const details = createTokenDetails();
const tooltip = element('div', { class: 'tooltip', 'aria-hidden': 'true' });
const key = element('div', { class: 'scale-key', role: 'img' });
const heatMap = createHeatMap({
  pointed: (group, how) => pointed(group, how),
  picked: ({ from, to }) => send({ kind: 'goTo', from, to }),
  scrolled: () => {
    tooltip.classList.remove('shown');
    frameProfile();
    keep({});
  },
});
const profile = createProfile((line) => heatMap.showLine(line));
const profileTable = createLineChartTable('Bits by line', false, 'The lines as a table');
const histogram = createHistogram();
const curves = createCurves(
  (token) => heatMap.showToken(token),
  () => keep({ smoothing: curves.smoothing }),
);
const facts = createFacts(send);
const controls = createControls({
  send,
  shown: (show) => {
    options = { ...options, show };
    keep({ show });
    draw();
  },
  exported: (subject, format) => exporter.run(subject, format),
});
const exporter = createExporter({
  send,
  content: () => ({
    name: view?.name ?? '',
    heatMap,
    models: models(),
    panes: panes(),
    smoothing: curves.smoothing,
  }),
});

const tables = element(
  'section',
  { class: 'tables', 'aria-label': 'Tables' },
  element('h2', {}, 'Tokens and lines'),
  details.table,
  profileTable.root,
);
document.body.classList.add('likelihood');
document.body.replaceChildren(
  element(
    'main',
    {},
    element('header', {}, element('div', { class: 'names' }, title, place), headline, note, progress),
    controls.root,
    key,
    element(
      'div',
      { class: 'stage' },
      element(
        'div',
        { class: 'map' },
        element('div', { class: 'map-head' }, heatMap.titles, profile.title),
        element('div', { class: 'map-row' }, heatMap.root, profile.root),
        details.root,
      ),
      element('aside', { 'aria-label': 'Figures' }, facts.root, histogram.root),
    ),
    curves.root,
    tables,
    tooltip,
  ),
);
heatMap.root.addEventListener('mousemove', (event) => {
  const { width } = document.body.getBoundingClientRect();
  tooltip.style.left = `${Math.min(event.clientX + 14, Math.max(0, width - 330))}px`;
  tooltip.style.top = `${event.clientY + 18}px`;
});
const fillKey = filler<{ kind: string; show: ShowChoice }>(key, keyOf);
onThemeChange(() => {
  heatMap.paintSoon();
  profile.paintSoon();
  if (view) fillKey({ kind: themeKind(), show: options.show });
});

connect<ToLikelihoodView, FromLikelihoodView>(
  readToLikelihoodView,
  (message) => receive(message),
  (connected) => {
    shell = connected;
    const kept = readKept(connected.getState());
    options = kept.options;
    wanted = kept.remembered && kept.options;
    remembered = kept.remembered;
    curves.smoothing = options.smoothing;
  },
);

function receive(message: ToLikelihoodView): void {
  switch (message.kind) {
    case 'remember':
      remembered = message.remembered;
      keep({});
      break;
    case 'view':
      showView(message);
      break;
    case 'textPart':
      if (received.addText(message)) showText();
      break;
    case 'tokens':
      if (!received.addTokens(message)) break;
      if (received.isWhole(message.side)) draw();
      else paintMore();
      break;
    default:
      message satisfies never;
  }
}

function showView(next: LikelihoodViewMessage): void {
  const before = view;
  view = next;
  if (received.begin(next.text, next.length)) {
    // The same document, scored again: the eyes stay where they were.
    if (before && before.name === next.name && before.length > 0)
      wanted = { ...options, line: heatMap.topLine, token: 0 };
    showText();
  }
  if (before && (before.a !== next.a || next.state === 'waiting')) received.drop('a');
  if (before && before.b !== next.b) {
    received.drop('b');
    const show = next.b === null ? 'a' : before.b === null ? roomiest() : options.show;
    options = { ...options, show };
  }
  if (next.b === null && options.show !== 'a') options = { ...options, show: 'a' };
  title.replaceChildren(element('bdi', {}, visibleText(next.name, 200)));
  place.replaceChildren(element('bdi', {}, visibleText(next.place, 300)));
  if (headline.textContent !== next.headline) headline.textContent = next.headline;
  if (note.textContent !== next.note) note.textContent = next.note;
  note.hidden = next.note === '';
  const busy = next.state === 'scoring' || next.state === 'waiting';
  progress.classList.toggle('idle', !busy);
  if (next.progress === null) progress.removeAttribute('value');
  else progress.value = next.progress;
  document.body.dataset['state'] = next.state;
  controls.show(next, options.show);
  facts.show(next);
  if (before?.b !== next.b || before?.a !== next.a || before?.text !== next.text) draw();
}

function showText(): void {
  const { text } = received;
  if (text === undefined) return;
  heatMap.setText(text);
  const { lines } = heatMap.rows;
  bytesOfLine = Float64Array.from({ length: lines.length - 1 }, (_, i) => utf8Length(text, lines[i]!, lines[i + 1]!));
  if (wanted) heatMap.showLine(wanted.line);
  draw();
}

/** More tokens of many: their colors soon, the charts of them now and then. */
function paintMore(): void {
  painting ??= setTimeout(() => {
    painting = undefined;
    if (received.text !== undefined) heatMap.setPanes(panes());
  }, repaintEveryMs);
  drawing ??= setTimeout(drawCharts, redrawEveryMs);
}

/** Everything anew, the heat map first: other scores, or another choice. */
function draw(): void {
  clearTimeout(painting);
  clearTimeout(drawing);
  cancelAnimationFrame(drawingFrame);
  painting = undefined;
  if (!view || received.text === undefined) return;
  heatMap.setPanes(panes());
  fillKey({ kind: themeKind(), show: options.show });
  // Once the heat map is on the screen.
  drawingFrame = requestAnimationFrame(() => {
    drawing = setTimeout(drawCharts);
  });
  if (wanted && received.isWhole('a')) {
    const { token, line } = wanted;
    wanted = undefined;
    if (token > 0) heatMap.showToken(token);
    heatMap.showLine(line);
  }
}

function drawCharts(): void {
  drawing = undefined;
  if (!view || received.text === undefined) return;
  const shown = models();
  histogram.show(shown);
  curves.show(shown);
  drawProfile(panes());
  frameProfile();
}

function drawProfile(made: readonly Pane[]): void {
  const { lines, numLines, text } = heatMap.rows;
  const [first] = models();
  const bits = first ? sumsByLine(lines, characterBits(text, first.scores)) : new Float64Array(numLines);
  const difference = made.find(({ kind }) => kind === 'difference')?.difference;
  profile.show(
    bits,
    bytesOfLine,
    difference && options.show === 'difference' ? sumsByLine(lines, difference) : undefined,
  );
  const numbers = Float64Array.from(bits, (_, i) => i + 1);
  profileTable.show({
    xLabel: 'Line',
    lines: [
      { label: 'bits', xs: numbers, ys: bits },
      ...(difference
        ? [{ label: 'bits less under the second model', xs: numbers, ys: sumsByLine(lines, difference) }]
        : []),
    ],
    range: { min: 1, max: numLines },
    formatX: (x) => String(Math.round(x)),
    formatY: (y) => y.toFixed(2),
  });
}

function frameProfile(): void {
  profile.frame(heatMap.topLine, heatMap.bottomLine);
}

/** Of what is shown the first is what the charts tell of. */
function models(): NamedScores[] {
  if (!view) return [];
  const { b } = view;
  const named = (side: 'a' | 'b', index: number | null): NamedScores[] => {
    const scores = received.scores(side);
    return scores && index !== null ? [{ name: view?.models[index]?.name ?? 'model', scores }] : [];
  };
  const [a, second] = [named('a', view.a), b === null ? [] : named('b', b)];
  if (options.show === 'a') return a;
  return options.show === 'b' ? second : [...a, ...second];
}

function panes(): Pane[] {
  const kinds: Readonly<Record<ShowChoice, readonly PaneKind[]>> = {
    a: ['a'],
    b: ['b'],
    difference: ['difference'],
    both: ['a', 'b'],
    all: ['a', 'b', 'difference'],
  };
  const [a, b] = [received.scores('a'), received.scores('b')];
  const { text } = heatMap.rows;
  const shown = kinds[options.show];
  const isWanted = shown.includes('difference') && received.isWhole('a') && received.isWhole('b');
  const difference = a && b && isWanted ? differences(characterBits(text, a), characterBits(text, b)) : undefined;
  return shown.map((kind) => ({
    kind,
    title: titleOf(kind),
    // Over a difference the cursor moves over the first model's tokens.
    scores: kind === 'b' ? b : a,
    difference: kind === 'difference' ? difference : undefined,
  }));
}

function titleOf(kind: PaneKind): string {
  if (kind === 'difference') return 'Difference by character';
  const index = view?.[kind] ?? null;
  return visibleText(index === null ? '' : (view?.models[index]?.name ?? ''), 80);
}

/** As much beside each other as can be read. */
function roomiest(): ShowChoice {
  if (heatMap.columnsOfPanes(3) >= 44) return 'all';
  return heatMap.columnsOfPanes(2) >= 44 ? 'both' : 'difference';
}

function pointed(group: TokenGroup | undefined, how: 'mouse' | 'keyboard'): void {
  details.show(heatMap.rows, models(), group, how);
  if (how === 'keyboard') keep({});
  tooltip.classList.toggle('shown', how === 'mouse' && group !== undefined);
  if (group)
    tooltip.replaceChildren(
      ...[...(details.root.firstElementChild?.childNodes ?? [])].map((node) => node.cloneNode(true)),
    );
}

function keyOf({ show }: { show: ShowChoice }): HTMLElement[] {
  const kind = themeKind();
  const entry = (background: string, label: string, line?: { color: string; style: string; widthPx: number }) => {
    const swatch = element('span', { class: 'key-swatch' });
    swatch.style.background = background;
    if (line) swatch.style.borderBottom = `${line.widthPx}px ${line.style} ${line.color}`;
    return element('span', { class: 'key-entry' }, swatch, label);
  };
  const scale = surprisalSteps.map(({ label, looks }) => entry(looks[kind].background, label, looks[kind].underline));
  const difference = differenceLabels.map(([step, label]) =>
    entry(differenceColor(step, kind), label, differenceLine(step, kind)),
  );
  const lead = element('span', { class: 'key-entry' }, 'The second model needs, in bits per byte:');
  const [hasScale, hasDifference] = [show !== 'difference', show === 'difference' || show === 'all'];
  const said = [
    hasScale ? 'blue is expected, orange is surprising' : '',
    hasDifference
      ? 'of the difference, blue is where the second model needs fewer bits, orange where it needs more'
      : '',
  ];
  key.setAttribute('aria-label', `Key to the colors: ${said.filter(Boolean).join('; ')}`);
  return [
    ...(hasScale ? [element('span', { class: 'key-row' }, ...scale)] : []),
    ...(hasDifference ? [element('span', { class: 'key-row' }, lead, ...difference)] : []),
  ];
}

/** A little later, so that scrolling does not write at every frame. */
function keep(changed: Partial<PageOptions>): void {
  options = { ...options, ...changed };
  if (isKeeping) return;
  isKeeping = true;
  setTimeout(() => {
    isKeeping = false;
    // What a reload asked for stays until it is there.
    if (!wanted) options = { ...options, line: heatMap.topLine, token: heatMap.cursor };
    if (!remembered) return;
    shell?.setState({ remembered, options });
    document.body.dataset['keptLine'] = String(options.line);
  }, keepEveryMs);
}
