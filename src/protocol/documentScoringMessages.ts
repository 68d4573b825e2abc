// The scorer's rows for documents that are edited while their symbols are colored by surprisal: mirrored text, the visible part first.

export const documentScoring = {
  toScorer: {},
  fromScorer: {},
};
