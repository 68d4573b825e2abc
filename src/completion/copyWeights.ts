// How much copies count in the mixture (copyMixture.ts), by level of the match (rows) and how often it was found (once, twice, three or four
// times, more often). Fitted, and written, by: npm run bench:model -- FOLDER --fit

export const copyWeights: readonly (readonly number[])[] = [
  [0.96, 0.71, 0.632, 0.455],
  [0.811, 0.736, 0.697, 0.629],
  [0.822, 0.8, 0.772, 0.778],
  [0.876, 0.853, 0.852, 0.844],
  [0.913, 0.909, 0.902, 0.9],
  [0.943, 0.936, 0.922, 0.924],
  [0.953, 0.951, 0.955, 0.958],
  [0.966, 0.953, 0.942, 0.962],
  [0.98, 0.967, 0.969, 0.963],
  [0.985, 0.98, 0.989, 0.989],
];
