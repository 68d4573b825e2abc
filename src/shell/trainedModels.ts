// The models that were trained on this machine: one folder each below the extension's own storage. What they say of themselves
// is read with care, since a folder may be half written, older, or not ours; one that cannot be read is passed over and told.
import { mkdir, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, UserError } from '../base/errors.ts';
import { type JsonObject, jsonObject, parseJson } from '../base/json.ts';
import { sizeText } from './quantities.ts';

export interface TrainedModel {
  /** The name of its folder. */
  readonly id: string;
  readonly path: string;
  /** What a person called it, or what it is and where it learnt. */
  readonly name: string;
  readonly architecture: string;
  readonly eats: 'text' | 'image';
  /** On held-out files of its workspace, per byte or per channel value; null: not measured. */
  readonly bits: number | null;
  readonly channels: number;
  readonly width: number;
  readonly height: number;
  readonly levels: number;
  readonly workspace: { readonly hash: string; readonly name: string } | null;
  /** What it learnt from, in words. */
  readonly data: string;
  readonly steps: number;
  readonly changedMs: number;
}

const maxModels = 200;
const maxJsonBytes = 2 ** 20;
const maxNameLength = 100;
const labelFile = 'label.json';
const mostFilesCounted = 2000;
/** Of all runs together, without the one that runs. */
const checkpointQuotaBytes = 2e9;

export class TrainedModels {
  readonly #folder: string;
  readonly #report: (problem: string) => void;

  constructor(folder: string, report: (problem: string) => void) {
    this.#folder = folder;
    this.#report = report;
  }

  /** Where a new one goes; the folder does not exist yet. */
  newPath(architecture: string, stamp: string): string {
    return path.join(this.#folder, `${architecture}-${stamp}`.replace(/[^\w.-]+/g, '-'));
  }

  /** The newest first. */
  async list(): Promise<TrainedModel[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const models: TrainedModel[] = [];
    for (const name of names.sort().slice(0, maxModels)) {
      const model = await this.read(path.join(this.#folder, name));
      if (model) models.push(model);
    }
    return models.sort((a, b) => b.changedMs - a.changedMs);
  }

  /** The folders of runs that have not come to a model. */
  async unfinished(): Promise<string[]> {
    const entries = await readdir(this.#folder, { withFileTypes: true }).catch(() => []);
    const folders: string[] = [];
    for (const entry of entries.slice(0, maxModels)) {
      const folder = path.join(this.#folder, entry.name);
      const hasModel = await stat(path.join(folder, 'model.json')).catch(() => undefined);
      if (entry.isDirectory() && !hasModel) folders.push(folder);
    }
    return folders.sort();
  }

  /** Undefined when there is no model, or none that can be read. */
  async read(folder: string): Promise<TrainedModel | undefined> {
    const file = path.join(folder, 'model.json');
    try {
      const [text, { mtimeMs }] = [await readBounded(file), await stat(file)];
      const description = jsonObject(parseJson(text, file), file);
      const label = await readBounded(path.join(folder, labelFile)).catch(() => undefined);
      return { ...describe(description, label), id: path.basename(folder), path: folder, changedMs: mtimeMs };
    } catch (error) {
      // A folder without model.json is a run that is not finished.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#report(`${folder}: ${messageOf(error)}`);
      return undefined;
    }
  }

  /** @throws UserError when the name is empty or too long. */
  async rename(model: TrainedModel, name: string): Promise<void> {
    const problem = nameProblem(name);
    if (problem !== undefined) throw new UserError(problem);
    await writeFile(path.join(model.path, labelFile), `${JSON.stringify({ name: name.trim() })}\n`);
  }

  /** @throws Error when the folder is not one of this storage: nothing else is ever deleted. */
  async remove(folder: string): Promise<void> {
    if (path.dirname(path.resolve(folder)) !== path.resolve(this.#folder)) {
      throw new Error(`trainedModels: ${folder} is not below ${this.#folder}`);
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Of the files in it, links not followed; counting ends where no model of ours would go. */
  async sizeBytes(folder: string): Promise<number> {
    let [sum, numLeft] = [0, mostFilesCounted];
    const folders = [folder];
    for (let next = folders.pop(); next !== undefined && numLeft > 0; next = folders.pop()) {
      const entries = await readdir(next, { withFileTypes: true }).catch(() => []);
      for (const entry of entries.slice(0, numLeft)) {
        numLeft--;
        const inside = path.join(next, entry.name);
        if (entry.isDirectory()) folders.push(inside);
        else if (entry.isFile()) sum += (await stat(inside).catch(() => undefined))?.size ?? 0;
      }
    }
    return sum;
  }

  /**
   * Keeps the checkpoints of all runs within their quota: those of finished models go first, since nobody resumes them, then whole
   * runs that were never finished, the oldest first. `keep` is the run that is about to go on.
   */
  async freeCheckpoints(keep: string, quotaBytes = checkpointQuotaBytes): Promise<void> {
    const held: { run: string; folder: string; bytes: number; finished: boolean; changedMs: number }[] = [];
    for (const name of (await readdir(this.#folder).catch(() => [])).slice(0, maxModels)) {
      const run = path.join(this.#folder, name);
      const folder = path.join(run, 'checkpoints');
      const found = await stat(folder).catch(() => undefined);
      if (run === keep || !found?.isDirectory()) continue;
      const finished = (await stat(path.join(run, 'model.json')).catch(() => undefined)) !== undefined;
      held.push({ run, folder, bytes: await this.sizeBytes(folder), finished, changedMs: found.mtimeMs });
    }
    let sum = held.reduce((total, { bytes }) => total + bytes, 0);
    const order = held.sort((a, b) => Number(b.finished) - Number(a.finished) || a.changedMs - b.changedMs);
    for (const { run, folder, bytes, finished } of order) {
      if (sum <= quotaBytes) return;
      if (finished) await rm(folder, { recursive: true, force: true });
      else await this.remove(run);
      sum -= bytes;
      this.#report(`${finished ? folder : run} was deleted: checkpoints are kept up to ${sizeText(quotaBytes)}`);
    }
  }

  async prepare(): Promise<string> {
    await mkdir(this.#folder, { recursive: true });
    return this.#folder;
  }
}

/** Undefined when a model may be called that. */
export function nameProblem(name: string): string | undefined {
  const trimmed = name.trim();
  if (trimmed === '') return 'A model needs a name';
  return trimmed.length > maxNameLength ? `A name has at most ${maxNameLength} characters` : undefined;
}

type Described = Omit<TrainedModel, 'id' | 'path' | 'changedMs'>;

function describe(description: JsonObject, label: string | undefined): Described {
  const architecture = description.string('architecture');
  const codec = description.object('codec');
  const isImage = codec.string('kind') === 'image';
  const provenance = description.object('provenance');
  const workspace = provenance.optional('workspace', (name) => {
    const value = provenance.object(name);
    return { hash: value.string('hash'), name: value.string('name') };
  });
  const size = (name: string) => (isImage ? codec.integer(name, { min: 1 }) : 1);
  return {
    name: named(label) ?? defaultName(architecture, workspace?.name),
    architecture,
    eats: isImage ? 'image' : 'text',
    bits: measuredBits(description),
    channels: size('channels'),
    width: size('width'),
    height: size('height'),
    levels: size('levels'),
    workspace: workspace ?? null,
    data: provenance.string('data'),
    steps: provenance.integer('steps', { min: 0 }),
  };
}

/** One number, under the name of its unit. */
function measuredBits(description: JsonObject): number | null {
  for (const name of ['bitsPerByte', 'bitsPerDimension']) {
    const value = description.raw(name);
    if (typeof value === 'number' && Number.isFinite(value)) return value;
  }
  return null;
}

function named(label: string | undefined): string | undefined {
  if (label === undefined) return undefined;
  try {
    const name = jsonObject(parseJson(label, labelFile), labelFile).string('name').trim();
    return nameProblem(name) === undefined ? name : undefined;
  } catch {
    return undefined; // A label is a convenience; a broken one is no reason to hide the model.
  }
}

const properNames: Readonly<Record<string, string>> = { charRnn: 'CharRNN', pixelCnn: 'PixelCNN', gpt: 'GPT' };

export function architectureTitle(architecture: string): string {
  return properNames[architecture] ?? architecture;
}

function defaultName(architecture: string, workspace: string | undefined): string {
  const title = architectureTitle(architecture);
  return workspace === undefined ? title : `${title} of ${workspace}`;
}

async function readBounded(file: string): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    if (size > maxJsonBytes) throw new UserError(`${file}: expected at most ${maxJsonBytes} bytes, got ${size}`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}
