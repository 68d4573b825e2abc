import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cornerOf,
  cursorAfter,
  fitted,
  isFitted,
  kept,
  panned,
  pixelAt,
  showing,
  zoomed,
} from '../../../src/webview/imageLayout.ts';

const image = { width: 28, height: 20 };
const pane = { width: 300, height: 260 };

test('a picture is shown whole, in the middle, with pixels of one size', () => {
  const zoom = fitted(image, pane);
  assert.equal(zoom.scale, 10);
  assert.deepEqual(cornerOf(zoom, { x: 0, y: 0 }), { x: 10, y: 30 });
  assert.ok(isFitted(zoom, image, pane));
  const large = { width: 1000, height: 400 };
  assert.equal(fitted(large, pane).scale, 0.3, 'a larger one is made smaller');
  assert.equal(fitted({ width: 1, height: 1 }, pane).scale, 64, 'and a tiny one not without end');
});

test('every place of the pane has the pixel that is drawn there', () => {
  for (const zoom of [fitted(image, pane), zoomed(fitted(image, pane), 2.7, { x: 77, y: 130 }, image, pane)]) {
    for (const pixel of [
      { x: 5, y: 7 },
      { x: 9, y: 11 },
      { x: 12, y: 9 },
    ]) {
      const { x, y } = cornerOf(zoom, pixel);
      const last = zoom.scale - 0.01;
      assert.deepEqual(pixelAt(zoom, { x: x + 0.01, y: y + 0.01 }, image), pixel);
      assert.deepEqual(pixelAt(zoom, { x: x + last, y: y + last }, image), pixel);
    }
  }
  const whole = fitted(image, pane);
  assert.equal(pixelAt(whole, { x: 9, y: 100 }, image), undefined, 'beside the picture there is none');
  assert.equal(pixelAt(whole, { x: 100, y: 231 }, image), undefined);
  assert.deepEqual(pixelAt(whole, { x: 289, y: 229 }, image), { x: 27, y: 19 });
});

test('what lies under the mouse stays there while it is zoomed, and nothing is lost at the edges', () => {
  const at = { x: 150, y: 130 };
  let zoom = fitted(image, pane);
  const pixel = pixelAt(zoom, at, image);
  for (let i = 0; i < 12; i++) {
    zoom = zoomed(zoom, 1.25, at, image, pane);
    assert.deepEqual(pixelAt(zoom, at, image), pixel);
    assert.equal(zoom.scale, Math.round(zoom.scale));
  }
  assert.equal(zoom.scale, 64, 'there is an end to it');
  for (let i = 0; i < 40; i++) zoom = zoomed(zoom, 1 / 1.25, at, image, pane);
  assert.deepEqual(zoom, fitted(image, pane), 'and the way back leads to the whole picture');
});

test('it is moved until its edge is reached, and a pixel that is asked for is seen', () => {
  const close = zoomed(fitted(image, pane), 3, { x: 150, y: 130 }, image, pane);
  const far = panned(close, { x: -1e6, y: 1e6 }, image, pane);
  assert.equal(far.y, 0);
  assert.equal(far.x, image.width - pane.width / close.scale);
  const step = panned(close, { x: close.scale, y: 0 }, image, pane);
  assert.ok(Math.abs(step.x - (close.x - 1)) < 1e-9, 'by a pixel to the right is one less at the left');
  for (const pixel of [
    { x: 0, y: 0 },
    { x: 27, y: 19 },
    { x: 14, y: 3 },
  ]) {
    const seen = showing(close, pixel, image, pane);
    const { x, y } = cornerOf(seen, pixel);
    assert.ok(x >= -1e-9 && y >= -1e-9 && x + seen.scale <= pane.width + 1e-9 && y + seen.scale <= pane.height + 1e-9);
  }
  const inside = showing(close, { x: 14, y: 10 }, image, pane);
  assert.deepEqual(inside, close, 'what is seen already does not move');
  assert.deepEqual(kept(close, image, { width: 3000, height: 2600 }).scale, 64, 'a larger pane shows at least all');
});

test('the keys lead over pixels and stop at the edges', () => {
  const from = { x: 1, y: 10 };
  const key = (name: string, shiftKey = false, ctrlKey = false) =>
    cursorAfter(from, { key: name, shiftKey, ctrlKey }, image);
  assert.deepEqual(key('ArrowRight'), { x: 2, y: 10 });
  assert.deepEqual(key('ArrowLeft', true), { x: 0, y: 10 });
  assert.deepEqual(key('ArrowDown', false, true), { x: 1, y: 18 });
  assert.deepEqual(key('PageUp'), { x: 1, y: 2 });
  assert.deepEqual(key('PageDown'), { x: 1, y: 18 });
  assert.deepEqual(key('Home'), { x: 0, y: 10 });
  assert.deepEqual(key('End', false, true), { x: 27, y: 19 });
  assert.equal(key('a'), undefined);
});
