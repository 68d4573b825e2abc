// How much copies count in the mixture (copyMixture.ts), by level of the match (rows) and how often it was found (once, twice, three or four
// times, more often). Fitted, and written, by: npm run bench:model -- FOLDER --fit

export const copyWeights: readonly (readonly number[])[] = [
  [0.96, 0.71, 0.632, 0.455],
  [0.755, 0.701, 0.673, 0.617],
  [0.81, 0.791, 0.766, 0.774],
  [0.869, 0.849, 0.848, 0.842],
  [0.909, 0.907, 0.9, 0.9],
  [0.941, 0.935, 0.921, 0.924],
  [0.951, 0.951, 0.954, 0.958],
  [0.971, 0.958, 0.946, 0.964],
  [0.984, 0.97, 0.972, 0.965],
  [0.988, 0.983, 0.99, 0.99],
];
