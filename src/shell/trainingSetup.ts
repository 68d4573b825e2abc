// The choices before a training, and what the training process says about them: what it would read, how images would look, what
// a step costs. An answer to choices that have changed meanwhile is passed over.
import { CancelledError, messageOf } from '../base/errors.ts';
import type {
  ArchitectureRow,
  EstimatedMessage,
  ImageOptions,
  SurveyedMessage,
  TrainMessage,
} from '../protocol/trainerMessages.ts';
import {
  type Fact,
  type ImageChoices,
  levelChoices,
  type SetupMessage,
  type SurveyView,
  type TrainingChoices,
  viewLimits,
} from '../protocol/webviewMessages.ts';
import { counted, countText, doneText, secondsText, sizeText } from './quantities.ts';
import { reasonText } from './reasonTexts.ts';
import type { WorkspaceQuestions } from './trainingProcess.ts';

export interface SetupOptions {
  /** Such as `Train CharRNN on "demo"`. */
  readonly title: string;
  readonly architecture: ArchitectureRow;
  readonly source: Pick<TrainMessage, 'eats' | 'roots'>;
  readonly threads: number;
  /** Worth knowing beside the survey, such as folders that cannot be read; empty: nothing. */
  readonly remark: string;
  readonly trainer: WorkspaceQuestions;
  readonly changed: () => void;
}

const numPreviews = 12;
const defaultImage: ImageChoices = { width: 28, height: 28, channels: 3, levels: 256, rule: 'crop' };
/** Of squares. */
const sides = [8, 12, 16, 20, 24, 28, 32, 48, 64];

interface Progress {
  readonly done: number;
  readonly total: number;
}

type Size = Pick<ImageOptions, 'width' | 'height'>;

export class TrainingSetup {
  readonly #options: SetupOptions;
  #choices: TrainingChoices;
  #survey: SurveyedMessage | undefined;
  #estimate: EstimatedMessage | undefined;
  #preview: readonly string[] = [];
  #problem = '';
  #reading: Progress | undefined;
  #asked = 0;

  constructor(options: SetupOptions) {
    this.#options = options;
    const { presets, eats } = options.architecture;
    const preset = presets.find(({ name }) => name === 'small') ?? presets[0];
    this.#choices = {
      minutes: 10,
      preset: preset?.name ?? '',
      seed: 1,
      image: eats === 'image' ? defaultImage : null,
    };
  }

  get choices(): TrainingChoices {
    return this.#choices;
  }

  get canStart(): boolean {
    return this.#survey !== undefined && this.#survey.problem === '';
  }

  /** Looks at the workspace and tries the first choices. Never rejects. */
  async begin(): Promise<void> {
    const { trainer, source, changed } = this.#options;
    try {
      this.#survey = await trainer.survey(source);
      const { suggested } = this.#survey;
      if (suggested && this.#choices.image) this.#choices = { ...this.#choices, image: choicesOf(suggested) };
    } catch (error) {
      this.#problem = messageOf(error);
    }
    changed();
    if (this.canStart) await this.#try();
  }

  reading(progress: Progress): void {
    this.#reading = progress;
    if (!this.#survey) this.#options.changed();
  }

  /** Never rejects. */
  async choose(choices: TrainingChoices): Promise<void> {
    const { presets } = this.#options.architecture;
    const known = presets.some(({ name }) => name === choices.preset) ? choices.preset : this.#choices.preset;
    // Whether it is about images is not for a page to choose.
    const image = this.#choices.image === null ? null : this.#offered(choices.image ?? this.#choices.image);
    const before = this.#choices;
    this.#choices = { ...choices, preset: known, image };
    this.#options.changed();
    const same = before.preset === known && JSON.stringify(before.image) === JSON.stringify(image);
    if (!same && this.canStart) await this.#try();
  }

  view(): SetupMessage {
    const { title, architecture } = this.#options;
    return {
      kind: 'setup',
      title,
      survey: this.#survey ? surveyView(this.#survey) : null,
      choices: this.#choices,
      presets: architecture.presets.map(({ name, label }) => ({ name, label })),
      sizes: this.#sizes(),
      estimate: this.#survey && this.#estimate ? estimateFacts(this.#estimate, this.#survey, this.#choices) : [],
      note: this.#note().slice(0, viewLimits.textLength),
      preview: [...this.#preview],
      canStart: this.canStart,
    };
  }

  /** Squares, and the size that the images have anyway. */
  #sizes(): SetupMessage['sizes'] {
    if (this.#choices.image === null) return [];
    const squares = sides.map((side) => ({ width: side, height: side, label: `${side} x ${side}` }));
    const { suggested } = this.#survey ?? {};
    if (!suggested || squares.some((one) => isSize(one, suggested))) return squares;
    const { width, height } = suggested;
    return [{ width, height, label: `${width} x ${height}, as they are` }, ...squares];
  }

  #offered(image: ImageChoices): ImageChoices {
    const { width, height } = this.#choices.image ?? image;
    return this.#sizes().some((one) => isSize(one, image)) ? image : { ...image, width, height };
  }

  #note(): string {
    if (this.#problem !== '') return this.#problem;
    if (this.#survey === undefined) return `Looking at what there is to learn from${doneText(this.#reading)} ...`;
    if (this.#survey.problem !== '') return this.#survey.problem;
    if (this.#estimate === undefined) return 'Trying a few steps, to tell how long they take ...';
    const remark = this.#options.remark;
    return remark === '' ? 'Ready. Nothing leaves this machine.' : `Ready. ${remark}`;
  }

  /** Both at once; the process answers one after the other. */
  async #try(): Promise<void> {
    const { trainer, threads, architecture, changed } = this.#options;
    const asked = ++this.#asked;
    const { preset, image } = this.#choices;
    this.#estimate = undefined;
    this.#problem = '';
    changed();
    const preview = async () => {
      if (image === null) return;
      const images = await trainer.preview(image, numPreviews);
      if (asked === this.#asked) this.#preview = images;
      changed();
    };
    const estimate = async () => {
      const wish = { architecture: architecture.name, preset, threads, image };
      const estimated = await trainer.estimate(wish);
      if (asked === this.#asked) this.#estimate = estimated;
    };
    try {
      await Promise.all([preview(), estimate()]);
    } catch (error) {
      // Without an estimate one may begin all the same.
      if (asked === this.#asked && !(error instanceof CancelledError)) this.#problem = messageOf(error);
    }
    if (asked === this.#asked) changed();
  }
}

/** What suits the images, in levels that can be chosen. */
function choicesOf(suggested: ImageOptions): ImageChoices {
  const distance = (levels: number) => Math.abs(levels - suggested.levels);
  const levels = levelChoices.reduce((best, one) => (distance(one) < distance(best) ? one : best));
  return { ...suggested, levels };
}

function isSize(one: Size, other: Size): boolean {
  return one.width === other.width && one.height === other.height;
}

function surveyView({ numFiles, bytes, partial, heldOut, read, leftOut, suggested }: SurveyedMessage): SurveyView {
  const what = suggested === null ? 'file' : 'image';
  return {
    summary:
      `Reads ${partial ? 'the first ' : ''}${counted(numFiles, what)}, ${sizeText(bytes)}. ` +
      (partial ? 'There are more than a training takes: exclude folders to choose others. ' : '') +
      (heldOut
        ? 'Some of it is held out, to measure with.'
        : 'It is too little to hold some out: how well the model gets is not measured.'),
    read: read.map((row) => ({ label: row.label, numFiles: row.numFiles, size: sizeText(row.bytes) })),
    leftOut: leftOut.map(({ reason, numFiles: number, examples }) => ({
      reason: reasonText(reason),
      numFiles: number,
      examples,
    })),
  };
}

/** Honest about what it rests on: a few steps, taken now. */
export function estimateFacts(
  estimate: EstimatedMessage,
  survey: Pick<SurveyedMessage, 'numFiles'>,
  { minutes, image }: TrainingChoices,
): Fact[] {
  const { numFiles, secondsPerStep, stepsPerMinute, stepsPerPass, memoryBytes, numParameters } = estimate;
  const facts: Fact[] = [];
  if (numFiles < survey.numFiles) {
    const value = `the first ${counted(numFiles, 'image')}; of this size no more fit in memory`;
    facts.push({ label: 'Learns from', value });
  }
  facts.push({ label: 'A step takes', value: secondsText(secondsPerStep) });
  if (minutes !== null) {
    const numSteps = minutes * stepsPerMinute;
    const passes = stepsPerPass > 0 ? numSteps / stepsPerPass : 0;
    facts.push({ label: `In ${minutes} minutes`, value: `about ${countText(roundedTo2(numSteps))} steps` });
    facts.push({ label: `Each ${image ? 'image' : 'file'} is seen`, value: passesText(passes) });
  } else if (stepsPerPass > 0) {
    facts.push({ label: 'Once through', value: `${countText(roundedTo2(stepsPerPass))} steps` });
  }
  facts.push({ label: 'Memory', value: `about ${sizeText(memoryBytes)}` });
  facts.push({ label: 'Parameters', value: parametersText(numParameters) });
  return facts;
}

function passesText(passes: number): string {
  if (passes < 0.95) return `in part: ${Math.max(1, Math.round(passes * 100))} % of all`;
  return passes < 1.5 ? 'once' : `about ${countText(roundedTo2(passes))} times`;
}

function parametersText(count: number): string {
  return count < 1e5 ? countText(count) : `${(count / 1e6).toFixed(1)} million`;
}

/** An estimate claims no more digits than it has. */
function roundedTo2(value: number): number {
  return value < 10 ? Math.round(value) : Number(value.toPrecision(2));
}
