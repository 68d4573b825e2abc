// What of the curves one page was told, so that it is told the rest: all of them in pieces to begin with, from then on the points that are
// new. One feed for each page that says it is ready.
import { type CurveMessage, type CurveName, curveNames, viewLimits } from '../protocol/webviewMessages.ts';
import type { BoundedCurve } from './boundedCurve.ts';

export type Curves = Readonly<Record<CurveName, BoundedCurve>>;

interface Told {
  readonly curve: BoundedCurve;
  readonly revision: number;
  /** How many of its settled points. */
  readonly settled: number;
  /** The points after them, at most two, which may change. */
  readonly open: string;
}

export class CurveFeed {
  readonly #told: Partial<Record<CurveName, Told>> = {};

  /** The next piece; undefined when the page knows everything. */
  next(curves: Curves): CurveMessage | undefined {
    for (const name of curveNames) {
      const message = this.#piece(name, curves[name]);
      if (message) return message;
    }
    return undefined;
  }

  #piece(name: CurveName, curve: BoundedCurve): CurveMessage | undefined {
    const known = this.#told[name];
    const isSame = known?.curve === curve && known.revision === curve.revision;
    const from = isSame ? known.settled : 0;
    const { steps, values } = curve.points(from, viewLimits.piecePoints);
    const settled = Math.min(from + steps.length, curve.numSettled);
    const open = `${steps.slice(settled - from)} ${values.slice(settled - from)}`;
    if (isSame && settled === known.settled && open === known.open) return undefined;
    this.#told[name] = { curve, revision: curve.revision, settled, open };
    return { kind: 'curve', name, from, steps, values };
  }
}
