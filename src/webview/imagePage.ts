// The likelihood of an image: the picture beside the map of its bits, a pixel in numbers, what the model would draw, a histogram and the bits
// of each row. The shell has the numbers; what was chosen here is kept with the page.
import { type JsonObject, jsonObject } from '../base/json.ts';
import {
  type FromImageView,
  type ImageViewMessage,
  readToImageView,
  type ToImageView,
} from '../protocol/imageViewMessages.ts';
import { surprisalSteps } from '../protocol/surprisalScale.ts';
import { connect, element, filler } from './dom.ts';
import { ImageCompletions } from './imageCompletions.ts';
import { ImageHistogram } from './imageHistogram.ts';
import type { Point } from './imageLayout.ts';
import { mapSheet } from './imageMapSheet.ts';
import {
  boundLabels,
  fixedBounds,
  histogram,
  ImageNumbers,
  type MapChannel,
  mapPixels,
  ownBounds,
} from './imageNumbers.ts';
import { ImageReadout } from './imageReadout.ts';
import { ImageStage, type Source } from './imageStage.ts';
import { createLineChart } from './lineChart.ts';

const title = element('h1');
const caption = element('p', { class: 'summary' });
const headline = element('p', { class: 'headline', role: 'status' });
const facts = element('dl', { class: 'fact-row' });
const notes = element('ul', { class: 'image-notes' });
const actions = element('div', { class: 'buttons' });
const inFile = element('figure', { class: 'in-file' });
const hint = element(
  'p',
  { class: 'stage-hint', id: 'stage-hint' },
  'Arrow keys move over pixels (with Shift by 8), plus and minus zoom, 0 shows all, Enter chooses the row to complete from',
);
const shownPicture = select('Picture', { picture: 'Picture', likeliest: 'Likeliest values' });
const shownMap = select('Map', { bits: 'Bits', entropy: 'Expected bits' });
const channel = select('Channel', { all: 'All channels', 0: 'Red', 1: 'Green', 2: 'Blue' });
const colors = select('Colors', { fixed: 'Same for all pictures', own: "This picture's own range" });
const layout = select('Layout', { beside: 'Side by side', over: 'Map over picture' });
const opacity = element('input', { type: 'range', min: 0, max: 100, value: 60, 'aria-label': 'Opacity of the map' });
const key = element('div', { class: 'bits-key', role: 'list', 'aria-label': 'Bits of a value' });
const zoomOut = button('\u2212', () => stage.zoomBy(-1), 'Zoom out');
const zoomIn = button('+', () => stage.zoomBy(1), 'Zoom in');
const fit = button('Fit', () => stage.fit(), 'Fit the whole picture');
const saveMap = button('Export Map as PNG...', () => exportMap());
const readout = new ImageReadout();
const histogramView = new ImageHistogram();
const stage = new ImageStage([shownPicture, shownMap], hint, {
  looked: (pixel, said) => look(pixel, said),
  picked: ({ y }) => completions.chooseRow(y),
  changed: () => keep(),
});
const completions: ImageCompletions = new ImageCompletions({
  complete: (wish) => shell.postMessage({ kind: 'complete', ...wish }),
  cancel: () => shell.postMessage({ kind: 'act', action: 'cancelCompletions' }),
  save: (index) => shell.postMessage({ kind: 'saveCompletion', index }),
  changed: () => {
    showStage();
    keep();
  },
});
const rows = createLineChart({
  label: 'Bits of each row',
  xLabel: 'row',
  height: 220,
  canBeLog: false,
  formatY: (bits) => bits.toFixed(1),
  pick: (x) => completions.chooseRow(Math.round(x)),
});

let latest: ImageViewMessage | undefined;
let numbers: ImageNumbers | undefined;
let version = -1;
let picture: HTMLImageElement | undefined;
let map: HTMLCanvasElement | undefined;
let likeliest: HTMLCanvasElement | undefined;
let bounds = fixedBounds;
let looked: Point | undefined;
let redraw = 0;
let keeping = 0;

const controls = element(
  'div',
  { class: 'image-controls' },
  field('Layout', layout),
  field('Opacity', opacity),
  field('Channel', channel),
  field('Colors', colors),
  element('div', { class: 'zoom', role: 'group', 'aria-label': 'Zoom' }, zoomOut, zoomIn, fit),
);
const looking = element(
  'section',
  { 'aria-label': 'Picture and map' },
  controls,
  element('div', { class: 'image-look' }, stage.root, readout.root),
  hint,
  key,
);
const charts = element(
  'div',
  { class: 'image-charts' },
  element('div', {}, element('h2', {}, 'Bits of each row'), rows.root),
  element('div', {}, element('h2', {}, 'How many values have how many bits'), histogramView.root),
);
document.body.replaceChildren(
  element(
    'main',
    { class: 'image-likelihood' },
    title,
    caption,
    headline,
    actions,
    facts,
    looking,
    completions.root,
    charts,
    notes,
    inFile,
  ),
);

const fillFacts = filler<ImageViewMessage['facts']>(facts, (all) =>
  all.map(({ label, value }) => element('div', { class: 'fact' }, element('dt', {}, label), element('dd', {}, value))),
);
const fillNotes = filler<readonly string[]>(notes, (all) => all.map((note) => element('li', {}, note)));
const fillActions = filler<ImageViewMessage['buttons']>(actions, (all) => [
  ...all.map(({ action, label, primary }) =>
    element(
      'button',
      {
        type: 'button',
        class: primary ? 'primary' : 'secondary',
        click: () => shell.postMessage({ kind: 'act', action }),
      },
      label,
    ),
  ),
  ...(all.some(({ action }) => action === 'exportCsv') ? [saveMap] : []),
]);
const fillKey = filler<readonly string[]>(key, (labels) =>
  labels.map((label, i) => {
    const swatch = element('span', { class: 'key-color', 'aria-hidden': 'true' });
    swatch.style.background = surprisalSteps[i]!.solid;
    return element('span', { role: 'listitem', title: surprisalSteps[i]!.word }, swatch, label);
  }),
);
const fillInFile = filler<{ preview: string; size: string } | null>(inFile, (shown) =>
  shown === null
    ? []
    : [
        element('figcaption', {}, `In the file: ${shown.size}`),
        element('img', { src: `data:image/png;base64,${shown.preview}`, alt: 'The picture as it is in the file' }),
      ],
);

for (const choice of [shownPicture, shownMap, channel, colors, layout]) {
  choice.addEventListener('change', () => {
    showStage();
    keep();
  });
}
opacity.addEventListener('input', () => {
  showStage();
  keep();
});

const shell = connect<ToImageView, FromImageView>(readToImageView, (message) => {
  if (message.kind === 'view') showView(message);
  else if (message.kind === 'completions') completions.show(message);
  else if (message.version === version && numbers?.add(message)) redrawSoon();
});
restore(shell.getState());

function showView(message: ImageViewMessage): void {
  // What is scored again stays to be seen until there is something new.
  const before = message.state === 'reading' ? latest : undefined;
  const image = message.image ?? before?.image ?? null;
  const isBusy = message.state === 'reading' || message.state === 'scoring';
  const shownFacts = isBusy && message.facts.length === 0 ? (latest?.facts ?? []) : message.facts;
  latest = { ...message, image, facts: shownFacts, notes: before?.image ? before.notes : message.notes };
  const main = document.querySelector('main')!;
  main.dataset['state'] = message.state;
  title.textContent = message.title;
  caption.textContent = message.caption;
  if (headline.textContent !== message.headline) headline.textContent = message.headline;
  fillFacts(shownFacts);
  facts.hidden = shownFacts.length === 0;
  fillNotes(latest.notes);
  fillActions(message.buttons);
  const resized = image && (image.fileWidth !== image.width || image.fileHeight !== image.height);
  fillInFile(resized ? { preview: image.preview, size: `${image.fileWidth} x ${image.fileHeight}` } : null);
  inFile.hidden = !resized;
  looking.hidden = image === null;
  charts.hidden = image === null;
  channel.parentElement!.hidden = image?.channels !== 3;
  completions.prepared(image?.height ?? 0, message.state === 'ready');
  if (!image) {
    version = message.version;
    [numbers, picture, map, likeliest] = [undefined, undefined, undefined, undefined];
    return;
  }
  if (message.image && (version !== message.version || !numbers)) {
    version = message.version;
    numbers = new ImageNumbers(image);
    map = undefined;
    likeliest = undefined;
    const source = element('img', { alt: '' });
    source.addEventListener('load', () => {
      picture = source;
      showStage();
    });
    source.src = `data:image/png;base64,${image.picture}`;
  }
  showStage();
}

/** Pieces come faster than they need be drawn. */
function redrawSoon(): void {
  if (redraw !== 0) return;
  redraw = requestAnimationFrame(() => {
    redraw = 0;
    showStage();
  });
}

function showStage(): void {
  const image = latest?.image;
  if (!image || !numbers) return;
  const wanted: MapChannel = channel.value === 'all' || image.channels === 1 ? 'all' : channelOf(channel.value);
  const pixels = numbers.perPixel(shownMap.value === 'entropy' ? 'entropy' : 'bits', wanted);
  bounds = colors.value === 'own' ? ownBounds(pixels) : fixedBounds;
  map = painted(map, image, mapPixels(pixels, bounds));
  fillKey(boundLabels(bounds));
  if (shownPicture.value === 'likeliest') likeliest = painted(likeliest, image, numbers.likeliestPixels());
  const isOver = layout.value === 'over';
  opacity.parentElement!.hidden = !isOver;
  const source: Source | undefined = shownPicture.value === 'likeliest' ? likeliest : picture;
  const overlay = isOver ? Number(opacity.value) / 100 : undefined;
  stage.show({ image, picture: source, map, overlay, row: completions.choices.row });
  look(looked, false);
  if (numbers.isWhole) showCharts(numbers);
}

function showCharts(whole: ImageNumbers): void {
  const perRow = whole.perRow();
  const xs = perRow.map((_, i) => i);
  rows.show({ lines: [{ label: 'This row', xs, ys: perRow, color: 'blue' }], unit: 'bits' });
  histogramView.show(histogram(whole.bits), bounds.at(-1)! / fixedBounds.at(-1)!);
}

function look(pixel: Point | undefined, said: boolean): void {
  looked = pixel;
  readout.show(pixel, pixel && numbers ? numbers.at(pixel.x, pixel.y) : [], said);
}

/** Paints on the same canvas again where there is one of that size. */
function painted(
  canvas: HTMLCanvasElement | undefined,
  { width, height }: { width: number; height: number },
  pixels: Uint8ClampedArray<ArrayBuffer>,
): HTMLCanvasElement {
  const target = canvas?.width === width && canvas.height === height ? canvas : element('canvas', { width, height });
  target.getContext('2d')?.putImageData(new ImageData(pixels, width, height), 0, 0);
  return target;
}

function exportMap(): void {
  if (!map || !latest) return;
  const what = `${latest.title}, ${latest.caption}: ${latest.headline}`;
  const png = mapSheet(map, { bounds, what }).toDataURL('image/png').split(',')[1];
  if (png) shell.postMessage({ kind: 'saveMap', png });
}

/** Once for each frame. */
function keep(): void {
  if (keeping !== 0) return;
  keeping = requestAnimationFrame(() => {
    keeping = 0;
    shell.setState({
      picture: shownPicture.value,
      map: shownMap.value,
      channel: channel.value,
      colors: colors.value,
      layout: layout.value,
      opacity: Number(opacity.value),
      zoom: stage.zoom ?? null,
      cursor: stage.cursor ?? null,
      completions: completions.choices,
    });
  });
}

/** What a page of an older version kept, or nobody, is passed over. */
function restore(value: unknown): void {
  if (value === undefined) return;
  try {
    const state = jsonObject(value, 'state of the page');
    for (const [name, choice] of Object.entries({ picture: shownPicture, map: shownMap, channel, colors, layout })) {
      const wanted = state.string(name);
      if ([...choice.options].some((option) => option.value === wanted)) choice.value = wanted;
    }
    opacity.value = String(state.number('opacity', { min: 0, max: 100 }));
    const point = (o: JsonObject) => ({ x: o.number('x'), y: o.number('y') });
    const zoom = state.nullable('zoom', (name) => {
      const kept = state.object(name);
      return { ...point(kept), scale: kept.number('scale', { min: 1e-6 }) };
    });
    const cursor = state.nullable('cursor', (name) => point(state.object(name)));
    const wish = state.object('completions');
    completions.restore({
      row: wish.integer('row', { min: 0 }),
      count: wish.integer('count', { min: 1 }),
      temperature: wish.number('temperature', { min: 0 }),
      seed: wish.nullable('seed', (name) => wish.integer(name, { min: 0 })),
    });
    stage.restore(zoom ?? undefined, cursor ?? undefined);
    looked = cursor ?? undefined;
  } catch (error) {
    console.warn(error);
  }
}

function channelOf(value: string): MapChannel {
  return value === '1' ? 1 : value === '2' ? 2 : 0;
}

function select(label: string, choices: Readonly<Record<string, string>>): HTMLSelectElement {
  const options = Object.entries(choices).map(([value, text]) => element('option', { value }, text));
  const order = options.toSorted((a, b) => Number(b.value === 'all') - Number(a.value === 'all'));
  return element('select', { 'aria-label': label }, ...order);
}

function field(label: string, control: HTMLElement): HTMLElement {
  return element('label', { class: 'field inline' }, element('span', {}, label), control);
}

function button(label: string, press: () => void, said = label): HTMLButtonElement {
  return element(
    'button',
    { type: 'button', class: 'secondary', title: said, 'aria-label': said, click: press },
    label,
  );
}
