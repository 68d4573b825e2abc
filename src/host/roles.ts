// What a forked process may be. The shell names the role as the first argument.
import { systemClock } from '../base/clock.ts';
import type { HostRole, ToShell } from '../protocol/hostMessages.ts';
import type { FromSampler, FromTrainer, TrainerRole } from '../protocol/trainerMessages.ts';
import { openRuntime } from '../runtime/ortNode.ts';
import { startEngineRole } from './engineRole.ts';
import { loadDrawing } from './loadDrawing.ts';
import { loadEngine } from './loadEngine.ts';
import { startSamplerRole } from './samplerRole.ts';
import { startTrainerRole } from './trainerRole.ts';
import { trainingWorks } from './training.ts';
import { parentWire } from './wire.ts';

const clock = systemClock;
const memoryBytes = () => process.memoryUsage.rss();

export const roles: Readonly<Record<HostRole | TrainerRole, () => void>> = {
  engine: () => startEngineRole(parentWire<ToShell>(), { loadEngine, clock }),
  trainer: () =>
    startTrainerRole(parentWire<FromTrainer>(), (log) => trainingWorks({ openRuntime, clock, memoryBytes }, log)),
  sampler: () => startSamplerRole(parentWire<FromSampler>(), { loadDrawing, clock }),
};
