// The evaluation as Markdown, a section of a model card.
import { type BitName, type BitsRow, bitNames } from './bits.ts';
import { type Answers, directions, ways } from './lines.ts';
import { bandsOf, scoresOf } from './scores.ts';
import type { Speed } from './speed.ts';

export const evaluationHeading = '## Evaluation';

export interface Evaluation {
  /** What was measured, in words, and how to measure it again. */
  readonly intro: string;
  readonly command: string;
  readonly bits?: readonly BitsRow[];
  readonly lines?: readonly Answers[];
  readonly infilling?: readonly Answers[];
  readonly speeds?: readonly Speed[];
  /** Facts, a line each. */
  readonly notes: readonly string[];
}

const bandLimits = [-0.1, -0.25, -0.5, -0.75, -1, -1.5, Number.NEGATIVE_INFINITY];
const bitTitles: Readonly<Record<BitName, string>> = {
  model: 'model',
  mixture: 'with copies',
  copies: 'copies alone',
  gzip: 'gzip -9',
  xz: 'xz -9e',
};
const wayTitles = { model: 'model', mixture: 'with copies', copies: 'copies alone' } as const;

export function evaluationSection({ intro, command, bits, lines, infilling, speeds, notes }: Evaluation): string {
  return [
    evaluationHeading,
    intro,
    `\`\`\`sh\n${command}\n\`\`\``,
    ...(bits ? [bitsIntro, bitsTable(bits)] : []),
    ...(lines ? [linesIntro, linesTable(lines), bandsIntro, bandsTable(lines)] : []),
    ...(infilling ? [infillingIntro, totalsTable(infilling)] : []),
    ...(speeds ? [speedIntro, speedTable(speeds)] : []),
    ...(notes.length > 0 ? [notes.map((note) => `* ${note}`).join('\n')] : []),
  ].join('\n\n');
}

const bitsIntro = `Bits per byte of whole files, every byte and the end of the file counted, the model told no name; \`with copies\` mixes in what the file
itself repeats, by how long the last symbols stood before (src/completion/copyMixture.ts; its weights are fitted on files that are not in
this table). \`gzip -9\` and \`xz -9e\` encode each file alone.`;
const linesIntro = `Rests of lines, decoded greedily: exact match, and in brackets edit similarity.`;
const bandsIntro = `How often it was right, by the mean logarithm of the probability of its symbols (nats): the model alone, and with copies, as it is
served.`;
const infillingIntro = `HumanEval-infilling, single lines: exact match, and in brackets edit similarity.`;
const speedIntro = `Speed, medians: a line is 500 symbols of context read cold and 12 symbols decoded.`;

function bitsTable(rows: readonly BitsRow[]): string {
  const body = rows.map(({ language, files, bytes, bitsPerByte }) => [
    language,
    String(files),
    String(bytes),
    ...bitNames.map((name) => bitsPerByte[name].toFixed(3)),
  ]);
  return table(['language', 'files', 'bytes', ...bitNames.map((name) => bitTitles[name])], body);
}

function linesTable(all: readonly Answers[]): string {
  const columns = directions.flatMap((direction) => ways.map((way) => ({ direction, way })));
  const scores = columns.map(({ direction, way }) =>
    scoresOf(all.find((one) => one.direction === direction && one.way === way)?.answers ?? []),
  );
  const titles = columns.map(({ direction, way }) => `${direction}: ${wayTitles[way]}`);
  const body = (scores[0] ?? []).map(({ name, numCases }) => [
    name,
    String(numCases),
    ...scores.map((column) => scoreCell(column.find((score) => score.name === name))),
  ]);
  return table(['', 'cases', ...titles], body);
}

function totalsTable(all: readonly Answers[]): string {
  const body = ways.map((way) => [
    wayTitles[way],
    ...directions.map((direction) =>
      scoreCell(scoresOf(all.find((one) => one.direction === direction && one.way === way)?.answers ?? [])[0]),
    ),
  ]);
  return table([`${all[0]?.answers.length ?? 0} lines`, ...directions], body);
}

function scoreCell(score: { readonly exactMatch: number; readonly editSimilarity: number } | undefined): string {
  return score ? `${percent(score.exactMatch)} (${score.editSimilarity.toFixed(2)})` : '';
}

function bandsTable(all: readonly Answers[]): string {
  const columns = (['model', 'mixture'] as const).flatMap((way) => directions.map((direction) => ({ way, direction })));
  const bands = columns.map(({ way, direction }) =>
    bandsOf(all.find((one) => one.direction === direction && one.way === way)?.answers ?? [], bandLimits),
  );
  const body = bandLimits.map((above, i) => [
    Number.isFinite(above) ? String(above) : 'below',
    ...bands.flatMap((column) => [String(column[i]!.numCases), percent(column[i]!.exactMatch)]),
  ]);
  const titles = columns.flatMap(({ way, direction }) => [`${wayTitles[way]}, ${direction}: cases`, 'exact match']);
  return table(['mean above', ...titles], body);
}

function speedTable(speeds: readonly Speed[]): string {
  const body = speeds.map((one) => [
    one.weights,
    one.lineMs.toFixed(1),
    one.lineMsWithCopies.toFixed(1),
    one.readSymbolsPerSecond.toFixed(0),
    one.decodedSymbolsPerSecond.toFixed(0),
  ]);
  return table(['weights', 'ms per line', 'with copies', 'symbols per second, read', 'decoded'], body);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** The first column to the left, the others to the right. */
function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(titles), line(titles.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}
