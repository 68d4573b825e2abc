// The scorer's rows for whole texts: what the likelihood view shows.

export const textScoring = {
  toScorer: {},
  fromScorer: {},
};
