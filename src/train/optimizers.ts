// The optimizer of a run, by its name.
import type { DisposableStore } from '../base/disposable.ts';
import type { Runtime } from '../runtime/session.ts';
import { Muon } from './muon.ts';
import { AdamW } from './optimizer.ts';
import type { ParameterMemory } from './parameterMemory.ts';
import type { TrainOptions } from './trainOptions.ts';

const adam = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8 };

/** What has to be disposed of goes into the store. */
export async function createOptimizer(
  runtime: Runtime,
  memory: ParameterMemory,
  options: Pick<TrainOptions, 'optimizer' | 'weightDecay' | 'clipNorm' | 'threads'>,
  store: DisposableStore,
): Promise<AdamW | Muon> {
  const settings = { ...adam, weightDecay: options.weightDecay, clipNorm: options.clipNorm };
  if (options.optimizer === 'adamw') return new AdamW(memory, settings);
  return store.add(await Muon.create(runtime, memory, settings, options.threads));
}
