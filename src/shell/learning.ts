// Everything that trains models and draws from them, put together: what a window has of it, and how its parts are told of each
// other. The entry of a bundle of its own, which lateLearning.ts loads.
import { randomInt } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import type * as vscode from 'vscode';
import type { Clock } from '../base/clock.ts';
import { DisposableStore } from '../base/disposable.ts';
import type { CommandActions } from './commands.ts';
import type { Log } from './hostProcess.ts';
import { ModelCommands } from './modelCommands.ts';
import { SamplerClient } from './samplerClient.ts';
import { type Settings, trainingThreadsFor } from './settings.ts';
import { TrainedModels } from './trainedModels.ts';
import { TrainerClient } from './trainerClient.ts';
import { Training, type TrainingPhase } from './training.ts';
import { TrainingCommands } from './trainingCommands.ts';
import { TrainingMemory } from './trainingMemory.ts';
import type { WorkspaceMemory } from './workspaceMemory.ts';
import { currentWorkspace } from './workspacePlace.ts';

export interface LearningDeps {
  readonly context: vscode.ExtensionContext;
  readonly hostPath: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly channel: vscode.LogOutputChannel;
  readonly memory: WorkspaceMemory;
  readonly builtInModelPath: string;
  readonly settings: () => Settings;
  readonly servingPath: () => string;
  /** Another model is to serve. */
  readonly reconfigure: () => void;
}

type LearningActions = TrainingCommands['actions'] & ModelCommands['actions'];

export class Learning {
  readonly actions: LearningActions & Pick<CommandActions, keyof LearningActions>;
  readonly #training: Training;
  readonly #commands: TrainingCommands;
  readonly #models: ModelCommands;
  readonly #store = new DisposableStore();
  /** Of processes that were told to end. */
  readonly #ending = new Set<Promise<void>>();

  constructor(deps: LearningDeps) {
    const { context, hostPath, clock, log, channel, memory, builtInModelPath, settings } = deps;
    const { servingPath, reconfigure } = deps;
    const { extensionUri } = context;
    const folder = path.join(context.globalStorageUri.fsPath, 'models');
    const models = new TrainedModels(folder, (problem) => log('warning', problem));
    const threads = () => trainingThreadsFor(settings().trainingThreads, os.availableParallelism());
    const runtime = () => settings().runtime;
    const sampler = this.#store.add(new SamplerClient({ hostPath, clock, log, runtime }));
    const newSeed = () => randomInt(2 ** 32);
    this.#training = this.#store.add(
      new Training({
        clock,
        log,
        openTrainer: (handlers) => {
          const trainer = new TrainerClient({ hostPath, clock, log, handlers, runtime: runtime() });
          const ended = trainer.ended().then(() => void this.#ending.delete(ended));
          this.#ending.add(ended);
          return trainer;
        },
        memory: new TrainingMemory(context.workspaceState, log),
        models,
        threads,
        stamp: () => new Date().toISOString().slice(0, 19).replaceAll(':', '-'),
        changed: () => this.#commands.changed(),
        told: (event) => this.#commands.told(event),
      }),
    );
    const training = this.#training;
    const shared = { extensionUri, sampler, threads, newSeed, log };
    const workspace = currentWorkspace;
    const serving = { builtInModelPath, servingPath, reconfigure };
    const resume = (folder: string) => this.#commands.resume(folder);
    this.#models = new ModelCommands({ ...shared, ...serving, models, memory, training, workspace, resume });
    const use = (modelPath: string) => this.#models.use(modelPath);
    const draw = (modelPath: string) => this.#models.draw(modelPath);
    this.#commands = this.#store.add(new TrainingCommands({ training, extensionUri, channel, log, use, draw }));
    this.actions = { ...this.#commands.actions, ...this.#models.actions };
  }

  get phase(): TrainingPhase {
    return this.#training.phase;
  }

  /** What may wait until the window is up: an interrupted training is offered, a choice whose model is gone forgotten. */
  async begin(): Promise<void> {
    await this.#models.checkChoice();
    await this.#commands.offer();
  }

  /** A view that the editor kept over a reload. */
  restore(panel: vscode.WebviewPanel): void {
    this.#commands.restore(panel);
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** Resolves when no training process runs any more; after `dispose`. */
  async ended(): Promise<void> {
    await Promise.all(this.#ending);
  }
}
