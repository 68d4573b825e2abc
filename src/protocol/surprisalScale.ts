// The one scale of surprisal that the editor and all pages show: seven steps in bits, from blue (expected) over nearly nothing to orange
// (surprising), which people who see fewer colors tell apart, too. Behind text a step is a tint that leaves the text readable; what is
// surprising is underlined besides, and under high contrast every step but the middle has a line of its own kind, so that no step is told
// by color alone.

export const themeKinds = ['light', 'dark', 'contrastDark', 'contrastLight'] as const;
export type ThemeKind = (typeof themeKinds)[number];

export interface Underline {
  /** As in a style sheet. */
  readonly color: string;
  readonly style: 'solid' | 'dashed' | 'dotted' | 'double';
  readonly widthPx: number;
}

/** How a step looks behind text. */
export interface StepLook {
  /** `rgba(...)`, to be laid over the editor's background. */
  readonly background: string;
  readonly underline?: Underline;
}

export interface SurprisalStep {
  /** In bits; up to where the next step begins. */
  readonly from: number;
  /** In bits; Infinity for the last. */
  readonly to: number;
  /** Such as `2 to 4 bits`. */
  readonly label: string;
  /** The same as probabilities, such as `6 % to 25 %`. */
  readonly chance: string;
  /** In a word. */
  readonly word: string;
  /** For charts: `#rrggbb`, opaque, the same in every theme. */
  readonly solid: string;
  /** Of text on `solid`. */
  readonly ink: '#000000' | '#ffffff';
  readonly looks: Readonly<Record<ThemeKind, StepLook>>;
}

type Rgb = readonly [red: number, green: number, blue: number];
type Tint = readonly [color: Rgb, alpha: number];

const blue: Rgb = [0, 114, 178];
const brightBlue: Rgb = [30, 130, 200];
const yellow: Rgb = [255, 200, 0];
const amber: Rgb = [230, 155, 0];
const orange: Rgb = [225, 110, 0];
const vermilion: Rgb = [225, 70, 10];

/** Light over white, dark over a dark grey: the alphas keep the usual colors of code at a contrast of 3 and more, plain text above 5. */
const tints: Readonly<Record<ThemeKind, readonly Tint[]>> = {
  light: [
    [blue, 0.2],
    [blue, 0.12],
    [blue, 0.05],
    [yellow, 0.16],
    [[255, 185, 0], 0.36],
    [[255, 165, 0], 0.54],
    [[255, 140, 40], 0.48],
  ],
  dark: [
    [brightBlue, 0.36],
    [brightBlue, 0.22],
    [brightBlue, 0.1],
    [amber, 0.13],
    [amber, 0.24],
    [orange, 0.32],
    [vermilion, 0.39],
  ],
  // Under high contrast the lines tell most of it.
  contrastDark: [
    [brightBlue, 0.36],
    [brightBlue, 0.22],
    [brightBlue, 0.1],
    [amber, 0.14],
    [amber, 0.24],
    [orange, 0.3],
    [vermilion, 0.36],
  ],
  contrastLight: [
    [blue, 0.18],
    [blue, 0.1],
    [blue, 0.04],
    [yellow, 0.16],
    [[255, 185, 0], 0.36],
    [[255, 170, 0], 0.36],
    [[255, 150, 50], 0.32],
  ],
};

const darkOrange = '#b3470a';
const lightOrange = '#ff9d4d';

const underlines: Readonly<Record<ThemeKind, readonly (Underline | undefined)[]>> = {
  light: [...nothing(5), line(darkOrange, 'solid', 1), line(darkOrange, 'solid', 2)],
  dark: [...nothing(5), line(lightOrange, 'solid', 1), line(lightOrange, 'solid', 2)],
  contrastDark: contrastLines('#5cb8ff', '#ffb057'),
  contrastLight: contrastLines('#0b5ea8', '#a33b00'),
};

const bounds = [0, 0.5, 1, 2, 4, 7, 11] as const;
const words = [
  'all but certain',
  'likely',
  'rather likely',
  'usual',
  'unusual',
  'surprising',
  'very surprising',
] as const;
/** The ends of the blue and the orange range, with a light middle. */
const solids = ['#2c6fb0', '#6ba6d2', '#bfdbea', '#f7ead0', '#fcc37c', '#e8862a', '#b4460c'] as const;

export const surprisalSteps: readonly SurprisalStep[] = bounds.map((from, step) => {
  const to = bounds[step + 1] ?? Number.POSITIVE_INFINITY;
  const looks = (theme: ThemeKind): StepLook => {
    const underline = underlines[theme][step];
    return { background: rgba(tints[theme][step]!), ...(underline && { underline }) };
  };
  return {
    from,
    to,
    label: from === 0 ? `under ${to} bits` : to === Infinity ? `${from} bits and more` : `${from} to ${to} bits`,
    chance: chanceLabel(from, to),
    word: words[step]!,
    solid: solids[step]!,
    ink: step === 0 || step === bounds.length - 1 ? '#ffffff' : '#000000',
    looks: {
      light: looks('light'),
      dark: looks('dark'),
      contrastDark: looks('contrastDark'),
      contrastLight: looks('contrastLight'),
    },
  };
});

/** The number of the step that a surprisal in bits belongs to; what is no number counts as the most surprising. */
export function stepOf(bits: number): number {
  let step = bounds.length - 1;
  while (step > 0 && bits < bounds[step]!) step -= 1;
  return step;
}

function rgba([[red, green, blue], alpha]: Tint): string {
  return `rgba(${red}, ${green}, ${blue}, ${alpha})`;
}

function line(color: string, style: Underline['style'], widthPx: number): Underline {
  return { color, style, widthPx };
}

function nothing(count: number): undefined[] {
  return Array.from({ length: count }, () => undefined);
}

/** Blue lines for what is expected, orange ones that grow heavier; none in the middle. */
function contrastLines(expected: string, surprising: string): (Underline | undefined)[] {
  return [
    line(expected, 'solid', 1),
    line(expected, 'dotted', 1),
    undefined,
    undefined,
    line(surprising, 'dashed', 1),
    line(surprising, 'solid', 2),
    line(surprising, 'double', 3),
  ];
}

/** p = 2^-bits */
function chanceLabel(from: number, to: number): string {
  const [most, least] = [percentText(from), percentText(to)];
  if (from === 0) return `over ${least}`;
  return to === Infinity ? `under ${most}` : `${least} to ${most}`;
}

function percentText(bits: number): string {
  const percent = 100 * 2 ** -bits;
  return `${percent >= 1 ? Math.round(percent) : percent.toPrecision(1)} %`;
}
