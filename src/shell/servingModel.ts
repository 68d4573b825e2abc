// Which model completes in this workspace. Known at activation, so apart from the pickers that change it.

export interface ServingFacts {
  /** Chosen for this workspace alone; kept with the workspace, in no setting that is synchronized. */
  readonly choice: string | undefined;
  /** Empty: the built-in model. */
  readonly setting: string;
  readonly builtIn: string;
}

export function servingModelPath({ choice, setting, builtIn }: ServingFacts): string {
  return choice ?? (setting || builtIn);
}
