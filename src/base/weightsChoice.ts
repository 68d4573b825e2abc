// Which weights an engine takes: the fastest that lose next to nothing, those that were trained, or a variant where the model has it.

export const weightsChoices = ['auto', 'fp32', 'int8', 'int4'] as const;
export type WeightsChoice = (typeof weightsChoices)[number];

/** Undefined for what is none. */
export function weightsChoice(text: unknown): WeightsChoice | undefined {
  return weightsChoices.find((choice) => choice === text);
}
