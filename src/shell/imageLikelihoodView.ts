// What the view of an image's likelihood knows: the file, the model, the numbers as they come, and the completions. A file or a model that
// changes is scored anew; while the view is hidden that waits. Knows no editor.
import type { Disposable } from '../base/disposable.ts';
import { CancelledError, messageOf } from '../base/errors.ts';
import type { ImageFacts } from '../protocol/imageScoringMessages.ts';
import {
  type CompletionsMessage,
  type CompletionWish,
  type ImageViewMessage,
  imageViewLimits,
  type ToImageView,
} from '../protocol/imageViewMessages.ts';
import type { FromScorer } from '../protocol/scorerMessages.ts';
import type { ImageModels } from './imageModels.ts';
import { type ExportedImage, ImageScores, type ImageTotals } from './imageScores.ts';
import { completedText, factRows, noModelText, notesOf, readyText, shownName } from './imageViewTexts.ts';
import { imageText } from './modelChoice.ts';
import { countText } from './quantities.ts';
import type { ScorerClient } from './scorerClient.ts';
import type { TrainedModel } from './trainedModels.ts';

export interface ImageLikelihoodViewDeps {
  /** An absolute path; '' for what lies on no disk. */
  readonly file: string;
  readonly name: string;
  readonly models: Pick<ImageModels, 'choice'>;
  readonly scorer: Pick<ScorerClient, 'ask'>;
  readonly newSeed: () => number;
  /** False while nobody sees the view. */
  readonly visible: () => boolean;
  readonly send: (message: ToImageView) => void;
}

const noButtons: ImageViewMessage['buttons'] = [];
const again = { action: 'reload', label: 'Score Again', primary: true } as const;
const choose = { action: 'chooseModel', label: 'Choose Model...', primary: false } as const;
const train = { action: 'train', label: 'Train PixelCNN on Workspace Images', primary: true } as const;
const cancel = { action: 'cancel', label: 'Cancel', primary: false } as const;
const exports = [
  { action: 'exportCsv', label: 'Export CSV...', primary: false },
  { action: 'exportJson', label: 'Export JSON...', primary: false },
] as const;

export class ImageLikelihoodView implements Disposable {
  readonly #deps: ImageLikelihoodViewDeps;
  #version = 0;
  #state: ImageViewMessage['state'] = 'reading';
  #headline = '';
  #buttons = noButtons;
  #model: TrainedModel | undefined;
  #facts: ImageFacts | undefined;
  #totals: ImageTotals | undefined;
  #scores = new ImageScores();
  #scoring: AbortController | undefined;
  /** Something changed while nobody looked. */
  #stale = true;
  #completions: CompletionsMessage = { kind: 'completions', images: [], row: 0, busy: false, note: '' };
  #drawing: AbortController | undefined;
  #disposed = false;

  constructor(deps: ImageLikelihoodViewDeps) {
    this.#deps = deps;
  }

  /** What can be exported; undefined while there is nothing whole. */
  get scored(): ExportedImage | undefined {
    const [facts, totals, model] = [this.#facts, this.#totals, this.#model];
    if (!facts || !totals || !model) return undefined;
    return { facts, totals, scores: this.#scores, file: this.#deps.name, model: model.name };
  }

  /** PNGs in base64. */
  get completions(): readonly string[] {
    return this.#completions.images;
  }

  /** A page that listens is told everything; between two pieces others have their turn. A piece that the page has is passed over there. */
  async tellAll(): Promise<void> {
    this.#tell();
    this.#deps.send(this.#completions);
    const version = this.#version;
    // What comes meanwhile is behind what is told, and so is told here, too.
    for (const piece of this.#scores.pieces) {
      if (this.#disposed || this.#version !== version) return;
      this.#deps.send({ kind: 'numbers', version, ...piece });
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** The view is seen: what changed meanwhile is scored. Never rejects. */
  async shown(): Promise<void> {
    await (this.#stale ? this.reload() : this.modelsChanged());
  }

  /** The file has other bytes, or is there again. Never rejects. */
  async fileChanged(): Promise<void> {
    this.#stale = true;
    if (this.#deps.visible()) await this.reload();
  }

  /** What was scored stays to be looked at. */
  fileDeleted(): void {
    this.#abort();
    this.#stale = true;
    const seen = this.#totals ? '; what is shown is how it was' : '';
    this.#become('failed', `${shownName(this.#deps.name)} was deleted${seen}`, [again]);
  }

  /** Another model was chosen, or one came or went. Never rejects. */
  async modelsChanged(): Promise<void> {
    const choice = await this.#deps.models.choice();
    const model = choice.kind === 'model' ? choice.model : undefined;
    if (this.#disposed || sameModel(model, this.#model)) return;
    this.#stale = true;
    if (this.#deps.visible()) await this.reload();
  }

  /** Never rejects. */
  async reload(): Promise<void> {
    const { file, name, models } = this.#deps;
    this.#abort();
    this.#completions = { kind: 'completions', images: [], row: 0, busy: false, note: '' };
    const controller = new AbortController();
    this.#scoring = controller;
    this.#version += 1;
    this.#stale = false;
    this.#model = undefined;
    this.#facts = undefined;
    this.#totals = undefined;
    this.#scores = new ImageScores();
    const isCurrent = () => this.#scoring === controller && !this.#disposed;
    try {
      if (file === '') {
        const reason = `${shownName(name)} lies on no disk of this machine, so it cannot be read; save it to a file first`;
        return this.#become('failed', reason, noButtons);
      }
      this.#become('reading', `Reading ${shownName(name)} ...`, [cancel]);
      this.#deps.send(this.#completions);
      const choice = await models.choice();
      if (!isCurrent()) return;
      if (choice.kind === 'none') {
        return this.#become('noModel', noModelText(choice), [train, choose]);
      }
      this.#model = choice.model;
      this.#become('reading', `Reading ${shownName(name)} ...`, [cancel]);
      const question = { kind: 'scoreImage', modelPath: choice.model.path, file } as const;
      const news = (message: FromScorer) => isCurrent() && this.#received(message);
      const { bits, pngBits, numValues } = await this.#deps.scorer.ask(question, 'imageScored', {
        signal: controller.signal,
        news,
      });
      if (!isCurrent()) return;
      if (!this.#facts || this.#scores.length !== numValues) throw new Error('The scoring process told half an image');
      this.#totals = { bits, pngBits };
      this.#become('ready', readyText(this.#facts, this.#totals), [choose, ...exports]);
    } catch (error) {
      if (!isCurrent()) return;
      if (error instanceof CancelledError) this.#become('cancelled', 'Cancelled', [again, choose]);
      else this.#become('failed', this.#problemText(error), [again, choose]);
    } finally {
      if (this.#scoring === controller) this.#scoring = undefined;
    }
  }

  cancel(): void {
    this.#scoring?.abort();
  }

  /** Keeps the rows above one and has the model draw the others; whoever asks again gives up what was not finished. Never rejects. */
  async complete({ row, count, temperature, seed }: CompletionWish): Promise<void> {
    const [model, facts] = [this.#model, this.#facts];
    if (!model || !facts || row >= facts.height) return;
    this.#drawing?.abort();
    const controller = new AbortController();
    this.#drawing = controller;
    const drawnWith = seed ?? this.#deps.newSeed();
    const isCurrent = () => this.#drawing === controller && !this.#disposed;
    const images: string[] = [];
    const tell = (busy: boolean, note: string) => {
      const shortNote = note.slice(0, imageViewLimits.textLength);
      this.#completions = { kind: 'completions', images: [...images], row, busy, note: shortNote };
      this.#deps.send(this.#completions);
    };
    const drawing = row === 0 ? 'Drawing ...' : `Completing from row ${countText(row)} ...`;
    tell(true, drawing);
    try {
      const wish = { modelPath: model.path, file: this.#deps.file, row, count, temperature, seed: drawnWith };
      const news = (message: FromScorer) => {
        if (!isCurrent() || message.kind !== 'imageCompletion') return;
        // An image comes again as it grows; the next one comes behind the last.
        if (message.index > images.length || message.index >= count) return;
        images[message.index] = message.png;
        tell(true, drawing);
      };
      const question = { kind: 'completeImage', ...wish } as const;
      await this.#deps.scorer.ask(question, 'imageCompleted', { signal: controller.signal, news });
      if (isCurrent()) tell(false, completedText(row, images.length, drawnWith));
    } catch (error) {
      if (!isCurrent()) return;
      tell(false, error instanceof CancelledError ? 'Cancelled' : messageOf(error));
    } finally {
      if (this.#drawing === controller) this.#drawing = undefined;
    }
  }

  cancelCompletions(): void {
    this.#drawing?.abort();
  }

  dispose(): void {
    this.#disposed = true;
    this.#abort();
  }

  /** Nobody waits for it any more. */
  #abort(): void {
    const [scoring, drawing] = [this.#scoring, this.#drawing];
    this.#scoring = undefined;
    this.#drawing = undefined;
    scoring?.abort();
    drawing?.abort();
  }

  #received(message: FromScorer): void {
    if (message.kind === 'imageRead') {
      const { kind: _, request: __, ...facts } = message;
      this.#facts = facts;
      this.#become('scoring', `Scoring ${shownName(this.#deps.name)} ...`, [cancel]);
    } else if (message.kind === 'imageNumbers') {
      const { kind: _, request: __, ...piece } = message;
      this.#scores.add(piece);
      this.#deps.send({ kind: 'numbers', version: this.#version, ...piece });
    }
  }

  #become(state: ImageViewMessage['state'], headline: string, buttons: ImageViewMessage['buttons']): void {
    this.#state = state;
    this.#headline = headline;
    this.#buttons = buttons;
    this.#tell();
  }

  #tell(): void {
    const [model, facts, totals] = [this.#model, this.#facts, this.#totals];
    const bounded = (text: string) => text.slice(0, imageViewLimits.textLength);
    this.#deps.send({
      kind: 'view',
      version: this.#version,
      title: bounded(shownName(this.#deps.name)),
      caption: model ? bounded(`${model.name}: ${imageText(model)}`) : '',
      state: this.#state,
      headline: bounded(this.#headline),
      notes: facts ? notesOf(facts) : [],
      facts: facts && totals ? factRows(facts, totals) : [],
      buttons: this.#buttons,
      image: facts ?? null,
    });
  }

  #problemText(error: unknown): string {
    const reason = messageOf(error);
    const { file, name } = this.#deps;
    if (/\bENOENT\b/.test(reason)) return `${shownName(name)} is not there any more`;
    return shownName(reason.replaceAll(file, name));
  }
}

function sameModel(a: TrainedModel | undefined, b: TrainedModel | undefined): boolean {
  return a?.path === b?.path && a?.changedMs === b?.changedMs && a?.name === b?.name;
}
