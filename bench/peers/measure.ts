// The rounds of one shape. In each, ours and a peer take turns for every figure, one process right after the other, and who is first
// changes from round to round; all others sleep.
import type { Recorder } from '../figures.ts';
import { median } from '../statistics.ts';
import { type Contender, prefillLength } from './contenders.ts';
import type { PartName, PeerName } from './options.ts';
import { counterparts, type VariantName } from './variants.ts';

export interface Field {
  readonly shape: string;
  readonly contextLength: number;
  readonly ours: ReadonlyMap<VariantName, Contender>;
  /** By peer and its form of the variant: two variants of ours may have the same opponent. */
  readonly peers: ReadonlyMap<string, Contender>;
  readonly contexts: readonly number[];
}

const numDecoded = 32;
/** What a symbol costs behind the one is held against what it costs behind the other. */
const [shortContext, longContext] = [128, 2048];
/** The runtimes' threads burn their cores for a while after a run; they are to have stopped when the next process begins. */
const pauseMs = 30;

export function opponentKey(peer: PeerName, variant: VariantName): string {
  const { llama, transformers } = counterparts[variant];
  return `${peer}/${peer === 'transformers.js' ? transformers : llama}`;
}

export class ShapeRounds {
  readonly #field: Field;
  readonly #recorder: Recorder;
  readonly #peers: readonly PeerName[];
  readonly #parts: readonly PartName[];
  /** By variant, or by peer and form: one value for each round. */
  readonly #prefills = new Map<string, number[]>();
  /** Ours of this round, by variant and context. */
  readonly #decodes = new Map<string, number>();

  constructor(field: Field, recorder: Recorder, peers: readonly PeerName[], parts: readonly PartName[]) {
    this.#field = field;
    this.#recorder = recorder;
    this.#peers = peers;
    this.#parts = parts;
  }

  async round(index: number): Promise<void> {
    const { contexts, ours } = this.#field;
    this.#decodes.clear();
    if (this.#parts.includes('decode') || this.#parts.includes('ceilings'))
      for (const context of contexts) for (const variant of ours.keys()) await this.#decode(index, variant, context);
    if (this.#parts.includes('prefill')) for (const variant of ours.keys()) await this.#prefill(index, variant);
    if (this.#parts.includes('growth')) for (const variant of ours.keys()) await this.#growth(variant);
  }

  /** Milliseconds per symbol that our engine took in this round. */
  decoded(variant: VariantName, context: number): number {
    return this.#decodes.get(`${variant}/${context}`)!;
  }

  async #decode(index: number, variant: VariantName, context: number): Promise<void> {
    const { ours, peers, shape } = this.#field;
    const line = `decode ${context} ${numDecoded}`;
    const mine = () => timed(ours.get(variant)!.decoder, line);
    const opponents = this.#parts.includes('decode') ? this.#peers : [];
    for (const peer of opponents) {
      const other = peers.get(opponentKey(peer, variant))!;
      const { a, b } = await inTurns(index, mine, () => timed(other.decoder, line));
      this.#decodes.set(`${variant}/${context}`, a);
      this.#recorder.add(`decode/${shape}/${variant}/${context}/${peer}`, 'ms', a, { name: peer, value: b });
    }
    if (opponents.length === 0) this.#decodes.set(`${variant}/${context}`, await mine());
  }

  /** Of our engine alone. */
  async #growth(variant: VariantName): Promise<void> {
    const { contextLength, ours, shape } = this.#field;
    const long = Math.min(longContext, contextLength - 2 * numDecoded);
    const { decoder } = ours.get(variant)!;
    const atLong = await timed(decoder, `decode ${long} ${numDecoded}`);
    const value = await timed(decoder, `decode ${shortContext} ${numDecoded}`);
    const peer = { name: `at ${shortContext}`, value };
    this.#recorder.add(`growth/${shape}/${variant}/${long}`, 'ms', atLong, peer);
  }

  async #prefill(index: number, variant: VariantName): Promise<void> {
    const { ours, peers, shape } = this.#field;
    const line = `prefill ${prefillLength}`;
    for (const peer of this.#peers) {
      const key = opponentKey(peer, variant);
      const mine = () => timed(ours.get(variant)!.prefiller, line);
      const { a, b } = await inTurns(index, mine, () => timed(peers.get(key)!.prefiller, line));
      this.#recorder.add(`prefill/${shape}/${variant}/${prefillLength}/${peer}`, 'ms', a, { name: peer, value: b });
      if (peer === 'llama.cpp') {
        keep(this.#prefills, variant, index, a);
        keep(this.#prefills, key, index, b);
      }
    }
  }

  /** After the last round: our fastest variant against llama.cpp's fastest form. Returns which they are, where they were measured. */
  fastestPrefill(): { ours: string; theirs: string } | undefined {
    const fastest = (names: readonly string[]) =>
      names
        .filter((name) => this.#prefills.has(name))
        .sort((x, y) => median(this.#prefills.get(x)!) - median(this.#prefills.get(y)!))[0];
    const mine = fastest([...this.#field.ours.keys()]);
    const other = fastest([...this.#field.peers.keys()]);
    if (mine === undefined || other === undefined) return undefined;
    const theirs = this.#prefills.get(other)!;
    for (const [round, value] of this.#prefills.get(mine)!.entries())
      this.#recorder.add(`prefill/${this.#field.shape}/fastest/${prefillLength}`, 'ms', value, {
        name: 'llama.cpp',
        value: theirs[round]!,
      });
    return { ours: mine, theirs: other };
  }
}

async function inTurns(
  index: number,
  mine: () => Promise<number>,
  other: () => Promise<number>,
): Promise<{ a: number; b: number }> {
  if (index % 2 === 0) return { a: await mine(), b: await other() };
  const b = await other();
  return { a: await mine(), b };
}

async function timed(process: Contender['decoder'], line: string): Promise<number> {
  const value = await process.number(line);
  await new Promise((resolve) => setTimeout(resolve, pauseMs));
  return value;
}

/** A form that stands beside two variants is measured twice in a round; the later value stays. */
function keep(values: Map<string, number[]>, name: string, round: number, value: number): void {
  const kept = values.get(name) ?? [];
  kept[round] = value;
  values.set(name, kept);
}
