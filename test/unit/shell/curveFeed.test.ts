// What a page is told of curves, held against a page that takes every piece: it ends with the same points, whatever happened between.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { viewLimits } from '../../../src/protocol/webviewMessages.ts';
import { BoundedCurve } from '../../../src/shell/boundedCurve.ts';
import { CurveFeed, type Curves } from '../../../src/shell/curveFeed.ts';
import { CurveBuffer } from '../../../src/webview/curvePoints.ts';

const newCurves = (most = 16): Curves => ({ training: new BoundedCurve(most), validation: new BoundedCurve(most) });

class Page {
  readonly feed = new CurveFeed();
  readonly buffers = { training: new CurveBuffer(), validation: new CurveBuffer() };
  numPieces = 0;

  tell(curves: Curves): void {
    for (let piece = this.feed.next(curves); piece; piece = this.feed.next(curves)) {
      assert.ok(this.buffers[piece.name].take(piece.from, piece));
      this.numPieces++;
    }
  }

  knows({ training, validation }: Curves): void {
    for (const [name, curve] of Object.entries({ training, validation })) {
      const { xs, ys } = this.buffers[name as keyof Curves].line();
      assert.deepEqual({ steps: [...xs], values: [...ys] }, curve.points());
    }
  }
}

test('points are told once, and only those that are new', () => {
  const curves = newCurves();
  const page = new Page();
  page.tell(curves);
  assert.equal(page.numPieces, 2, 'that both are empty');
  page.tell(curves);
  assert.equal(page.numPieces, 2);
  curves.training.add(1, 5);
  curves.training.add(2, 4);
  page.tell(curves);
  assert.equal(page.numPieces, 3);
  curves.training.add(3, 3);
  const piece = page.feed.next(curves);
  assert.deepEqual(piece, { kind: 'curve', name: 'training', from: 2, steps: [3], values: [3] });
  assert.equal(page.feed.next(curves), undefined);
});

test('whatever is added, thinned, cut back or replaced, the page has what there is', () => {
  const action = fc.oneof(
    fc.record({ kind: fc.constant('add' as const), count: fc.integer({ min: 1, max: 30 }) }),
    fc.record({ kind: fc.constant('cut' as const), count: fc.nat(40) }),
    fc.record({ kind: fc.constant('tell' as const), count: fc.constant(0) }),
    fc.record({ kind: fc.constant('another' as const), count: fc.constant(0) }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
      let curves = newCurves();
      let step = 0;
      const page = new Page();
      for (const { kind, count } of actions) {
        if (kind === 'tell') page.tell(curves);
        else if (kind === 'another') curves = newCurves();
        else if (kind === 'cut') {
          curves.training.cutBack(Math.max(0, step - count));
          step = Math.max(0, step - count);
        } else for (let i = 0; i < count; i++) curves.training.add(++step, (step * 7919) % 13);
      }
      page.tell(curves);
      page.knows(curves);
    }),
    { numRuns: 300 },
  );
});

test('a whole curve comes in bounded pieces, one that was hidden is told all of it again', () => {
  const curves = newCurves(viewLimits.curvePoints);
  for (let step = 1; step <= 10_001; step++) curves.training.add(step, 1 / step);
  const [first, second] = [new Page(), new Page()];
  first.tell(curves);
  assert.equal(first.numPieces, 4);
  second.tell(curves);
  second.knows(curves);
});

test('a piece behind a gap is refused, and nothing is changed by it', () => {
  const buffer = new CurveBuffer();
  assert.ok(buffer.take(0, { steps: [1, 2], values: [3, 4] }));
  assert.equal(buffer.take(3, { steps: [5], values: [6] }), false);
  assert.deepEqual([...buffer.line(2).ys], [6, 8]);
});
