// Where a run begins: at step 0, or where its newest usable checkpoint ends, provided it is the same run.
import { UserError } from '../base/errors.ts';
import { Random } from '../base/random.ts';
import type { RunState } from './checkpoint.ts';
import { fingerprintOf } from './corpus.ts';
import type { ParameterMemory } from './parameterMemory.ts';
import { planBySteps } from './schedule.ts';
import type { TrainOptions } from './trainOptions.ts';

/** Of a new run, or of the newest usable checkpoint, which then also fills the memory. */
export async function firstState(
  options: TrainOptions,
  memory: ParameterMemory,
  onWarning: (message: string) => void,
): Promise<RunState> {
  const { budget, schedule } = options;
  const identity = identityOf(options);
  const plan = 'steps' in budget ? planBySteps(schedule, budget.steps, budget.decayStart) : null;
  const loaded = options.resume ? await options.checkpoints.loadLatest(memory) : undefined;
  if (loaded) {
    for (const reason of loaded.passedOver) onWarning(`${reason}; going on from ${loaded.file}`);
    compareIdentity(loaded.state.identity, identity, loaded.file, onWarning);
    return { ...loaded.state, plan: plan ?? loaded.state.plan };
  }
  const random = new Random(options.seed);
  memory.initialize(random);
  return {
    step: 0,
    random: random.state,
    symbolsSeen: 0,
    elapsedMs: 0,
    plan,
    lastValidation: null,
    bestValidation: null,
    identity,
  };
}

function identityOf(options: TrainOptions): Readonly<Record<string, unknown>> {
  const {
    architecture,
    config,
    codec,
    batch,
    accumulation,
    time,
    schedule,
    optimizer,
    weightDecay,
    clipNorm,
    mix,
    seed,
  } = options;
  return {
    architecture: architecture.name,
    config,
    codec: codec.kind,
    batch,
    accumulation,
    time,
    schedule,
    optimizer,
    weightDecay,
    clipNorm,
    mix,
    seed,
    threads: options.threads,
    training: fingerprintOf(options.training),
    validation: options.validation ? fingerprintOf(options.validation) : null,
  };
}

/** These may change: the run goes on and is told that it is another one from here. */
const mayDiffer = ['threads', 'training', 'validation'];

function compareIdentity(
  before: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
  file: string,
  onWarning: (message: string) => void,
): void {
  for (const [name, value] of Object.entries(now)) {
    const [then, here] = [JSON.stringify(before[name]), JSON.stringify(value)];
    if (then === here) continue;
    if (!mayDiffer.includes(name)) {
      throw new UserError(
        `${file}: ${name} was ${then}, now it is ${here}; resume with the same, or train into another folder`,
      );
    }
    onWarning(`${file}: ${name} was ${then}, now it is ${here}; from here on this is not the run it would have been`);
  }
}
