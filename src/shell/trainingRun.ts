// One training as the shell remembers it, of bounded size however long it lasts, and how the view shows it. The view keeps
// nothing: whatever it is told is made here.
import type {
  Fact,
  RunMessage,
  RunState,
  Sample,
  SamplesMessage,
  TrainingAction,
} from '../protocol/webviewMessages.ts';
import { viewLimits } from '../protocol/webviewMessages.ts';
import { BoundedCurve } from './boundedCurve.ts';
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

const shownPoints = 400;
const button = (action: TrainingAction, label: string, primary = false) => ({ action, label, primary });

export class TrainingRun {
  readonly description: RunDescription;
  state: RunState = 'starting';
  /** Why it failed, or what is worth knowing beside its state. */
  note = '';
  /** How far the reading is before the first step. */
  reading: { readonly done: number; readonly total: number } | undefined;
  #step: StepFacts | undefined;
  #last: Measurement | undefined;
  #best: Measurement | undefined;
  #ending: RunEnding | undefined;
  readonly #baselines: Baseline[] = [];
  readonly #trainingNats = new BoundedCurve(shownPoints);
  readonly #validation = new BoundedCurve(shownPoints);
  #samples: Sample[] = [];
  readonly #firstStep: number;
  #canResume = false;
  #symbols: string | undefined;
  #measured = true;

  /** `firstStep`: where its checkpoint stands, of one that goes on. */
  constructor(description: RunDescription, firstStep = 0) {
    this.description = description;
    this.#firstStep = firstStep;
  }

  get step(): number {
    return this.#step?.step ?? this.#firstStep;
  }

  get bits(): number | undefined {
    return this.#ending?.bits ?? this.#best?.bits;
  }

  started({ symbols, measured }: { readonly symbols: string; readonly measured: boolean }): void {
    this.reading = undefined;
    this.#symbols = symbols;
    this.#measured = measured;
  }

  stepped(facts: StepFacts): void {
    this.#step = facts;
    this.#trainingNats.add(facts.step, facts.lossNats);
  }

  measured(measurement: Measurement): void {
    this.#last = measurement;
    if (!this.#best || measurement.bits < this.#best.bits) this.#best = measurement;
    this.#validation.add(measurement.step, measurement.bits);
  }

  compared(baseline: Baseline): void {
    const known = this.#baselines.findIndex(({ name }) => name === baseline.name);
    if (known >= 0) this.#baselines[known] = baseline;
    else if (this.#baselines.length < 4) this.#baselines.push(baseline);
  }

  sampled(sample: Sample): void {
    const bounded =
      sample.type === 'text' ? { ...sample, text: sample.text.slice(0, viewLimits.sampleLength) } : sample;
    this.#samples = [bounded, ...this.#samples].slice(0, viewLimits.samples);
  }

  ended(ending: RunEnding): void {
    this.#ending = ending;
    this.state = 'done';
  }

  failed(reason: string, canResume = false): void {
    this.note = reason;
    this.#canResume = canResume;
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
      progress: this.progress() ?? (this.reading ? this.reading.done / Math.max(1, this.reading.total) : null),
      facts: this.#facts(),
      unit: this.#unit,
      training: this.#trainingNats.points(scale),
      validation: this.#validation.points(),
      baselines: this.#baselines.map(({ name, bits }) => ({ label: name, value: bits })),
      buttons: this.#buttons(),
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
          ? `Step ${countText(this.#last.step)}: ${measured(this.#last.bits)}${this.#noted()}`
          : this.#measured
            ? `Learning; the first measurement on ${where} held out comes soon${this.#noted()}`
            : `Learning; nothing is held out, so how good it gets is not measured${this.#noted()}`;
      case 'pausing':
        return 'Pausing: writing the checkpoint';
      case 'paused':
        return `Paused at step ${countText(this.step)}. The checkpoint is on disk; Resume goes on from it${this.#noted()}`;
      case 'stopping':
        return 'Stopping: keeping the best model';
      case 'failed':
        return `The training ended: ${this.note}`;
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

  #noted(): string {
    return this.note === '' ? '' : `. ${this.note}`;
  }

  #remaining(before: string): string {
    const remainingMs = this.#step?.remainingMs ?? null;
    return remainingMs === null || this.state !== 'running' ? '' : `${before}${aboutText(remainingMs)} left`;
  }

  #facts(): Fact[] {
    const facts: Fact[] = [];
    const fact = (label: string, value: string | undefined) => value !== undefined && facts.push({ label, value });
    const { bits } = this;
    if (this.#measured) {
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

  #buttons(): RunMessage['buttons'] {
    const log = button('showLog', 'Show Log');
    switch (this.state) {
      case 'running':
        return [button('pause', 'Pause'), button('stop', 'Stop and Keep'), log];
      case 'paused':
        return [button('resume', 'Resume', true), button('stop', 'Stop and Keep'), log];
      case 'done': {
        const after = [button('manage', 'Manage Models...'), log];
        return this.description.eats === 'text'
          ? [button('use', 'Use for Completions Here', true), button('sample', 'Sample Text...'), ...after]
          : [button('sample', 'Draw Images', true), ...after];
      }
      case 'failed':
        return this.#canResume ? [button('resume', 'Resume from the Checkpoint'), log] : [log];
      default:
        return [log];
    }
  }
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
