// How the trainer role does what it is told: surveys by the walk that reads, trials, and one run from the workspace's files to a model
// folder. The folder holds the codec and the checkpoints from the start, and `run.json`, so that a resumed run is the same run.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../base/clock.ts';
import { CancelledError, throwIfCancelled, UserError } from '../base/errors.ts';
import { imageCodec } from '../codecs/image.ts';
import { nextTurn } from '../engine/turn.ts';
import { exportModel } from '../export/exportModel.ts';
import { previewImages } from '../files/images/collectImages.ts';
import { decodeImage } from '../files/images/decodeImage.ts';
import { encodePng } from '../files/images/encodePng.ts';
import { withChannels } from '../files/images/resizeImage.ts';
import { architectures } from '../models/registry.ts';
import type { LogLevel } from '../protocol/hostMessages.ts';
import {
  type ArchitectureRow,
  checkpointQuotaBytes,
  type EstimateMessage,
  type ImageOptions,
  type SurveyMessage,
  type TrainMessage,
} from '../protocol/trainerMessages.ts';
import type { Runtime } from '../runtime/session.ts';
import { CheckpointStore } from '../train/checkpoint.ts';
import { keepToQuota } from '../train/checkpointQuota.ts';
import { cadenceOf, stepsPerMinute, type Trial, tryOut, warmupOf } from '../train/estimate.ts';
import { mostImages } from '../train/imageRows.ts';
import { DivergenceError, type TrainResult, train } from '../train/loop.ts';
import { imageRecipe, type Prepared, prepareImages, prepareText } from '../train/prepare.ts';
import { defaultPatience, optionsOf, type Preset, presetNames, presetOf } from '../train/presets.ts';
import { readTexts } from '../train/readTexts.ts';
import { recipe } from '../train/recipe.ts';
import { lockRun } from '../train/runLock.ts';
import { trainingRecord } from '../train/trainingRecord.ts';
import type { TrainBudget, TrainOptions } from '../train/trainOptions.ts';
import { heldOutBaseline } from './heldOutBaseline.ts';
import { liveModel } from './liveModel.ts';
import { type RunRecord, readRunRecord, runFileName, writeRunRecord } from './runRecord.ts';
import { makeTrainedVariants } from './trainedVariants.ts';
import type { TrainingControl, TrainingEnd, TrainingWorks } from './trainerRole.ts';
import { type Started, TrainingReporter } from './trainingReporter.ts';
import {
  type Offer,
  readImages,
  surveyed,
  surveyPictures,
  surveyTexts,
  symbolsOf,
  textReading,
} from './workspaceData.ts';

export interface WorksDependencies {
  readonly openRuntime: () => Promise<Runtime>;
  readonly clock: Clock;
  /** Of this process, now. */
  readonly memoryBytes: () => number;
  /** Tests bring smaller ones. */
  readonly presetOf?: (architecture: string, name: string) => Preset;
}

/** Bytes for each symbol of a tokenizer of that size, about: of source code and prose. */
const bytesPerPiece = 3;
const readingEveryMs = 250;
const presetLabels = { small: 'Small', medium: 'Medium', large: 'Large' } as const;

export function trainingWorks(
  dependencies: WorksDependencies,
  log: (level: LogLevel, text: string) => void,
): TrainingWorks {
  return new Works(dependencies, log);
}

/** What ends the reading of a workspace, and who is told how far it is. */
interface Reading {
  readonly signal: AbortSignal;
  readonly tell: TrainingControl['tell'];
}

class Works implements TrainingWorks {
  readonly #dependencies: WorksDependencies;
  readonly #log: (level: LogLevel, text: string) => void;
  readonly #presetOf: (architecture: string, name: string) => Preset;
  #offer: Offer | undefined;
  /** Of the sizes that were tried out, by what they are. */
  readonly #trials = new Map<string, Trial>();

  constructor(dependencies: WorksDependencies, log: (level: LogLevel, text: string) => void) {
    this.#dependencies = dependencies;
    this.#log = log;
    this.#presetOf = dependencies.presetOf ?? presetOf;
  }

  architectures(): ArchitectureRow[] {
    const presets = presetNames.map((name) => ({ name, label: presetLabels[name] }));
    return [...architectures.values()].flatMap(({ name, title, consumes }) =>
      consumes === 'audio' ? [] : [{ name, title, eats: consumes, presets }],
    );
  }

  async survey({ eats, roots }: SurveyMessage, signal: AbortSignal, tell: TrainingControl['tell']) {
    await this.#openFirst();
    const onProgress = this.#telling(tell);
    const offer = await (eats === 'text'
      ? surveyTexts(roots, signal, { ...textReading, onProgress })
      : surveyPictures(roots, signal, onProgress));
    this.#offer = offer;
    return offer.surveyed;
  }

  async preview(image: ImageOptions, count: number, signal: AbortSignal): Promise<string[]> {
    const files = surveyed(this.#offer).previewFiles.slice(0, count);
    const images = await previewImages(files, image, signal);
    return Promise.all(images.map(async (png) => Buffer.from(await quantized(png, image)).toString('base64')));
  }

  async estimate(wish: EstimateMessage, signal: AbortSignal) {
    const { surveyed: told, counter } = surveyed(this.#offer);
    const preset = this.#presetOf(wish.architecture, wish.preset);
    const numFiles = wish.image ? Math.min(told.numFiles, mostImages(wish.image)) : told.numFiles;
    let numSymbols: number;
    let shape: Pick<Prepared, 'architecture' | 'config' | 'time'>;
    if (wish.image) {
      const codec = imageCodec(wish.image);
      shape = imageRecipe(wish.architecture, preset.config, codec);
      numSymbols = numFiles * shape.time;
    } else {
      const counted = symbolsOf(counter);
      const isPieces = preset.codec === 'bpe';
      const vocabulary = isPieces
        ? { ...counted.codec.vocabulary, size: preset.vocabularySize }
        : counted.codec.vocabulary;
      shape = recipe(wish.architecture, preset.config, { vocabulary }, preset.time);
      numSymbols = isPieces ? told.bytes / bytesPerPiece : counted.numSymbols;
    }
    const trial = await this.#tryOut(preset, shape, wish.threads, signal);
    return {
      numFiles,
      secondsPerStep: trial.msPerStep / 1000,
      stepsPerMinute: stepsPerMinute(trial.msPerStep),
      stepsPerPass: numSymbols / (preset.batch * shape.time),
      // The data is kept in memory: two bytes for a symbol of text, one for a value.
      memoryBytes: Math.round(trial.memoryBytes + numSymbols * (wish.image ? 1 : 2)),
      numParameters: trial.numParameters,
    };
  }

  async train(wish: TrainMessage, control: TrainingControl): Promise<TrainingEnd> {
    await this.#openFirst();
    const unlock = await lockRun(wish.modelPath);
    try {
      return await this.#trainLocked(wish, control);
    } catch (error) {
      if (!(error instanceof DivergenceError)) throw error;
      this.#log('warning', error.message);
      return { kind: 'failed', reason: `at step ${error.step} the loss was no number any more`, diverged: true };
    } finally {
      await unlock();
    }
  }

  async #trainLocked(wish: TrainMessage, control: TrainingControl): Promise<TrainingEnd> {
    const { modelPath, threads } = wish;
    const { removed } = await keepToQuota(path.dirname(modelPath), checkpointQuotaBytes);
    if (removed.length > 0) this.#log('info', `Above the quota of checkpoints, removed ${removed.join(', ')}`);
    const checkpoints = new CheckpointStore(path.join(modelPath, 'checkpoints'));
    const [reached] = await checkpoints.steps();
    const resume = wish.resume && reached !== undefined;
    const budget: TrainBudget = wish.minutes === null ? { untilStopped: true } : { minutes: wish.minutes };
    // What is resumed to be kept is read all the same: it is measured once more.
    const signal = resume ? control.pause : AbortSignal.any([control.pause, control.finish]);
    let beginning: { readonly prepared: Prepared; readonly record: RunRecord };
    try {
      throwIfCancelled(signal);
      beginning = await this.#begin(wish, budget, resume, { signal, tell: control.tell });
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error;
      if (!control.pause.aborted) throw nothingLearnt();
      return { kind: 'paused', step: reached ?? 0 };
    }
    const { prepared, record } = beginning;
    const { preset, validateEverySteps, checkpointEverySteps } = record;
    const options: TrainOptions = {
      ...optionsOf(preset),
      ...{ architecture: prepared.architecture, config: prepared.config, data: prepared.data, time: prepared.time },
      ...{ validateEverySteps, checkpointEverySteps, patience: defaultPatience },
      ...{ checkpoints, resume, budget, seed: wish.seed, threads },
    };
    const baseline = await heldOutBaseline(prepared, options.batch);
    if (baseline) control.tell({ kind: 'baseline', ...baseline });
    const result = await this.#run(options, prepared, control);
    if (result.reason === 'stopped') return { kind: 'paused', step: result.step };
    if (result.bestStep === 0) throw nothingLearnt();
    const { unit } = prepared.data;
    await exportModel(modelPath, {
      architecture: prepared.architecture,
      config: prepared.config,
      codec: prepared.codec,
      parameters: result.memory.tensors('parameters'),
      provenance: {
        data: dataOf(wish),
        workspace: wish.workspace,
        ...(result.bits !== null && { validation: `${unit === 'byte' ? 'files' : 'images'} of it, held out` }),
        ...trainingRecord(options, result),
      },
      bitsPerByte: unit === 'byte' ? result.bits : null,
      ...(unit === 'dimension' && result.bits !== null && { bitsPerDimension: result.bits }),
    });
    // What serves needs no checkpoints, and they are five times its size.
    await rm(path.join(modelPath, 'checkpoints'), { recursive: true, force: true });
    await rm(path.join(modelPath, runFileName), { force: true });
    const runtime = await this.#dependencies.openRuntime();
    await makeTrainedVariants(modelPath, prepared, { runtime, threads, batch: options.batch, log: this.#log });
    const reason = result.reason === 'kept' ? 'stopped' : result.reason;
    return { kind: 'done', reason, bits: result.bits, bestStep: result.bestStep };
  }

  /** Reads the workspace; how the run is made is decided once, by today's sizes and the clock. @throws CancelledError */
  async #begin(wish: TrainMessage, budget: TrainBudget, resume: boolean, reading: Reading) {
    const { modelPath, workspace, threads } = wish;
    if (resume) {
      const record = await readRunRecord(modelPath);
      return { prepared: await this.#prepare(wish, record.preset, resume, reading), record };
    }
    const preset = this.#presetOf(wish.architecture, wish.preset);
    const prepared = await this.#prepare(wish, preset, resume, reading);
    const { msPerStep } = await this.#tryOut(preset, prepared, threads, reading.signal);
    const warmupSteps = warmupOf(budget, msPerStep, preset.warmupSteps);
    const config = prepared.config as Preset['config'];
    const record: RunRecord = {
      ...cadenceOf(budget, msPerStep),
      preset: { ...preset, config, time: prepared.time, warmupSteps },
      workspace,
    };
    await writeRunRecord(modelPath, record);
    return { prepared, record };
  }

  /** Before any file is read (openNativeRuntime says why). What is wrong with it is told when it is needed. */
  async #openFirst(): Promise<void> {
    await this.#dependencies.openRuntime().catch(() => undefined);
  }

  async #run(options: TrainOptions, prepared: Prepared, control: TrainingControl): Promise<TrainResult> {
    const { clock, openRuntime, memoryBytes } = this.#dependencies;
    const runtime = await openRuntime();
    const reporter = new TrainingReporter(options, clock, memoryBytes, control);
    try {
      return await train(options, {
        runtime,
        now: () => clock.now(),
        onBegin: ({ step, memory }) => {
          const parameters = memory.tensors('parameters');
          reporter.begun(step, symbolsIn(prepared.codec), liveModel(runtime, prepared, parameters, options.threads));
        },
        onEvent: (event, progress) => reporter.event(event, progress),
        onWarning: (text) => reporter.warning(text),
        betweenSteps: async (step) => {
          await nextTurn();
          await reporter.betweenSteps(step);
        },
        signal: control.pause,
        finish: control.finish,
      });
    } finally {
      reporter.dispose();
    }
  }

  async #prepare(wish: TrainMessage, preset: Preset, resume: boolean, reading: Reading): Promise<Prepared> {
    const { signal } = reading;
    const onProgress = this.#telling(reading.tell);
    const { architecture, roots, modelPath: dir, image } = wish;
    const { config, codec, vocabularySize, time } = preset;
    if (image) {
      const images = await readImages(roots, image, signal, onProgress);
      const { levels, rule } = image;
      return prepareImages({ architecture, config, dir, levels, rule, binarization: 'none', images });
    }
    return prepareText(
      {
        architecture,
        config,
        dir,
        codec,
        vocabularySize,
        time,
        resume,
        texts: () => readTexts(roots, { ...textReading, onProgress, signal }),
      },
      (line) => this.#log('info', line),
    );
  }

  /** How far the reading is, a few times a second. */
  #telling(tell: TrainingControl['tell']): (done: number, total: number) => void {
    const { clock } = this.#dependencies;
    let toldAt = clock.now();
    return (done, total) => {
      const now = clock.now();
      if (now - toldAt < readingEveryMs) return;
      toldAt = now;
      tell({ kind: 'reading', done, total });
    };
  }

  async #tryOut(
    preset: Preset,
    { architecture, config, time }: Pick<Prepared, 'architecture' | 'config' | 'time'>,
    threads: number,
    signal: AbortSignal,
  ): Promise<Trial> {
    const key = JSON.stringify([architecture.name, config, time, threads]);
    const known = this.#trials.get(key);
    if (known) return known;
    const { openRuntime, clock, memoryBytes } = this.#dependencies;
    const options = { architecture, config, time, threads, ...optionsOf(preset) };
    const now = () => clock.now();
    const trial = await tryOut(options, { runtime: await openRuntime(), now, memoryBytes, nextTurn, signal });
    this.#trials.set(key, trial);
    return trial;
  }
}

/** In the levels that will be learnt. */
async function quantized(png: Uint8Array, image: ImageOptions): Promise<Uint8Array> {
  if (image.levels === 256) return png;
  const codec = imageCodec(image);
  return encodePng(codec.decode(codec.encode(withChannels(await decodeImage(png), image.channels))));
}

/** No paths: a model is given away, and they tell of the person. */
function dataOf({ workspace, eats }: TrainMessage): string {
  return `${eats === 'text' ? 'The text' : 'The images'} of the workspace "${workspace.name}"`;
}

function symbolsIn({ kind }: Prepared['codec']): Started['symbols'] {
  return kind === 'image' ? 'values' : kind === 'bpe' ? 'tokens' : kind === 'bytes' ? 'bytes' : 'characters';
}

function nothingLearnt(): UserError {
  return new UserError('The training has learnt nothing yet, so there is nothing to keep; start it again');
}
