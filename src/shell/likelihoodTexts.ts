// What the editor says about likelihoods in words: the hover, the status item and its key. As markdown in which nothing of a document or of a
// model is markup: every character of theirs that could be is escaped, and what cannot be seen is shown by a sign or by its number.
import type { FromScorer } from '../protocol/scorerMessages.ts';
import { stepOf, surprisalSteps, type ThemeKind } from '../protocol/surprisalScale.ts';
import type { DocumentSummary, FollowedState } from './followedDocument.ts';
import { bitsText, countText } from './quantities.ts';

export type Place = Extract<FromScorer, { kind: 'place' }>;

/** Columns of a line that are colored; the editor itself draws no more. */
export const mostColumns = 10_000;

const visibleSigns: Readonly<Record<string, string>> = {
  ' ': '\u00b7',
  '\n': '\u23ce',
  '\r': '\u240d',
  '\t': '\u21e5',
};
const longestShown = 40;

/** In one line, with a sign for each blank; the numbers of characters that are not seen or turn the writing around. */
export function visible(text: string): string {
  const characters = [...text];
  const shown = characters.slice(0, longestShown).map((character) => {
    const sign = visibleSigns[character];
    if (sign !== undefined) return sign;
    if (!/\p{C}|\p{Z}|\p{M}|\p{Default_Ignorable_Code_Point}/u.test(character)) return character;
    return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
  });
  return shown.join('') + (characters.length > longestShown ? '\u2026' : '');
}

/** The same with plain blanks. */
export function visibleName(name: string): string {
  return name.split(' ').map(visible).join(' ');
}

/** So that markdown shows just this: a backslash before all of ASCII's punctuation is that character, by its rules. */
export function escaped(text: string): string {
  return text.replace(/[!-/:-@[-`{-~]/g, '\\$&');
}

/** Between two columns: a table in a hover has next to none. */
const gap = '&nbsp;&nbsp;&nbsp;';

export interface HoverLinks {
  insert(index: number): string;
  goOn(index: number): string;
}

/** `links` give addresses of commands, which are ours. */
export function hoverMarkdown(place: Place, text: string, theme: ThemeKind, links: HoverLinks): string {
  const { bits, rank, vocabularySize, entropyBits, alternatives } = place;
  const { word } = surprisalSteps[stepOf(bits)]!;
  const what = place.start === place.end ? 'the end of the text' : escaped(visible(text));
  const lines = [
    `${swatch(stepOf(bits), theme)} **${bitsText(bits)} bits** for ${what}: ${word}, ${chanceText(bits)}`,
    '',
    `${rankText(rank)} of ${countText(vocabularySize)} symbols; on average ${bitsText(entropyBits)} bits were to be expected here`,
    '',
    `| | chance | ${gap}bits | ${gap}instead | | |`,
    '| :-: | --: | --: | :-- | :-- | :-- |',
  ];
  for (const [index, alternative] of alternatives.entries()) {
    const shown = alternative.isText ? escaped(visible(alternative.text)) : `*${escaped(visible(alternative.text))}*`;
    const actions = alternative.isText
      ? `${gap}[insert this](${links.insert(index)}) | ${gap}[continue from this](${links.goOn(index)})`
      : '|';
    const figures = `${chanceText(alternative.bits)} | ${gap}${bitsText(alternative.bits)}`;
    lines.push(`| ${swatch(stepOf(alternative.bits), theme)} | ${figures} | ${gap}${shown} | ${actions} |`);
  }
  return lines.join('\n');
}

/** 2^-bits, such as `12 %` or `1 in 3,000`. */
export function chanceText(bits: number): string {
  const chance = 2 ** -bits;
  if (chance >= 0.0995) return `${Math.round(chance * 100)} %`;
  if (chance >= 0.00995) return `${(chance * 100).toFixed(1)} %`;
  return bits > 40 ? `1 in 2^${Math.round(bits)}` : `1 in ${countText(2 ** bits)}`;
}

function rankText(rank: number): string {
  if (rank === 0) return 'The likeliest';
  return `${countText(rank)} ${rank === 1 ? 'was' : 'were'} likelier, out`;
}

export interface StatusFacts {
  readonly state: FollowedState;
  readonly modelName: string;
  /** Only a selection is shown. */
  readonly isPart: boolean;
  /** Not all that is seen could be colored. */
  readonly isCut: boolean;
}

export interface StatusTexts {
  readonly text: string;
  readonly label: string;
  readonly tooltip: string;
}

export function statusTexts(facts: StatusFacts, theme: ThemeKind): StatusTexts {
  const { state, modelName, isPart } = facts;
  if (state.kind === 'failed') {
    const label = `Likelihood failed: ${state.reason}`;
    return { text: '$(warning) Likelihood', label, tooltip: `**Likelihood failed**\n\n${escaped(state.reason)}` };
  }
  const { figure, sentence } = measured(state.summary, state.isCurrent);
  const of = isPart ? 'the selection' : 'the file';
  const notes = [
    `Likelihood of ${of} under **${escaped(visibleName(modelName))}**`,
    sentence,
    facts.isCut
      ? `Only the first ${countText(mostColumns)} columns of a line, and so many places at a time, are colored.`
      : '',
    keyMarkdown(theme),
  ];
  const label = `Likelihood of ${of}: ${sentence}`;
  return { text: figure, label, tooltip: notes.filter(Boolean).join('\n\n') };
}

function measured(summary: DocumentSummary | undefined, isCurrent: boolean): { figure: string; sentence: string } {
  if (summary === undefined) return { figure: '$(loading~spin) bits', sentence: 'reading the text' };
  const { exactSymbols, symbols, bits, bytes } = summary;
  if (bytes === 0) return { figure: '0 bits', sentence: 'The text is empty.' };
  if (!isCurrent || exactSymbols < symbols) {
    const percent = Math.floor((100 * exactSymbols) / Math.max(1, symbols));
    return {
      figure: `$(loading~spin) ${isCurrent ? `${percent} %` : 'bits'}`,
      sentence: `Measuring the whole in idle time, ${percent} % done; the colors on the screen come first.`,
    };
  }
  const total = `${countText(bits)} bits for ${countText(bytes)} bytes in ${countText(symbols)} symbols`;
  return {
    figure: `${bitsText(bits / bytes)} bits/byte`,
    sentence: `${bitsText(bits / bytes)} bits per byte: ${total}.`,
  };
}

function keyMarkdown(theme: ThemeKind): string {
  const rows = surprisalSteps.map(
    ({ label, chance, word }, step) => `| ${swatch(step, theme)} | ${gap}${label} | ${gap}${chance} | ${gap}${word} |`,
  );
  return [`| | ${gap}surprisal | ${gap}chance | |`, '| :-: | :-- | :-- | :-- |', ...rows].join('\n');
}

const papers: Readonly<Record<ThemeKind, { readonly paper: string; readonly ink: string }>> = {
  light: { paper: '#ffffff', ink: '#3b3b3b' },
  dark: { paper: '#1f1f1f', ink: '#cccccc' },
  contrastDark: { paper: '#000000', ink: '#ffffff' },
  contrastLight: { paper: '#ffffff', ink: '#292929' },
};

/** A picture of a step as the editor paints it, behind letters. */
export function swatch(step: number, theme: ThemeKind): string {
  const { label, looks } = surprisalSteps[step]!;
  const { background, underline } = looks[theme];
  const { paper, ink } = papers[theme];
  const line = underline === undefined ? '' : lineOf(underline);
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="26" height="16"><rect width="26" height="16" fill="${paper}"/>` +
    `<rect width="26" height="16" fill="${background}"/>${line}` +
    `<text x="13" y="11.5" font-family="monospace" font-size="11" text-anchor="middle" fill="${ink}">ab</text></svg>`;
  return `![${label}](data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')})`;
}

function lineOf({
  color,
  style,
  widthPx,
}: NonNullable<(typeof surprisalSteps)[number]['looks']['light']['underline']>) {
  const dashes = { solid: '', double: '', dashed: ' stroke-dasharray="4 2"', dotted: ' stroke-dasharray="1 2"' }[style];
  const at = (y: number, width: number) => `<path d="M0 ${y}H26" stroke="${color}" stroke-width="${width}"${dashes}/>`;
  return style === 'double' ? at(13.5, 1) + at(15.5, 1) : at(16 - widthPx / 2, widthPx);
}

/** After a line that is far above what is usual in its file. */
export function unusualText(bitsPerSymbol: number, usual: number): string {
  return `unusual here: ${bitsText(bitsPerSymbol)} bits per symbol, usually ${bitsText(usual)}`;
}
