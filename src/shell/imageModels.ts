// Which model tells the likelihood of images: the one that was chosen for that in this workspace, otherwise the newest that learnt from
// its images. Knows no editor.
import type { Disposable } from '../base/disposable.ts';
import { UserError } from '../base/errors.ts';
import { homeOf } from './modelChoice.ts';
import type { TrainedModel } from './trainedModels.ts';
import type { WorkspaceIdentity } from './trainingPlace.ts';
import type { WorkspaceMemory } from './workspaceMemory.ts';

export interface ImageModelsDeps {
  readonly models: { list(): Promise<TrainedModel[]>; read(folder: string): Promise<TrainedModel | undefined> };
  readonly memory: Pick<WorkspaceMemory, 'imageModel' | 'chooseImageModel'>;
  readonly workspace: () => WorkspaceIdentity;
}

/** What there is to score with. */
export type ImageModelChoice =
  | { readonly kind: 'model'; readonly model: TrainedModel }
  /** `others`: models that learnt elsewhere, which are taken only when somebody says so. */
  | { readonly kind: 'none'; readonly gone: boolean; readonly others: number };

export class ImageModels {
  readonly #deps: ImageModelsDeps;
  readonly #listeners = new Set<() => void>();

  constructor(deps: ImageModelsDeps) {
    this.#deps = deps;
  }

  async choice(): Promise<ImageModelChoice> {
    const { models, memory, workspace } = this.#deps;
    const { imageModel } = memory;
    const chosen = imageModel === undefined ? undefined : await models.read(imageModel);
    if (chosen?.eats === 'image') return { kind: 'model', model: chosen };
    const all = await this.list();
    const here = workspace();
    const [home] = all.filter((model) => homeOf(model, here) === 'here');
    if (home !== undefined) return { kind: 'model', model: home };
    return { kind: 'none', gone: imageModel !== undefined, others: all.length };
  }

  /** The newest first. */
  async list(): Promise<TrainedModel[]> {
    return (await this.#deps.models.list()).filter(({ eats }) => eats === 'image');
  }

  /** @throws UserError when the folder holds no model of images. */
  async read(folder: string): Promise<TrainedModel> {
    const model = await this.#deps.models.read(folder);
    if (model?.eats === 'image') return model;
    const got = model ? 'one of text' : 'none that can be read';
    throw new UserError(
      `${folder}: expected a model of images, got ${got}; choose a folder with the model.json of one`,
    );
  }

  async choose(folder: string): Promise<void> {
    await this.#deps.memory.chooseImageModel(folder);
    this.changed();
  }

  /** Another model may be meant: one was chosen, or came, or went. */
  changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  /** The caller disposes of it. */
  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }
}
