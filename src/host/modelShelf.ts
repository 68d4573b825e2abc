// The models that the scorer has at hand: loaded when first asked for, as they were trained (fp32), and a few of them kept, the one used
// longest ago put away first. A folder that changed since is loaded afresh.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Disposable } from '../base/disposable.ts';
import { CancelledError, UserError } from '../base/errors.ts';
import { SerialQueue } from '../base/serialQueue.ts';
import { type ImageModel, loadImageModel } from '../engine/loadImageModel.ts';
import { loadTextModel, type TextModel } from '../engine/loadModel.ts';
import { readConfig } from '../models/registry.ts';
import type { Runtime } from '../runtime/session.ts';

/** How models come to the shelf; tests bring others. */
export interface ShelfLoaders {
  text(modelPath: string, threads: number): Promise<TextModel>;
  image(modelPath: string, threads: number): Promise<ImageModel>;
}

interface Wanted {
  readonly modelPath: string;
  readonly threads: number;
  /** Of all keys of that model: the key without what changes when it does. */
  readonly prefix: string;
  readonly key: string;
}

interface Placed {
  readonly model: TextModel | ImageModel;
  users: number;
  /** Not to be handed out again: its folder changed, or it had to make room. */
  retired: boolean;
}

export class ModelShelf implements Disposable {
  readonly #loaders: ShelfLoaders;
  readonly #most: number;
  /** By key, in order of use, the latest last. */
  readonly #placed = new Map<string, Placed>();
  /** One model is loaded at a time, so that two questions for the same one load it once. */
  readonly #loading = new SerialQueue();
  #disposed = false;
  /** Of models that are loaded from now on; one that is here with others is loaded afresh when it is asked for. */
  threads = 1;

  constructor(loaders: ShelfLoaders, most = 3) {
    this.#loaders = loaders;
    this.#most = most;
  }

  /** The model is there until `work` is done. @throws UserError when the folder holds no such model. */
  withText<T>(modelPath: string, work: (model: TextModel) => Promise<T>): Promise<T> {
    return this.#with('text', modelPath, (model) => work(model as TextModel));
  }

  withImage<T>(modelPath: string, work: (model: ImageModel) => Promise<T>): Promise<T> {
    return this.#with('image', modelPath, (model) => work(model as ImageModel));
  }

  /** Models in use go when their work is done. */
  dispose(): void {
    this.#disposed = true;
    for (const key of [...this.#placed.keys()]) this.#retire(key);
  }

  async #with<T>(
    kind: keyof ShelfLoaders,
    modelPath: string,
    work: (model: TextModel | ImageModel) => Promise<T>,
  ): Promise<T> {
    const stamp = await stampOf(modelPath);
    const prefix = `${kind}\0${modelPath}\0`;
    const { threads } = this;
    const key = `${prefix}${stamp}\0${threads}`;
    // What is here need not wait for another that is being loaded.
    const placed =
      this.#use(key) ?? (await this.#loading.run(() => this.#load(kind, { modelPath, threads, prefix, key })));
    try {
      return await work(placed.model);
    } finally {
      placed.users -= 1;
      if (placed.retired && placed.users === 0) placed.model.dispose();
    }
  }

  /** Whoever uses it says when that is over. */
  #use(key: string): Placed | undefined {
    const placed = this.#placed.get(key);
    if (placed === undefined) return undefined;
    this.#placed.delete(key);
    this.#placed.set(key, placed);
    placed.users += 1;
    return placed;
  }

  async #load(kind: keyof ShelfLoaders, { modelPath, threads, prefix, key }: Wanted): Promise<Placed> {
    const placed = this.#use(key); // Who came before wanted the same.
    if (placed) return placed;
    for (const other of [...this.#placed.keys()]) if (other.startsWith(prefix)) this.#retire(other);
    while (this.#placed.size >= this.#most) this.#retire([...this.#placed.keys()][0]!);
    const model = await this.#loaders[kind](modelPath, threads);
    if (this.#disposed) {
      model.dispose();
      throw new CancelledError('The models were put away');
    }
    const loaded = { model, users: 1, retired: false };
    this.#placed.set(key, loaded);
    return loaded;
  }

  #retire(key: string): void {
    const placed = this.#placed.get(key);
    this.#placed.delete(key);
    if (placed === undefined) return;
    placed.retired = true;
    if (placed.users === 0) placed.model.dispose();
  }
}

/** Changes when the model does: its description holds the hashes of all its files. */
async function stampOf(modelPath: string): Promise<string> {
  try {
    const { mtimeMs, size } = await stat(path.join(modelPath, 'model.json'));
    return `${mtimeMs} ${size}`;
  } catch {
    throw new UserError(`${modelPath}: expected a model folder with a model.json, got none; choose another model`);
  }
}

export function shelfLoaders(openRuntime: () => Promise<Runtime>): ShelfLoaders {
  const options = async (threads: number) => ({ runtime: await openRuntime(), threads, verify: true, readConfig });
  return {
    text: async (modelPath, threads) => loadTextModel(modelPath, { ...(await options(threads)), open: 'none' }),
    image: async (modelPath, threads) => loadImageModel(modelPath, await options(threads)),
  };
}
