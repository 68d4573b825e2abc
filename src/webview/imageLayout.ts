// The geometry of a picture that is looked at in panes of one size: how far it is zoomed, which pixel lies where, where the keyboard goes.
// Knows no page, so that it is tested as numbers.

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What of the picture is seen. */
export interface Zoom {
  /** Of the pane's pixels for one of the picture's. */
  readonly scale: number;
  /** The place of the picture in the pane's upper left corner, in its own pixels; below 0 where there is room beside it. */
  readonly x: number;
  readonly y: number;
}

const mostScale = 64;
/** From here on pixels are of one size: a whole number of the pane's. */
const wholeFrom = 3;

/** All of the picture, in the middle, its pixels of one size where there is room. */
export function fitted(image: Size, pane: Size): Zoom {
  return placed(fitScale(image, pane), { x: 0, y: 0 }, image, pane);
}

export function isFitted({ scale }: Zoom, image: Size, pane: Size): boolean {
  return scale <= fitScale(image, pane);
}

/** Larger or smaller by a factor; what lies at `at` of the pane stays there as far as there is something to show. */
export function zoomed(zoom: Zoom, factor: number, at: Point, image: Size, pane: Size): Zoom {
  const wanted = zoom.scale * factor;
  const whole = factor > 1 ? Math.ceil(wanted) : Math.floor(wanted);
  const scale = within(wanted < wholeFrom ? wanted : whole, fitScale(image, pane), mostScale);
  const here = { x: zoom.x + at.x / zoom.scale, y: zoom.y + at.y / zoom.scale };
  return placed(scale, { x: here.x - at.x / scale, y: here.y - at.y / scale }, image, pane);
}

/** Moved by so many of the pane's pixels. */
export function panned(zoom: Zoom, by: Point, image: Size, pane: Size): Zoom {
  const corner = { x: zoom.x - by.x / zoom.scale, y: zoom.y - by.y / zoom.scale };
  return placed(zoom.scale, corner, image, pane);
}

/** The same after the pane or the picture has got another size. */
export function kept(zoom: Zoom, image: Size, pane: Size): Zoom {
  const scale = within(zoom.scale, fitScale(image, pane), mostScale);
  return placed(scale, zoom, image, pane);
}

/** Moved no further than it takes to see the whole pixel. */
export function showing(zoom: Zoom, pixel: Point, image: Size, pane: Size): Zoom {
  const [wide, high] = [pane.width / zoom.scale, pane.height / zoom.scale];
  const x = within(zoom.x, pixel.x + 1 - wide, pixel.x);
  const y = within(zoom.y, pixel.y + 1 - high, pixel.y);
  return placed(zoom.scale, { x, y }, image, pane);
}

/** The pixel below a place of the pane; undefined beside the picture. */
export function pixelAt(zoom: Zoom, at: Point, image: Size): Point | undefined {
  const x = Math.floor(zoom.x + at.x / zoom.scale);
  const y = Math.floor(zoom.y + at.y / zoom.scale);
  return x >= 0 && y >= 0 && x < image.width && y < image.height ? { x, y } : undefined;
}

/** Where the upper left corner of a pixel lies in the pane. */
export function cornerOf(zoom: Zoom, pixel: Point): Point {
  return { x: (pixel.x - zoom.x) * zoom.scale, y: (pixel.y - zoom.y) * zoom.scale };
}

export interface Keys {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
}

const farStep = 8;

/** Where a key leads from a pixel; undefined: it leads nowhere. */
export function cursorAfter(from: Point, { key, shiftKey, ctrlKey }: Keys, image: Size): Point | undefined {
  const step = shiftKey || ctrlKey ? farStep : 1;
  const [right, bottom] = [image.width - 1, image.height - 1];
  const moves: Readonly<Record<string, Point>> = {
    ArrowLeft: { x: from.x - step, y: from.y },
    ArrowRight: { x: from.x + step, y: from.y },
    ArrowUp: { x: from.x, y: from.y - step },
    ArrowDown: { x: from.x, y: from.y + step },
    PageUp: { x: from.x, y: from.y - farStep },
    PageDown: { x: from.x, y: from.y + farStep },
    Home: { x: 0, y: ctrlKey ? 0 : from.y },
    End: { x: right, y: ctrlKey ? bottom : from.y },
  };
  const to = moves[key];
  return to && { x: within(to.x, 0, right), y: within(to.y, 0, bottom) };
}

/** The picture's corner as near to `corner` as it may be: in the middle where all of an axis shows, without a gap where not. */
function placed(scale: number, corner: Point, image: Size, pane: Size): Zoom {
  const along = (from: number, length: number, room: number) => {
    const seen = room / scale;
    return seen >= length ? (length - seen) / 2 : within(from, 0, length - seen);
  };
  return { scale, x: along(corner.x, image.width, pane.width), y: along(corner.y, image.height, pane.height) };
}

function fitScale(image: Size, pane: Size): number {
  const scale = Math.min(pane.width / image.width, pane.height / image.height);
  return Math.min(mostScale, scale >= 1 ? Math.floor(scale) : scale);
}

function within(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
