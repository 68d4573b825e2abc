// One training as the shell remembers it, of bounded size however long it lasts, and how the view shows it. The view keeps
// nothing: whatever it is told is made here.
import type { TrainingNews } from '../protocol/trainerMessages.ts';
import type { Fact, RunMessage, RunState, Sample, SamplesMessage } from '../protocol/webviewMessages.ts';
import { viewLimits } from '../protocol/webviewMessages.ts';
import { BoundedCurve } from './boundedCurve.ts';
import type { Curves } from './curveFeed.ts';
import {
  aboutText,
  bitsText,
  comparedText,
  countText,
  doneText,
  elapsedText,
  sizeText,
  unitText,
} from './quantities.ts';
import { type Remedy, runButtons } from './runButtons.ts';

export interface RunDescription {
  /** Such as `CharRNN on "demo"`. */
  readonly title: string;
  readonly eats: 'text' | 'image';
  readonly channels: number;
}

export interface StepFacts {
  readonly step: number;
  readonly lossNats: number;
  readonly symbolsPerSecond: number;
  readonly elapsedMs: number;
  /** Null: until stopped, or not known yet. */
  readonly remainingMs: number | null;
  /** How often what is learnt from was seen. */
  readonly passes: number | null;
  readonly memoryBytes: number | null;
}

export interface Measurement {
  readonly step: number;
  readonly lossNats: number;
  readonly bits: number;
}

export interface RunEnding {
  readonly reason: 'completed' | 'converged' | 'stopped';
  readonly bits: number | null;
  readonly bestStep: number;
}

interface Baseline {
  readonly name: string;
  readonly bits: number;
}

export class TrainingRun {
  readonly description: RunDescription;
  state: RunState = 'starting';
  /** What is worth knowing beside its state, such as that the disk is full; empty: nothing. */
  note = '';
  /** How far the reading is before the first step. */
  reading: { readonly done: number; readonly total: number } | undefined;
  /** 0: there is none yet. */
  checkpointStep = 0;
  #step: StepFacts | undefined;
  #last: Measurement | undefined;
  #best: Measurement | undefined;
  #ending: RunEnding | undefined;
  readonly #baselines: Baseline[] = [];
  /** The losses of training in nats, and what was measured in the unit that is shown. */
  readonly curves: Curves = {
    training: new BoundedCurve(viewLimits.curvePoints),
    validation: new BoundedCurve(viewLimits.curvePoints),
  };
  #samples: Sample[] = [];
  #symbols: string | undefined;
  #isMeasured = true;
  #failure = '';
  #remedy: Remedy = 'nothing';

  constructor(description: RunDescription) {
    this.description = description;
  }

  get bits(): number | undefined {
    return this.#ending?.bits ?? this.#best?.bits;
  }

  /** What happens while it goes on. */
  receive(event: TrainingNews): void {
    switch (event.kind) {
      case 'reading':
        this.reading = event;
        break;
      case 'started':
        this.#started(event);
        break;
      case 'step':
        this.#stepped(event);
        break;
      case 'validation':
        this.#measured(event);
        break;
      case 'baseline':
        this.#compared(event);
        break;
      case 'checkpoint':
        this.checkpointStep = event.step;
        this.note = '';
        break;
      case 'textSample':
        this.#sampled({ step: event.step, type: 'text', text: event.text });
        break;
      case 'imageSample':
        this.#sampled({ step: event.step, type: 'image', png: event.png });
        break;
      case 'warning':
        this.note = event.text;
        break;
      default:
        event satisfies never;
    }
  }

  /** What was told of later steps is taken back: they come again. */
  #started({ resumedStep: step, symbols, measured }: Extract<TrainingNews, { kind: 'started' }>): void {
    if (this.state === 'starting') this.state = 'running';
    this.reading = undefined;
    this.#symbols = symbols;
    this.#isMeasured = measured;
    this.checkpointStep = step;
    this.curves.training.cutBack(step);
    this.curves.validation.cutBack(step);
    const isLater = (one: { readonly step: number } | undefined) => one !== undefined && one.step > step;
    if (isLater(this.#step)) this.#step = undefined;
    if (isLater(this.#last)) this.#last = undefined;
    if (isLater(this.#best)) this.#best = undefined;
  }

  #stepped(facts: StepFacts): void {
    this.#step = facts;
    this.curves.training.add(facts.step, facts.lossNats);
  }

  #measured(measurement: Measurement): void {
    this.#last = measurement;
    if (!this.#best || measurement.bits < this.#best.bits) this.#best = measurement;
    this.curves.validation.add(measurement.step, measurement.bits);
  }

  #compared(baseline: Baseline): void {
    const known = this.#baselines.findIndex(({ name }) => name === baseline.name);
    if (known >= 0) this.#baselines[known] = baseline;
    else if (this.#baselines.length < 4) this.#baselines.push(baseline);
  }

  #sampled(sample: Sample): void {
    const bounded =
      sample.type === 'text' ? { ...sample, text: sample.text.slice(0, viewLimits.sampleLength) } : sample;
    this.#samples = [bounded, ...this.#samples].slice(0, viewLimits.samples);
  }

  ended(ending: RunEnding): void {
    this.#ending = ending;
    this.state = 'done';
  }

  failed(reason: string, remedy: Remedy): void {
    this.#failure = reason;
    this.#remedy = remedy;
    this.state = 'failed';
  }

  /** For the progress item: short, and changing. */
  progressText(): string {
    if (this.#step === undefined)
      return this.state === 'starting' ? `reading the workspace${doneText(this.reading)}` : this.state;
    const bits = this.#best ? `, ${bitsText(this.#best.bits)} ${this.#unit}` : '';
    return `step ${countText(this.#step.step)}${bits}${this.#remaining(', ')}`;
  }

  progress(): number | null {
    if (this.state === 'done') return 1;
    if (this.#step === undefined) return null;
    const { elapsedMs, remainingMs } = this.#step;
    return remainingMs === null ? null : Math.min(1, elapsedMs / Math.max(1, elapsedMs + remainingMs));
  }

  view(): RunMessage {
    // What a nat of the loss is in the unit that is shown: the loss is per symbol, the measurements are per byte or pixel.
    const scale = this.#last && this.#last.lossNats > 0 ? this.#last.bits / this.#last.lossNats : 1 / Math.LN2;
    return {
      kind: 'run',
      title: this.description.title,
      state: this.state,
      headline: this.#headline().slice(0, viewLimits.textLength),
      note: this.note.slice(0, viewLimits.textLength),
      progress: this.progress() ?? (this.reading ? this.reading.done / Math.max(1, this.reading.total) : null),
      facts: this.#facts(),
      unit: this.#unit,
      trainingScale: scale,
      baselines: this.#baselines.map(({ name, bits }) => ({ label: name, value: bits })),
      buttons: runButtons({
        ...{ state: this.state, eats: this.description.eats, remedy: this.#remedy },
        hasCheckpoint: this.checkpointStep > 0,
      }),
    };
  }

  samplesView(): SamplesMessage {
    return { kind: 'samples', samples: this.#samples };
  }

  get #unit(): string {
    return unitText(this.description.eats === 'text' ? 'byte' : 'dimension', this.description.channels);
  }

  #headline(): string {
    const where = this.description.eats === 'text' ? 'files' : 'images';
    const measured = (bits: number) => {
      const [baseline] = this.#baselines;
      const compared = baseline ? `, ${comparedText(bits, baseline)}` : '';
      return `${bitsText(bits)} ${this.#unit} on ${where} that it does not learn from${compared}`;
    };
    switch (this.state) {
      case 'starting':
        return this.reading
          ? `Reading the workspace${doneText(this.reading)}`
          : 'Reading the workspace and preparing the model';
      case 'running':
        return this.#last
          ? `Step ${countText(this.#last.step)}: ${measured(this.#last.bits)}`
          : this.#isMeasured
            ? `Learning; the first measurement on ${where} held out comes soon`
            : `Learning; nothing is held out, so how good it gets is not measured`;
      case 'pausing':
        return 'Pausing';
      case 'paused':
        return this.checkpointStep > 0
          ? `Paused at step ${countText(this.checkpointStep)}. The checkpoint is on disk; Resume goes on from it`
          : 'Paused before the first checkpoint; Resume begins anew';
      case 'stopping':
        return 'Stopping: keeping the best model';
      case 'failed':
        return `The training ended: ${this.#failure}${this.#kept}`;
      case 'done': {
        const how = {
          completed: 'Finished',
          converged: 'Finished by itself, since it no longer got better on what it does not learn from',
          stopped: 'Stopped and kept',
        }[this.#ending?.reason ?? 'completed'];
        const bits = this.bits;
        return bits === undefined ? `${how}. Nothing was held out to measure it with` : `${how}: ${measured(bits)}`;
      }
    }
  }

  get #kept(): string {
    const { checkpointStep } = this;
    return checkpointStep > 0 ? `. What it had learnt by step ${countText(checkpointStep)} is on disk` : '';
  }

  #remaining(before: string): string {
    const remainingMs = this.#step?.remainingMs ?? null;
    return remainingMs === null || this.state !== 'running' ? '' : `${before}${aboutText(remainingMs)} left`;
  }

  #facts(): Fact[] {
    const facts: Fact[] = [];
    const fact = (label: string, value: string | undefined) => value !== undefined && facts.push({ label, value });
    const { bits } = this;
    if (this.#isMeasured) {
      fact(`${capitalized(this.#unit)}, held out`, bits === undefined ? 'not measured yet' : bitsText(bits));
      const { eats, channels } = this.description;
      if (bits !== undefined && eats === 'image' && channels > 1) fact('Bits per pixel', bitsText(bits * channels));
    }
    for (const baseline of this.#baselines) fact(`${baseline.name} on the same`, bitsText(baseline.bits));
    const step = this.#step;
    if (step) {
      const passes = step.passes === null ? '' : `, ${step.passes.toFixed(1)} times through`;
      fact('Steps', `${countText(step.step)}${passes}`);
      if (this.state === 'running')
        fact('Speed', `${countText(step.symbolsPerSecond)} ${this.#symbols ?? 'symbols'}/s`);
      if (this.state === 'running' && step.remainingMs !== null) fact('Time left', aboutText(step.remainingMs));
      fact('Time', elapsedText(step.elapsedMs));
      if (step.memoryBytes !== null) fact('Memory', sizeText(step.memoryBytes));
    }
    const best = this.#ending?.bestStep ?? this.#best?.step;
    if (best !== undefined) fact('Best so far', `step ${countText(best)}`);
    return facts;
  }
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
