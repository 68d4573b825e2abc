// What a forked process may be. The shell names the role as the first argument, and the way to ONNX Runtime as the second.
import { systemClock } from '../base/clock.ts';
import type { RuntimeChoice } from '../base/runtimeChoice.ts';
import type { HostRole, ToShell } from '../protocol/hostMessages.ts';
import type { FromScorer, ScorerRole } from '../protocol/scorerMessages.ts';
import type { FromSampler, FromTrainer, TrainerRole } from '../protocol/trainerMessages.ts';
import { runtimeOpener } from '../runtime/chooseRuntime.ts';
import { startEngineRole } from './engineRole.ts';
import { drawingLoader } from './loadDrawing.ts';
import { engineLoader } from './loadEngine.ts';
import { ModelShelf, shelfLoaders } from './modelShelf.ts';
import { startSamplerRole } from './samplerRole.ts';
import { startScorerRole } from './scorerRole.ts';
import { startTrainerRole } from './trainerRole.ts';
import { trainingWorks } from './training.ts';
import { parentWire, type Wire } from './wire.ts';

/** Every wire has that message. */
type LogMessage = Extract<ToShell, { kind: 'log' }>;

const clock = systemClock;
const memoryBytes = () => process.memoryUsage.rss();

export const roles: Readonly<Record<HostRole | TrainerRole | ScorerRole, (choice: RuntimeChoice) => void>> = {
  engine: (choice) => {
    const wire = parentWire<ToShell>();
    startEngineRole(wire, { loadEngine: engineLoader({ openRuntime: openerFor(choice, wire), clock }), clock });
  },
  trainer: (choice) => {
    const wire = parentWire<FromTrainer>();
    const openRuntime = openerFor(choice, wire);
    startTrainerRole(wire, (log) => trainingWorks({ openRuntime, clock, memoryBytes }, log));
  },
  sampler: (choice) => {
    const wire = parentWire<FromSampler>();
    startSamplerRole(wire, { loadDrawing: drawingLoader(openerFor(choice, wire)), clock });
  },
  scorer: (choice) => {
    const wire = parentWire<FromScorer>();
    startScorerRole(wire, { shelf: new ModelShelf(shelfLoaders(openerFor(choice, wire))), clock });
  },
};

/** One runtime for a process; what there is to say of the choice goes into the log. */
function openerFor(choice: RuntimeChoice, wire: Wire<LogMessage>) {
  return runtimeOpener({ choice, log: (level, text) => wire.send({ kind: 'log', level, text }) });
}
