// Which model serves this workspace, and how the pickers show the models there are. A model that learnt from another workspace
// is never used without an explicit yes.
import { bitsText, sizeText, unitText } from './quantities.ts';
import { architectureTitle, type TrainedModel } from './trainedModels.ts';
import type { WorkspaceIdentity } from './trainingPlace.ts';

export interface ServingFacts {
  /** Chosen for this workspace alone; kept with the workspace, in no setting that is synchronized. */
  readonly choice: string | undefined;
  /** Empty: the built-in model. */
  readonly setting: string;
  readonly builtIn: string;
}

/** A choice that is no folder: the built-in model, wherever the version that runs has it. */
export const builtInChoice = 'built-in';

export function servingModelPath({ choice, setting, builtIn }: ServingFacts): string {
  if (choice === builtInChoice) return builtIn;
  return choice ?? (setting || builtIn);
}

/** Where a model is at home: here, in another workspace, or nowhere that it tells. */
export function homeOf(model: TrainedModel, here: WorkspaceIdentity): 'here' | 'elsewhere' | 'unknown' {
  if (model.workspace === null) return 'unknown';
  return model.workspace.hash === here.hash ? 'here' : 'elsewhere';
}

/** The question that must be answered before a model serves or samples outside of its workspace; undefined: none. */
export function consentQuestion(
  model: TrainedModel,
  here: WorkspaceIdentity,
): { message: string; detail: string } | undefined {
  const home = homeOf(model, here);
  if (home === 'here') return undefined;
  const origin =
    home === 'elsewhere' ? `the workspace "${model.workspace?.name}"` : 'a workspace that it does not name';
  return {
    message: `${model.name} learnt from ${origin}, not from this one. Use it here?`,
    detail:
      `It learnt from: ${model.data || 'nothing that it tells'}. A small model repeats passages that it has seen, so what it ` +
      'suggests here may be text from there.',
  };
}

export interface ModelRow {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
  readonly model: TrainedModel;
}

export interface ModelSection {
  readonly title: string;
  readonly rows: readonly ModelRow[];
}

/** Those of this workspace first; within a section the best on held-out files first, the unmeasured last. */
export function modelSections(
  models: readonly TrainedModel[],
  here: WorkspaceIdentity,
  current?: string,
): ModelSection[] {
  const section = (title: string, belongs: (model: TrainedModel) => boolean): ModelSection => ({
    title,
    rows: models
      .filter(belongs)
      .sort((a, b) => (a.bits ?? Infinity) - (b.bits ?? Infinity))
      .map((model) => modelRow(model, model.path === current)),
  });
  return [
    section('trained on this workspace', (model) => homeOf(model, here) === 'here'),
    section('trained on other workspaces', (model) => homeOf(model, here) !== 'here'),
  ].filter(({ rows }) => rows.length > 0);
}

export function modelRow(model: TrainedModel, current: boolean, sizeBytes?: number): ModelRow {
  const { architecture, workspace, steps } = model;
  const title = architectureTitle(architecture);
  const image = model.eats === 'image' ? `, ${imageText(model)}` : '';
  const size = sizeBytes === undefined ? '' : `, ${sizeText(sizeBytes)}`;
  const origin = workspace ? ` on "${workspace.name}"` : '';
  return {
    label: `${current ? '$(check) ' : ''}${model.name}`,
    description: measuredText(model),
    detail: `${title}${image}, ${steps.toLocaleString('en-US')} steps${origin}${size}`,
    model,
  };
}

export function measuredText({ bits, eats, channels }: TrainedModel): string {
  return bits === null
    ? 'not measured'
    : `${bitsText(bits)} ${unitText(eats === 'text' ? 'byte' : 'dimension', channels)}`;
}

/** Such as `28 x 28, grey, 256 levels`. */
export function imageText({ width, height, channels, levels }: TrainedModel): string {
  return `${width} x ${height}, ${channels === 1 ? 'grey' : 'color'}, ${levels} levels`;
}
