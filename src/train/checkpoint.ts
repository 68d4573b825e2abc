// Everything a run is, in one file per kept step, so that a resumed run equals the uninterrupted one bit for bit:
//
//   "crckpt02" | header length, uint32 | header, JSON | parameters | first moments | second moments | carried states | SHA-256
//
// Replaced whole or not at all: a full disk or a power cut leaves the earlier files as they were. A file that is torn all the same
// (its hash is wrong) is passed over for the one before it.
import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, UserError } from '../base/errors.ts';
import type { RandomState } from '../base/random.ts';
import { explainWriting, type OpenSink, unfinishedFor, writeFileAtomic } from '../formats/atomicFile.ts';
import type { ParameterMemory, Region } from './parameterMemory.ts';
import type { SchedulePlan } from './schedule.ts';

export interface ValidationRecord {
  readonly step: number;
  readonly lossNats: number;
  /** For each byte of text, or each channel value of images. */
  readonly bits: number;
}

export interface RunState {
  readonly step: number;
  readonly random: RandomState;
  /** Of the rows: where in the data they are, besides what the random numbers tell. */
  readonly rowPosition: readonly number[];
  readonly symbolsSeen: number;
  readonly elapsedMs: number;
  /** Null: the clock has not made it yet. */
  readonly plan: SchedulePlan | null;
  readonly lastValidation: ValidationRecord | null;
  readonly bestValidation: ValidationRecord | null;
  /** Validations since the best one, or since the rate began to fall. */
  readonly staleValidations: number;
  /** Where validation stopped improving and the rate began to fall for that reason. */
  readonly plateauStep: number | null;
  /** The options that make the run what it is, by name, to be compared on resuming. */
  readonly identity: Readonly<Record<string, unknown>>;
}

export interface LoadedCheckpoint {
  readonly state: RunState;
  readonly file: string;
  /** Newer files that could not be used, and why. */
  readonly passedOver: readonly string[];
}

const magic = 'crckpt02';
const maxHeaderBytes = 1 << 24;
const olderMagics = ['crckpt01'];
type Floats = Float32Array<ArrayBuffer>;
const savedRegions: readonly Region[] = ['parameters', 'first', 'second'];
const namePattern = /^step-(\d{8})\.checkpoint$/;

export class CheckpointStore {
  readonly #folder: string;
  readonly #openSink: OpenSink | undefined;

  /** `openSink` is for tests that fill the disk. */
  constructor(folder: string, openSink?: OpenSink) {
    this.#folder = folder;
    this.#openSink = openSink;
  }

  fileOf(step: number): string {
    return path.join(this.#folder, `step-${String(step).padStart(8, '0')}.checkpoint`);
  }

  /** Steps of the files there are, the newest first. */
  async steps(): Promise<number[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const steps = names.flatMap((name) => namePattern.exec(name)?.[1] ?? []).map(Number);
    return steps.sort((a, b) => b - a);
  }

  /** Removes what a run that was killed left half written. To be asked for once, before a run begins. */
  async removeUnfinished(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    const ours = names.filter((name) => namePattern.test(unfinishedFor(name) ?? ''));
    for (const name of ours) await rm(path.join(this.#folder, name), { force: true });
  }

  /**
   * Writes the file of this step and removes all but it, the one before it, and the best.
   * @throws UserError when it cannot be written; then nothing is removed.
   */
  async save(state: RunState, memory: ParameterMemory, carried: readonly Floats[]): Promise<string> {
    await mkdir(this.#folder, { recursive: true }).catch((error: unknown) => {
      throw explainWriting(error, this.#folder);
    });
    const file = this.fileOf(state.step);
    await writeFileAtomic(file, pieces(state, memory, carried), this.#openSink);
    const earlier = (await this.steps()).filter((step) => step < state.step);
    for (const step of earlier.slice(1)) {
      if (step !== state.bestValidation?.step) await rm(this.fileOf(step), { force: true });
    }
    return file;
  }

  /** Fills the memory from the newest usable file. Undefined when there is no file. @throws UserError when none is usable. */
  async loadLatest(memory: ParameterMemory, carried: readonly Floats[]): Promise<LoadedCheckpoint | undefined> {
    const passedOver: string[] = [];
    for (const step of await this.steps()) {
      const file = this.fileOf(step);
      try {
        return { state: await this.load(step, memory, carried), file, passedOver };
      } catch (error) {
        passedOver.push(messageOf(error));
      }
    }
    if (passedOver.length === 0) return undefined;
    throw new UserError(`${this.#folder}: no checkpoint is usable (${passedOver.join('; ')}); start another training`);
  }

  /** Fills the memory from the file of one step. @throws UserError when it is missing, torn or of another model. */
  async load(step: number, memory: ParameterMemory, carried: readonly Floats[]): Promise<RunState> {
    const file = this.fileOf(step);
    const handle = await open(file, 'r');
    try {
      return await readCheckpoint(file, handle, memory, carried);
    } finally {
      await handle.close();
    }
  }
}

/** What the header of a file tells of its run, unchecked by its hash; undefined when it cannot be read. */
export async function peekState(file: string): Promise<RunState | undefined> {
  try {
    const handle = await open(file, 'r');
    try {
      const start = Buffer.alloc(magic.length + 4);
      await readAll(handle, start);
      const length = start.readUInt32LE(magic.length);
      if (start.toString('latin1', 0, magic.length) !== magic || length > maxHeaderBytes) return undefined;
      const header = new Uint8Array(length);
      await readAll(handle, header);
      return parseHeader(file, header).state;
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
}

/** What of the memory a checkpoint holds. */
export function savedFloats(memory: ParameterMemory): Floats[] {
  return savedRegions.map((region) => memory.whole(region));
}

function* pieces(state: RunState, memory: ParameterMemory, carried: readonly Floats[]): Generator<Uint8Array> {
  const lengths = carried.map(({ length }) => length);
  const header = Buffer.from(JSON.stringify({ state, floats: memory.regionLength, carried: lengths }));
  const start = Buffer.alloc(magic.length + 4);
  start.write(magic, 'latin1');
  start.writeUInt32LE(header.length, magic.length);
  const hash = createHash('sha256');
  const floats = [...savedFloats(memory), ...carried];
  for (const piece of [start, header, ...floats.map(bytesOf)]) {
    hash.update(piece);
    yield piece;
  }
  yield hash.digest();
}

async function readCheckpoint(
  file: string,
  handle: Pick<FileHandle, 'read'>,
  memory: ParameterMemory,
  carried: readonly Floats[],
): Promise<RunState> {
  const hash = createHash('sha256');
  const take = async (bytes: Uint8Array): Promise<Uint8Array> => {
    if (!(await readAll(handle, bytes))) throw new UserError(`${file}: the checkpoint is cut short`);
    hash.update(bytes);
    return bytes;
  };
  const start = Buffer.from(await take(new Uint8Array(magic.length + 4)));
  const headerLength = start.readUInt32LE(magic.length);
  const found = start.toString('latin1', 0, magic.length);
  if (olderMagics.includes(found)) {
    throw new UserError(`${file}: the checkpoint is of an older Chainrule, whose runs cannot be resumed by this one`);
  }
  if (found !== magic || headerLength > maxHeaderBytes) {
    throw new UserError(`${file}: expected a checkpoint, got something else`);
  }
  const headerBytes = await take(new Uint8Array(headerLength));
  const header = parseHeader(file, headerBytes);
  const lengths = carried.map(({ length }) => length);
  if (header.floats !== memory.regionLength || JSON.stringify(header.carried) !== JSON.stringify(lengths)) {
    throw new UserError(
      `${file}: the checkpoint is of another model; use the configuration and the batch it was started with`,
    );
  }
  for (const floats of [...savedFloats(memory), ...carried]) await take(bytesOf(floats));
  const expected = hash.digest();
  const stored = new Uint8Array(32);
  if (!(await readAll(handle, stored)) || !expected.equals(stored)) {
    throw new UserError(`${file}: the checkpoint is damaged, its SHA-256 does not match`);
  }
  return header.state;
}

interface Header {
  readonly state: RunState;
  readonly floats: number;
  readonly carried: readonly number[];
}

/** The hash vouches for what is inside: only this module writes these files. */
function parseHeader(file: string, bytes: Uint8Array): Header {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as Header;
  } catch (error) {
    throw new UserError(`${file}: the checkpoint is damaged: ${messageOf(error)}`);
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Floats): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

async function readAll(handle: Pick<FileHandle, 'read'>, bytes: Uint8Array): Promise<boolean> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, at, Math.min(bytes.length - at, 1 << 26), null);
    if (bytesRead === 0) return false;
    at += bytesRead;
  }
  return true;
}
