// What suggested rests of lines are worth: exact match and edit similarity, by group, and how often a suggestion is right by how sure
// the model was of it, which is what the limit for showing it is taken from.

export interface Answer {
  readonly language: string;
  readonly kind: string;
  readonly rest: string;
  /** What was suggested; '' for nothing. */
  readonly text: string;
  /** Per symbol, in nats. */
  readonly meanLogProbNats: number;
}

export interface Score {
  readonly name: string;
  readonly numCases: number;
  readonly exactMatch: number;
  readonly editSimilarity: number;
}

export function isExact({ rest, text }: Answer): boolean {
  return text.trim() === rest.trim();
}

/** 1 - Levenshtein distance / length of the longer, both without blanks at their ends; 1 for two that are empty. */
export function editSimilarity(one: string, other: string): number {
  const [a, b] = [one.trim(), other.trim()];
  const longer = Math.max(a.length, b.length);
  if (longer === 0) return 1;
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[j]! + 1, current[j - 1]! + 1));
    }
    previous = current;
  }
  return 1 - previous[b.length]! / longer;
}

/** The total, then by cursor, then by language, the most frequent first. */
export function scoresOf(answers: readonly Answer[]): Score[] {
  return [
    score('total', answers),
    ...grouped(answers, ({ kind }) => kind),
    ...grouped(answers, ({ language }) => language),
  ];
}

function grouped(answers: readonly Answer[], nameOf: (answer: Answer) => string): Score[] {
  const names = [...new Set(answers.map(nameOf))];
  return names
    .map((name) =>
      score(
        name,
        answers.filter((answer) => nameOf(answer) === name),
      ),
    )
    .sort((a, b) => b.numCases - a.numCases || (a.name < b.name ? -1 : 1));
}

function score(name: string, answers: readonly Answer[]): Score {
  const mean = (worth: (answer: Answer) => number) =>
    answers.length === 0 ? 0 : answers.reduce((sum, one) => sum + worth(one), 0) / answers.length;
  return {
    name,
    numCases: answers.length,
    exactMatch: mean((one) => Number(isExact(one))),
    editSimilarity: mean(({ rest, text }) => editSimilarity(rest, text)),
  };
}

export interface Band {
  /** Suggestions above this, up to the band before. */
  readonly above: number;
  readonly numCases: number;
  readonly exactMatch: number;
}

/** Suggestions that are not empty, by their mean ln p per symbol. `limits` fall. */
export function bandsOf(answers: readonly Answer[], limits: readonly number[]): Band[] {
  const said = answers.filter(({ text }) => text.trim() !== '');
  return limits.map((above, i) => {
    const upTo = limits[i - 1] ?? Infinity;
    const members = said.filter(({ meanLogProbNats: mean }) => mean > above && mean <= upTo);
    const numExact = members.filter(isExact).length;
    return { above, numCases: members.length, exactMatch: members.length === 0 ? 0 : numExact / members.length };
  });
}
