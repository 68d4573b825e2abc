// How much copies count in the mixture (copyMixture.ts), by level of the match (rows) and how often it was found (once, twice, three or four
// times, more often). Fitted, and written, by: npm run bench:model -- FOLDER --fit

export const copyWeights: readonly (readonly number[])[] = [
  [0.1, 0.1, 0.1, 0.1],
  [0.2, 0.2, 0.2, 0.2],
  [0.3, 0.3, 0.3, 0.3],
  [0.4, 0.4, 0.4, 0.4],
  [0.5, 0.5, 0.5, 0.5],
  [0.6, 0.6, 0.6, 0.6],
  [0.8, 0.8, 0.8, 0.8],
  [0.9, 0.9, 0.9, 0.9],
  [0.9, 0.9, 0.9, 0.9],
  [0.9, 0.9, 0.9, 0.9],
];
