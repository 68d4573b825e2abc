// The sheet of images that a model drew: shown large enough to see their pixels, saved one by one or all on one PNG.
import { type FromSheetView, readToSheetView, type SheetMessage, viewLimits } from '../protocol/webviewMessages.ts';
import { connect, element, filler } from './dom.ts';
import { sheetLayout } from './sheetLayout.ts';

let send: (message: FromSheetView) => void = () => undefined;

const title = element('h1');
const caption = element('p', { class: 'summary' });
const note = element('p', { class: 'headline', role: 'status' });
const images = element('div', { class: 'sheet', role: 'list' });
const temperature = element('input', {
  type: 'number',
  name: 'temperature',
  min: 0.1,
  max: viewLimits.temperature.max,
  step: 0.1,
  required: true,
});
const draw = button('Draw Again', () => send({ kind: 'draw', temperature: chosenTemperature() }), true);
const complete = button('Complete an Image...', () => send({ kind: 'complete', temperature: chosenTemperature() }));
const cancel = button('Cancel', () => send({ kind: 'cancel' }));
const save = button('Save as PNG...', () => void saveSheet());
let latest: SheetMessage | undefined;
let touched = false;
temperature.addEventListener('input', () => {
  touched = true;
});

const fillImages = filler<readonly string[]>(images, (all) =>
  all.map((png, index) => {
    const label = `Save image ${index + 1} of ${all.length}`;
    const image = element('img', { src: `data:image/png;base64,${png}`, alt: '' });
    const press = () => send({ kind: 'saveImage', index });
    const frame = element('button', {
      type: 'button',
      class: 'image',
      title: label,
      'aria-label': label,
      click: press,
    });
    frame.append(image);
    return element('div', { role: 'listitem' }, frame);
  }),
);

document.body.replaceChildren(
  element(
    'main',
    {},
    title,
    caption,
    note,
    element(
      'div',
      { class: 'buttons' },
      element('label', { class: 'field inline' }, element('span', {}, 'Temperature'), temperature),
      draw,
      cancel,
      complete,
      save,
    ),
    images,
  ),
);

connect<SheetMessage, FromSheetView>(readToSheetView, (message, shell) => {
  send = (answer) => shell.postMessage(answer);
  latest = message;
  title.textContent = message.title;
  caption.textContent = message.caption;
  if (note.textContent !== message.note) note.textContent = message.note;
  if (!touched) temperature.value = String(message.temperature);
  draw.disabled = message.busy;
  complete.disabled = message.busy;
  save.disabled = message.images.length === 0;
  cancel.hidden = !message.busy;
  images.setAttribute('aria-busy', String(message.busy));
  fillImages(message.images);
});

function button(label: string, press: () => void, primary = false): HTMLButtonElement {
  return element('button', { type: 'button', class: primary ? 'primary' : 'secondary', click: press }, label);
}

function chosenTemperature(): number {
  const { min, max } = viewLimits.temperature;
  const value = temperature.valueAsNumber;
  return Number.isFinite(value) ? Math.min(max, Math.max(min, value)) : 1;
}

/** Pixel for pixel, with a gap of two between the images. */
async function saveSheet(): Promise<void> {
  if (latest === undefined) return;
  const layout = sheetLayout(latest.images.length, latest.width, latest.height);
  const canvas = element('canvas', { width: layout.width, height: layout.height });
  const context = canvas.getContext('2d');
  if (context === null) return;
  for (const [index, picture] of [...images.querySelectorAll('img')].entries()) {
    await picture.decode();
    const place = layout.places[index];
    if (place) context.drawImage(picture, place.x, place.y);
  }
  send({ kind: 'saveSheet', png: canvas.toDataURL('image/png').split(',')[1] ?? '' });
}
