// The models that were trained on this machine: one folder each below the extension's own storage. What they say of themselves
// is read with care, since a folder may be half written, older, or not ours; one that cannot be read is passed over and told.
import { copyFile, mkdir, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, UserError } from '../base/errors.ts';
import { holderOf } from '../base/folderLock.ts';
import { type JsonObject, jsonObject, parseJson } from '../base/json.ts';

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

/** The folder of a run that has not come to a model. */
export interface UnfinishedFolder {
  readonly path: string;
  /** A process trains in it, of this window or of another. */
  readonly isTraining: boolean;
  /** Whose files it learns from; null: it does not tell, such as one that was still reading them. */
  readonly workspace: { readonly hash: string; readonly name: string } | null;
}

/** Of models, and of unfinished runs. */
const maxFolders = 200;
const maxJsonBytes = 2 ** 20;
const maxNameLength = 100;
const labelFile = 'label.json';
const mostFilesCounted = 2000;
const cardFile = 'README.md';

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
    const models: TrainedModel[] = [];
    for (const folder of this.#newest((await this.#folders()).filter(({ isModel }) => isModel))) {
      const model = await this.read(folder);
      if (model) models.push(model);
    }
    return models;
  }

  /** The newest first. */
  async unfinished(): Promise<UnfinishedFolder[]> {
    const folders = this.#newest((await this.#folders()).filter(({ isModel }) => !isModel));
    return Promise.all(
      folders.map(async (folder) => {
        const [holder, workspace] = await Promise.all([holderOf(folder), workspaceOf(folder)]);
        return { path: folder, isTraining: holder !== undefined, workspace };
      }),
    );
  }

  /** Of all runs that have not come to a model. */
  async unfinishedBytes(): Promise<number> {
    const folders = (await this.#folders()).filter(({ isModel }) => !isModel);
    const sizes = await Promise.all(folders.map((one) => this.sizeBytes(one.path)));
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Where the last checkpoint of a run stands; 0: it has none. */
  async reachedStep(folder: string): Promise<number> {
    const names = await readdir(path.join(folder, 'checkpoints')).catch(() => []);
    return Math.max(0, ...names.map((name) => Number(/^step-(\d+)\.checkpoint$/.exec(name)?.[1] ?? 0)));
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

  /**
   * @throws UserError when a process trains in it, and Error when the folder is not one of this storage: nothing else is ever deleted.
   */
  async remove(folder: string): Promise<void> {
    if (path.dirname(path.resolve(folder)) !== path.resolve(this.#folder)) {
      throw new Error(`trainedModels: ${folder} is not below ${this.#folder}`);
    }
    const holder = await holderOf(folder);
    if (holder !== undefined) {
      throw new UserError(`${path.basename(folder)} is being trained (process ${holder}); pause or stop that first`);
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

  /** Copies what belongs to a model into a new folder in `into`, which is named for the model, and returns it. */
  async export(model: TrainedModel, into: string): Promise<string> {
    const file = path.join(model.path, 'model.json');
    const listed = Object.keys(jsonObject(parseJson(await readBounded(file), file), file).record('files'));
    const card = await stat(path.join(model.path, cardFile)).catch(() => undefined);
    const names = [...listed, ...(card ? [cardFile] : []), 'model.json'];
    const strange = names.find((name) => path.basename(name) !== name || name === '..');
    if (strange !== undefined) throw new UserError(`${file}: files: expected names, got ${JSON.stringify(strange)}`);
    const target = await newFolder(into, fileNameOf(model));
    try {
      for (const name of names) await copyFile(path.join(model.path, name), path.join(target, name));
    } catch (error) {
      await rm(target, { recursive: true, force: true });
      throw error;
    }
    return target;
  }

  async prepare(): Promise<string> {
    await mkdir(this.#folder, { recursive: true });
    return this.#folder;
  }

  /** A folder is a model's as soon as there is its description, which is written last. */
  async #folders(): Promise<Folder[]> {
    const entries = await readdir(this.#folder, { withFileTypes: true }).catch(() => []);
    const found = entries.map(async (entry): Promise<Folder[]> => {
      const folder = path.join(this.#folder, entry.name);
      if (!entry.isDirectory()) return [];
      const described = await stat(path.join(folder, 'model.json')).catch(() => undefined);
      const changed = described ?? (await stat(folder).catch(() => undefined));
      return changed ? [{ path: folder, isModel: described !== undefined, changedMs: changed.mtimeMs }] : [];
    });
    return (await Promise.all(found)).flat();
  }

  #newest(folders: readonly Folder[]): string[] {
    const sorted = folders.toSorted((a, b) => b.changedMs - a.changedMs || a.path.localeCompare(b.path));
    const numMore = sorted.length - maxFolders;
    if (numMore > 0) this.#report(`${this.#folder}: the ${numMore} oldest of ${sorted.length} folders are not shown`);
    return sorted.slice(0, maxFolders).map((one) => one.path);
  }
}

interface Folder {
  readonly path: string;
  readonly isModel: boolean;
  readonly changedMs: number;
}

/** As the run itself wrote it down. */
async function workspaceOf(folder: string): Promise<UnfinishedFolder['workspace']> {
  const file = path.join(folder, 'run.json');
  try {
    const workspace = jsonObject(parseJson(await readBounded(file), file), file).object('workspace');
    return { hash: workspace.string('hash'), name: workspace.string('name') };
  } catch {
    return null; // It is only for telling.
  }
}

/** What a person called it, where a disk allows that. */
function fileNameOf({ name, id }: TrainedModel): string {
  const allowed = name.replace(/[\\/:*?"<>|\p{Cc}]+/gu, '-').replace(/^[. ]+|[. ]+$/g, '');
  return allowed === '' ? id : allowed;
}

/** Of that name, or of the first free one after it. */
async function newFolder(into: string, name: string): Promise<string> {
  for (let i = 1; ; i++) {
    const folder = path.join(into, i === 1 ? name : `${name}-${i}`);
    try {
      await mkdir(folder);
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
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
