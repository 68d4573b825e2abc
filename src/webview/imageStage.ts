// The picture and its map in two panes that are zoomed and moved as one, or one laid over the other. The mouse and the keyboard lead to the
// same: a pixel under the cursor, a row that is chosen, a zoom. Draws sources that it is given, pixel for pixel.
import { element } from './dom.ts';
import {
  cornerOf,
  cursorAfter,
  fitted,
  isFitted,
  kept,
  type Point,
  panned,
  pixelAt,
  type Size,
  showing,
  type Zoom,
  zoomed,
} from './imageLayout.ts';

export interface StageOptions {
  /** The pixel that is looked at: under the mouse, or under the keyboard's cursor; `said`: it is to be read out. */
  readonly looked: (pixel: Point | undefined, said: boolean) => void;
  /** A pixel was pressed, or Enter on it. */
  readonly picked: (pixel: Point) => void;
  /** The zoom or the cursor is another one, which is worth keeping. */
  readonly changed: () => void;
}

export type Source = HTMLCanvasElement | HTMLImageElement;

export interface StageContent {
  readonly image: Size;
  readonly picture: Source | undefined;
  readonly map: Source | undefined;
  /** From 0 to 1, how much of the map covers the picture; undefined: side by side. */
  readonly overlay: number | undefined;
  /** The first row that a completion draws; 0: none is marked. */
  readonly row: number;
}

const keyZoom = Math.SQRT2;
const wheelZoom = 1.25;
/** A press that moves less is a click. */
const dragFrom = 4;

export class ImageStage {
  readonly root: HTMLElement;
  readonly #options: StageOptions;
  readonly #panes: readonly { readonly frame: HTMLElement; readonly canvas: HTMLCanvasElement }[];
  #content: StageContent | undefined;
  #pane: Size = { width: 0, height: 0 };
  #zoom: Zoom | undefined;
  /** While it shows all, it does so in any size of the window. */
  #isFitted = true;
  #cursor: Point | undefined;
  #hovered: Point | undefined;
  #press: { readonly at: Point; last: Point; dragged: boolean } | undefined;
  #frame = 0;

  constructor(heads: readonly [HTMLElement, HTMLElement], hint: HTMLElement, options: StageOptions) {
    this.#options = options;
    this.#panes = ['Pixels of the picture', 'Pixels of the map'].map((label) => {
      const canvas = element('canvas', { 'aria-hidden': 'true' });
      const attributes = { tabindex: 0, role: 'application', 'aria-label': label, 'aria-describedby': hint.id };
      return { canvas, frame: element('div', { class: 'pane', ...attributes }, canvas) };
    });
    const columns = this.#panes.map(({ frame }, i) => element('div', { class: 'pane-column' }, heads[i]!, frame));
    this.root = element('div', { class: 'image-stage' }, ...columns);
    for (const { frame } of this.#panes) this.#listen(frame);
    const sizes = new ResizeObserver(() => this.#resized());
    sizes.observe(this.#panes[0]!.frame);
  }

  get zoom(): Zoom | undefined {
    return this.#isFitted ? undefined : this.#zoom;
  }

  get cursor(): Point | undefined {
    return this.#cursor;
  }

  show(content: StageContent): void {
    const before = this.#content;
    this.#content = content;
    this.root.classList.toggle('overlaid', content.overlay !== undefined);
    if (before && (before.image.width !== content.image.width || before.image.height !== content.image.height)) {
      this.#cursor = undefined;
      this.#hovered = undefined;
      this.#isFitted = true;
    }
    this.#resized();
    this.draw();
  }

  /** Takes up what was kept of a page. */
  restore(zoom: Zoom | undefined, cursor: Point | undefined): void {
    this.#zoom = zoom;
    this.#isFitted = zoom === undefined;
    this.#cursor = cursor;
  }

  zoomBy(direction: 1 | -1): void {
    const { width, height } = this.#pane;
    const at = this.#zoom && this.#cursor ? cornerOf(this.#zoom, this.#cursor) : { x: width / 2, y: height / 2 };
    this.#zoomAt(keyZoom ** direction, at);
  }

  fit(): void {
    this.#isFitted = true;
    this.#resized();
    this.#options.changed();
  }

  /** With the next frame. */
  draw(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#drawNow());
  }

  #listen(frame: HTMLElement): void {
    const placeOf = (event: MouseEvent): Point => {
      const { left, top } = frame.getBoundingClientRect();
      return { x: event.clientX - left - frame.clientLeft, y: event.clientY - top - frame.clientTop };
    };
    frame.addEventListener('keydown', (event) => this.#keyPressed(event));
    frame.addEventListener('pointermove', (event) => this.#moved(placeOf(event)));
    frame.addEventListener('pointerleave', () => this.#hover(undefined));
    frame.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      frame.setPointerCapture(event.pointerId);
      this.#press = { at: placeOf(event), last: placeOf(event), dragged: false };
    });
    frame.addEventListener('pointerup', (event) => {
      const press = this.#press;
      this.#press = undefined;
      if (press && !press.dragged) this.#pressed(placeOf(event));
    });
    frame.addEventListener('pointercancel', () => {
      this.#press = undefined;
    });
    frame.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault();
        if (event.deltaY !== 0) this.#zoomAt(event.deltaY < 0 ? wheelZoom : 1 / wheelZoom, placeOf(event));
      },
      { passive: false },
    );
  }

  #moved(at: Point): void {
    const [content, zoom, press] = [this.#content, this.#zoom, this.#press];
    if (!content || !zoom) return;
    if (press && (press.dragged || Math.hypot(at.x - press.at.x, at.y - press.at.y) >= dragFrom)) {
      press.dragged = true;
      this.#zoom = panned(zoom, { x: at.x - press.last.x, y: at.y - press.last.y }, content.image, this.#pane);
      press.last = at;
      this.draw();
      this.#options.changed();
    }
    this.#hover(pixelAt(this.#zoom ?? zoom, at, content.image));
  }

  #hover(pixel: Point | undefined): void {
    if (pixel?.x === this.#hovered?.x && pixel?.y === this.#hovered?.y) return;
    this.#hovered = pixel;
    this.#options.looked(pixel ?? this.#cursor, false);
    this.draw();
  }

  #pressed(at: Point): void {
    const pixel = this.#content && this.#zoom && pixelAt(this.#zoom, at, this.#content.image);
    if (!pixel) return;
    this.#cursor = pixel;
    this.#options.looked(pixel, false);
    this.#options.picked(pixel);
    this.#options.changed();
    this.draw();
  }

  #zoomAt(factor: number, at: Point): void {
    const content = this.#content;
    if (!content || !this.#zoom) return;
    this.#zoom = zoomed(this.#zoom, factor, at, content.image, this.#pane);
    this.#isFitted = isFitted(this.#zoom, content.image, this.#pane);
    this.#options.changed();
    this.draw();
  }

  #keyPressed(event: KeyboardEvent): void {
    const [content, zoom] = [this.#content, this.#zoom];
    if (!content || !zoom || event.altKey || event.metaKey) return;
    const { key } = event;
    const from = this.#cursor ?? this.#hovered;
    const to = from ? cursorAfter(from, event, content.image) : cursorAfter({ x: 0, y: 0 }, event, content.image);
    if (to) {
      // The first key shows the cursor where it is.
      this.#cursor = from || key === 'End' ? to : { x: 0, y: 0 };
      this.#hovered = undefined;
      this.#zoom = showing(zoom, this.#cursor, content.image, this.#pane);
      this.#options.looked(this.#cursor, true);
      this.#options.changed();
    } else if (key === '+' || key === '=') this.zoomBy(1);
    else if (key === '-') this.zoomBy(-1);
    else if (key === '0') this.fit();
    else if ((key === 'Enter' || key === ' ') && this.#cursor) this.#options.picked(this.#cursor);
    else if (key === 'Escape' && this.#cursor) {
      this.#cursor = undefined;
      this.#options.looked(undefined, false);
      this.#options.changed();
    } else return;
    event.preventDefault();
    this.draw();
  }

  #resized(): void {
    const content = this.#content;
    const { clientWidth: width, clientHeight: height } = this.#panes[0]!.frame;
    if (!content || width === 0 || height === 0) return;
    this.#pane = { width, height };
    const { image } = content;
    this.#zoom = this.#isFitted || !this.#zoom ? fitted(image, this.#pane) : kept(this.#zoom, image, this.#pane);
    this.draw();
  }

  #drawNow(): void {
    this.#frame = 0;
    const [content, zoom] = [this.#content, this.#zoom];
    if (!content || !zoom) return;
    const { picture, map, overlay } = content;
    const [left, right] = this.#panes;
    this.#drawPane(left!.canvas, content, zoom, [
      [picture, 1],
      [overlay === undefined ? undefined : map, overlay ?? 0],
    ]);
    if (overlay === undefined) this.#drawPane(right!.canvas, content, zoom, [[map, 1]]);
  }

  #drawPane(
    canvas: HTMLCanvasElement,
    { image, row }: StageContent,
    zoom: Zoom,
    layers: readonly (readonly [Source | undefined, number])[],
  ): void {
    const ratio = devicePixelRatio;
    const [width, height] = [Math.round(this.#pane.width * ratio), Math.round(this.#pane.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const context = canvas.getContext('2d');
    if (!context) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.#pane.width, this.#pane.height);
    context.imageSmoothingEnabled = zoom.scale < 1; // Smaller than it is, a picture is averaged; larger, its pixels are seen.
    const { x, y } = cornerOf(zoom, { x: 0, y: 0 });
    for (const [source, opacity] of layers) {
      if (!source) continue;
      context.globalAlpha = opacity;
      context.drawImage(source, x, y, image.width * zoom.scale, image.height * zoom.scale);
    }
    context.globalAlpha = 1;
    if (row > 0 && row < image.height) this.#drawRow(context, zoom, image, row);
    if (this.#cursor) outline(context, zoom, this.#cursor, 2);
    if (this.#hovered) outline(context, zoom, this.#hovered, 1);
  }

  /** Dark under light, which is seen on every color. */
  #drawRow(context: CanvasRenderingContext2D, zoom: Zoom, image: Size, row: number): void {
    const from = cornerOf(zoom, { x: 0, y: row });
    const to = from.x + image.width * zoom.scale;
    for (const [color, dash] of [
      ['#000000', []],
      ['#ffffff', [6, 6]],
    ] as const) {
      context.strokeStyle = color;
      context.lineWidth = 2;
      context.setLineDash([...dash]);
      context.beginPath();
      context.moveTo(from.x - 8, from.y);
      context.lineTo(to + 8, from.y);
      context.stroke();
    }
    context.setLineDash([]);
  }
}

function outline(context: CanvasRenderingContext2D, zoom: Zoom, pixel: Point, width: number): void {
  const { x, y } = cornerOf(zoom, pixel);
  const side = Math.max(3, zoom.scale);
  for (const [color, out] of [
    ['#ffffff', width * 1.5],
    ['#000000', width / 2],
  ] as const) {
    context.strokeStyle = color;
    context.lineWidth = width;
    context.strokeRect(x - out, y - out, side + 2 * out, side + 2 * out);
  }
}
