// The models that may tell how likely a text is, the one that was chosen for that first: the built-in one, the setting's, the one that
// completes, and those that were trained here. None of their words is shown in a view, so none of them needs a yes.
import type { LikelihoodModel } from './likelihoodModel.ts';
import type { ModelChoice } from './likelihoodView.ts';
import type { TrainedModel } from './trainedModels.ts';

export interface LikelihoodModelsDeps {
  readonly chosen: Pick<LikelihoodModel, 'path' | 'nameOf'>;
  readonly models: {
    list(): Promise<TrainedModel[]>;
    read(folder: string): Promise<TrainedModel | undefined>;
  };
  readonly builtInModelPath: string;
  /** '' for none. */
  readonly settingPath: () => string;
  readonly servingPath: () => string;
}

/** Each folder once; names are told apart. */
export async function likelihoodModels(deps: LikelihoodModelsDeps): Promise<ModelChoice[]> {
  const { chosen, models, builtInModelPath, settingPath, servingPath } = deps;
  const trained = (await models.list()).filter(({ eats }) => eats === 'text').map(({ path }) => path);
  const paths = new Set([chosen.path(), servingPath(), builtInModelPath, settingPath(), ...trained]);
  paths.delete('');
  const found: ModelChoice[] = [];
  const names = new Map<string, number>();
  for (const path of paths) {
    const model = path === chosen.path() ? undefined : await models.read(path);
    // The chosen one is told of even where it is broken: asking it says what is wrong.
    if (path !== chosen.path() && model?.eats !== 'text') continue;
    const name = await chosen.nameOf(path);
    const count = (names.get(name) ?? 0) + 1;
    names.set(name, count);
    found.push({ path, name: count > 1 ? `${name} (${count})` : name });
  }
  return found;
}
