// The scale of bits per byte for areas, hunks and lines: seven steps in the colors of the scale of surprisal, which are the same in every
// theme and told apart by who sees fewer colors. Eight bits per byte are what no model at all takes.
import { surprisalSteps } from './surprisalScale.ts';

export interface DensityStep {
  /** In bits per byte; up to where the next step begins. */
  readonly from: number;
  readonly to: number;
  readonly label: string;
  /** `#rrggbb`, opaque. */
  readonly color: string;
  /** Of text on it. */
  readonly ink: string;
}

const bounds = [0, 0.5, 1, 1.5, 2, 3, 4] as const;

export const densitySteps: readonly DensityStep[] = bounds.map((from, step) => {
  const to = bounds[step + 1] ?? Number.POSITIVE_INFINITY;
  const { solid: color, ink } = surprisalSteps[step]!;
  const label = from === 0 ? `under ${to}` : to === Number.POSITIVE_INFINITY ? `${from} and more` : `${from} to ${to}`;
  return { from, to, label, color, ink };
});

/** The number of the step; undefined where there is nothing to be likely, such as in an empty file. */
export function densityStep(bitsPerByte: number): number | undefined {
  if (Number.isNaN(bitsPerByte)) return undefined;
  let step = bounds.length - 1;
  while (step > 0 && bitsPerByte < bounds[step]!) step -= 1;
  return step;
}
