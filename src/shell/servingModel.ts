// Which model completes in this workspace. Known at activation, so apart from the pickers that change it.

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
