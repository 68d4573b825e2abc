// A sheet of images that a model draws: drawn anew, or the rest of a given image, one after the other as they come; whoever draws
// again gives up what was not finished. Knows no editor.
import path from 'node:path';
import type { Disposable } from '../base/disposable.ts';
import { CancelledError, messageOf } from '../base/errors.ts';
import { type SheetMessage, viewLimits } from '../protocol/webviewMessages.ts';
import { imageText, measuredText } from './modelChoice.ts';
import { counted, countText } from './quantities.ts';
import type { Sampler } from './samplerClient.ts';
import type { TrainedModel } from './trainedModels.ts';

export interface SheetDeps {
  readonly model: TrainedModel;
  readonly sampler: Pick<Sampler, 'images'>;
  readonly threads: () => number;
  readonly newSeed: () => number;
  readonly changed: () => void;
}

const numDrawn = 16;
const numCompleted = 8;

export class Sheet implements Disposable {
  readonly #deps: SheetDeps;
  #images: string[] = [];
  #temperature = 1;
  #note = '';
  #drawing: AbortController | undefined;

  constructor(deps: SheetDeps) {
    this.#deps = deps;
  }

  get model(): TrainedModel {
    return this.#deps.model;
  }

  /** PNGs in base64. */
  get images(): readonly string[] {
    return this.#images;
  }

  view(): SheetMessage {
    const { model } = this.#deps;
    return {
      kind: 'sheet',
      title: `Images from ${model.name}`,
      caption: `${imageText(model)}; ${measuredText(model)} on images that it did not learn from`,
      width: model.width,
      height: model.height,
      images: [...this.#images],
      temperature: this.#temperature,
      busy: this.#drawing !== undefined,
      note: this.#note.slice(0, viewLimits.textLength),
    };
  }

  /** Never rejects. */
  draw(temperature: number): Promise<void> {
    return this.#draw(temperature, null);
  }

  /** Keeps the upper half of the image in that file and draws the lower one, several times. Never rejects. */
  complete(file: string, temperature: number): Promise<void> {
    return this.#draw(temperature, file);
  }

  cancel(): void {
    this.#drawing?.abort();
  }

  dispose(): void {
    this.cancel();
  }

  async #draw(temperature: number, completes: string | null): Promise<void> {
    const { model, sampler, threads, newSeed, changed } = this.#deps;
    this.cancel();
    const controller = new AbortController();
    const seed = newSeed();
    const count = completes === null ? numDrawn : numCompleted;
    this.#drawing = controller;
    this.#temperature = temperature;
    this.#images = [];
    const what = completes === null ? 'Drawing' : `Completing ${path.basename(completes)}`;
    this.#note = `${what} ...`;
    changed();
    const isCurrent = () => this.#drawing === controller;
    try {
      const wish = { modelPath: model.path, temperature, seed, threads: threads(), count, completes };
      const received = (png: string, index: number) => {
        // An image comes again as it grows; the next one comes behind the last.
        if (!isCurrent() || index < 0 || index > this.#images.length || index >= count) return;
        this.#images[index] = png;
        changed();
      };
      await sampler.images(wish, received, controller.signal);
      if (isCurrent()) this.#note = `${drawnText(this.#images.length, completes)}, with seed ${countText(seed)}`;
    } catch (error) {
      if (isCurrent()) this.#note = error instanceof CancelledError ? 'Cancelled' : messageOf(error);
    }
    if (!isCurrent()) return;
    this.#drawing = undefined;
    changed();
  }
}

function drawnText(count: number, completes: string | null): string {
  return completes === null
    ? `${counted(count, 'image')} drawn`
    : `The upper half is ${path.basename(completes)}; ${count} ways to go on`;
}
