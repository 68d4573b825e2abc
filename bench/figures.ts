// Figures and how they come about: every round adds one value to a figure, and one of its peer taken right beside it. What is
// shown is the median of each, and the median of the rounds' ratios: noise that lasts longer than a round cancels out of it.
import { median } from './statistics.ts';

/** Units, and whether more of it is better. */
const moreIsBetter = {
  'symbols/s': true,
  'files/s': true,
  'bytes/s': true,
  'GFLOP/s': true,
  'GB/s': true,
  ms: false,
  MiB: false,
  '%': false,
  ppm: false,
} as const;

export type Unit = keyof typeof moreIsBetter;

/** One line of `--json`; the fields of the peer only where there is one. */
export interface Figure {
  /** Its parts from the general to the special: `decode/default/fp32/512`. */
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  readonly peer?: string;
  readonly peerValue?: number;
  /** How many times better than the peer. */
  readonly ratio?: number;
}

export interface PeerValue {
  readonly name: string;
  readonly value: number;
}

interface Rounds {
  readonly unit: Unit;
  readonly values: number[];
  readonly peer: string | undefined;
  readonly peerValues: number[];
}

export class Recorder {
  /** In the order of their first values. */
  readonly #rounds = new Map<string, Rounds>();

  /** One round of a figure: with a peer in every round, or in none. */
  add(name: string, unit: Unit, value: number, peer?: PeerValue): void {
    const shown = `${name}: expected`;
    if (!Number.isFinite(value) || value < 0) throw new RangeError(`${shown} a quantity, got ${value}`);
    if (peer && !Number.isFinite(peer.value)) throw new RangeError(`${shown} a peer's quantity, got ${peer.value}`);
    const rounds = this.#rounds.get(name) ?? { unit, values: [], peer: peer?.name, peerValues: [] };
    if (rounds.unit !== unit || rounds.peer !== peer?.name) {
      const [was, is] = [`${rounds.unit}, peer ${rounds.peer}`, `${unit}, peer ${peer?.name}`];
      throw new Error(`${shown} the same in every round (${was}), got ${is}`);
    }
    this.#rounds.set(name, rounds);
    rounds.values.push(value);
    if (peer) rounds.peerValues.push(peer.value);
  }

  figures(): Figure[] {
    return [...this.#rounds].map(([name, { unit, values, peer, peerValues }]) => ({
      name,
      value: median(values),
      unit,
      ...(peer === undefined
        ? {}
        : {
            peer,
            peerValue: median(peerValues),
            ratio: median(values.map((value, round) => timesBetter(unit, value, peerValues[round]!))),
          }),
    }));
  }
}

/** Above 1: ours is better. Two zeros are equals. */
export function timesBetter(unit: Unit, ours: number, theirs: number): number {
  if (ours === theirs) return 1;
  return moreIsBetter[unit] ? ours / theirs : theirs / ours;
}
