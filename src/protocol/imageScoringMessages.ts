// The scorer's rows for images: bits of each value of a channel, and completions from a row on.

export const imageScoring = {
  toScorer: {},
  fromScorer: {},
};
