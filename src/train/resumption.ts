// Where a run begins: at step 0, or where its newest usable checkpoint ends, provided it is the same run.
import { UserError } from '../base/errors.ts';
import { Random } from '../base/random.ts';
import type { CarriedStates } from './carriedStates.ts';
import type { RunState } from './checkpoint.ts';
import type { ParameterMemory } from './parameterMemory.ts';
import { planBySteps } from './schedule.ts';
import type { RowSource } from './trainingData.ts';
import type { TrainOptions } from './trainOptions.ts';

export interface Beginning {
  readonly state: RunState;
  readonly random: Random;
  readonly rows: RowSource;
  /** What was measured before was measured on other data. */
  readonly dataChanged: boolean;
}

/** Of a new run, or of the newest usable checkpoint, which then also fills the memory and the states. */
export async function begin(
  options: TrainOptions,
  memory: ParameterMemory,
  states: CarriedStates,
  onWarning: (message: string) => void,
): Promise<Beginning> {
  const { budget, schedule, data } = options;
  const slots = options.batch * options.accumulation;
  const identity = identityOf(options);
  const plan = 'steps' in budget ? planBySteps(schedule, budget.steps, budget.decayStart) : null;
  const loaded = options.resume ? await options.checkpoints.loadLatest(memory, states.buffers) : undefined;
  if (loaded) {
    for (const reason of loaded.passedOver) onWarning(`${reason}; going on from ${loaded.file}`);
    const dataChanged = compareIdentity(loaded.state.identity, identity, loaded.file, onWarning);
    const random = new Random(loaded.state.random);
    const rows = data.openRows({ slots, random, position: loaded.state.rowPosition });
    // A plan that was made at a plateau ends the run earlier than its budget.
    const kept = loaded.state.plateauStep === null ? (plan ?? loaded.state.plan) : loaded.state.plan;
    return { state: { ...loaded.state, plan: kept }, random, rows, dataChanged };
  }
  const random = new Random(options.seed);
  memory.initialize(random);
  const rows = data.openRows({ slots, random });
  const state: RunState = {
    step: 0,
    random: random.state,
    rowPosition: rows.position,
    symbolsSeen: 0,
    elapsedMs: 0,
    plan,
    lastValidation: null,
    bestValidation: null,
    staleValidations: 0,
    plateauStep: null,
    identity,
  };
  return { state, random, rows, dataChanged: false };
}

function identityOf(options: TrainOptions): Readonly<Record<string, unknown>> {
  const { architecture, config, data, batch, accumulation, time, schedule } = options;
  const { optimizer, weightDecay, clipNorm, seed, patience } = options;
  return {
    architecture: architecture.name,
    config,
    ...data.settings,
    ...{ batch, accumulation, time, schedule, optimizer, weightDecay, clipNorm, seed },
    patience: patience ?? null,
    threads: options.threads,
    training: data.fingerprint,
  };
}

/** These may change, and so may the data: the run goes on and is told that it is another one from here. */
const mayDiffer = ['threads', 'patience'];

/** Whether the data is other than it was. @throws UserError when it is another run. */
function compareIdentity(
  before: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
  file: string,
  onWarning: (message: string) => void,
): boolean {
  const { training: dataBefore, ...optionsBefore } = before;
  const { training: dataNow, ...optionsNow } = now;
  for (const [name, value] of Object.entries(optionsNow)) {
    const [then, here] = [JSON.stringify(optionsBefore[name]), JSON.stringify(value)];
    if (then === here) continue;
    if (!mayDiffer.includes(name)) {
      throw new UserError(
        `${file}: ${name} was ${then}, now it is ${here}; resume with the same, or train into another folder`,
      );
    }
    onWarning(`${name} was ${then}, now it is ${here}; from here on this is not the run it would have been`);
  }
  const dataChanged = dataBefore !== dataNow;
  if (dataChanged) onWarning('Files have changed since; it goes on with what is there now');
  return dataChanged;
}
