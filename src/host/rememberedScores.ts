// What files were found to take, remembered by model and content in one file of the scorer's storage folder: so many entries at most, those
// used longest ago dropped. A file that is damaged counts as none; several processes may write it, and each keeps what another wrote.
//
//   chainrule scores 1 <sha256 of all that follows>
//   <32 hexadecimal digits> <bits> <symbols>          the one used last at the end
import { createHash } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../base/errors.ts';
import { writeFileAtomic } from '../formats/atomicFile.ts';
import type { FileBits, ScoreMemory } from '../likelihood/folders.ts';

const fileName = 'likelihoods.txt';
const magic = 'chainrule scores 1';
const mostEntries = 65_536;
/** A line has at most some 70 characters. */
const mostBytes = 128 * mostEntries;

export class RememberedScores implements ScoreMemory {
  readonly #file: string | undefined;
  readonly #entries: Map<string, FileBits>;
  readonly #most: number;
  readonly #tell: (problem: string) => void;
  #numUnsaved = 0;

  private constructor(
    file: string | undefined,
    entries: Map<string, FileBits>,
    most: number,
    tell: (p: string) => void,
  ) {
    this.#file = file;
    this.#entries = entries;
    this.#most = most;
    this.#tell = tell;
  }

  /** '': nothing is kept beyond this process. Never rejects. */
  static async open(
    storagePath: string,
    tell: (problem: string) => void = () => undefined,
    most = mostEntries,
  ): Promise<RememberedScores> {
    const file = storagePath === '' ? undefined : path.join(storagePath, fileName);
    return new RememberedScores(file, file === undefined ? new Map() : await readEntries(file, tell), most, tell);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** What would be lost if the process ended now. */
  get numUnsaved(): number {
    return this.#numUnsaved;
  }

  get(key: string): FileBits | undefined {
    const known = this.#entries.get(key);
    if (known === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, known);
    return known;
  }

  set(key: string, value: FileBits): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    this.#numUnsaved += 1;
    this.#shrink();
  }

  /** Never rejects: what cannot be written is scored again some day. */
  async save(): Promise<void> {
    if (this.#file === undefined || this.#numUnsaved === 0) return;
    const unsaved = this.#numUnsaved;
    try {
      const mine = [...this.#entries];
      const merged = await readEntries(this.#file, this.#tell);
      for (const [key, value] of mine) {
        merged.delete(key);
        merged.set(key, value);
      }
      const kept = [...merged].slice(-this.#most);
      const body = kept.map(([key, { bits, numSymbols }]) => `${key} ${bits} ${numSymbols}\n`).join('');
      await mkdir(path.dirname(this.#file), { recursive: true });
      await writeFileAtomic(this.#file, [`${magic} ${digest(body)}\n`, body]);
      this.#numUnsaved -= unsaved;
    } catch (error) {
      this.#tell(`${this.#file} is not written: ${messageOf(error)}`);
    }
  }

  #shrink(): void {
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= this.#most) return;
      this.#entries.delete(key);
    }
  }
}

async function readEntries(file: string, tell: (problem: string) => void): Promise<Map<string, FileBits>> {
  try {
    const text = await readBounded(file);
    const feed = text.indexOf('\n');
    const body = text.slice(feed + 1);
    if (text.slice(0, Math.max(0, feed)) !== `${magic} ${digest(body)}`) throw new Error('it is damaged');
    return new Map(body.split('\n').slice(0, -1).map(entryOf));
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!missing) tell(`${file} is passed over: ${messageOf(error)}`);
    return new Map();
  }
}

function entryOf(line: string): [string, FileBits] {
  const [, key = '', bits, symbols] = /^([0-9a-f]{32}) (\S+) (\d+)$/.exec(line) ?? [];
  const value = { bits: Number(bits), numSymbols: Number(symbols) };
  if (!(value.bits >= 0 && Number.isFinite(value.bits))) throw new Error('it is damaged');
  return [key, value];
}

async function readBounded(file: string): Promise<string> {
  const handle = await open(file, 'r');
  try {
    if ((await handle.stat()).size > mostBytes) throw new Error('it is too large');
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
