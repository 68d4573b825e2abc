// The scale as numbers: its steps cover every surprisal once, and no tint makes code unreadable.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stepOf, surprisalSteps, type ThemeKind, themeKinds } from '../../../src/protocol/surprisalScale.ts';

type Rgb = readonly number[];

/** Backgrounds and the colors of code in the editor's own default themes. */
const themes: Readonly<Record<ThemeKind, { background: string; plain: string; code: string; least: number }>> = {
  light: {
    background: '#ffffff',
    plain: '#3b3b3b',
    code: '#008000 #a31515 #0000ff #098658 #795e26 #267f99 #af00db #001080 #0070c1',
    least: 3,
  },
  dark: {
    background: '#1f1f1f',
    plain: '#cccccc',
    code: '#6a9955 #ce9178 #569cd6 #b5cea8 #dcdcaa #4ec9b0 #c586c0 #9cdcfe #4fc1ff',
    least: 3,
  },
  contrastDark: {
    background: '#000000',
    plain: '#ffffff',
    code: '#7ca668 #ce9178 #569cd6 #b5cea8 #dcdcaa #4ec9b0 #c586c0 #9cdcfe',
    least: 4,
  },
  contrastLight: {
    background: '#ffffff',
    plain: '#292929',
    code: '#515151 #0f4a85 #b5200d #096d48 #5e2cbc #185e73 #001080 #02715d',
    least: 4,
  },
};

test('every surprisal belongs to the step whose bounds hold it', () => {
  assert.equal(surprisalSteps[0]!.from, 0);
  assert.equal(surprisalSteps.at(-1)!.to, Number.POSITIVE_INFINITY);
  for (const [step, { from, to }] of surprisalSteps.entries()) {
    assert.equal(surprisalSteps[step + 1]?.from ?? Number.POSITIVE_INFINITY, to);
    assert.equal(stepOf(from), step);
    assert.equal(stepOf(Math.min(to, 1000) - 1e-6), step);
  }
  for (const odd of [-1e-7, -0]) assert.equal(stepOf(odd), 0);
  for (const beyond of [Number.POSITIVE_INFINITY, Number.NaN]) assert.equal(stepOf(beyond), surprisalSteps.length - 1);
  assert.deepEqual(
    surprisalSteps.map(({ chance }) => chance),
    ['over 71 %', '50 % to 71 %', '25 % to 50 %', '6 % to 25 %', '0.8 % to 6 %', '0.05 % to 0.8 %', 'under 0.05 %'],
  );
});

test('text stays readable on every tint of every theme', () => {
  for (const theme of themeKinds) {
    const { background, plain, code, least } = themes[theme];
    for (const [step, { looks }] of surprisalSteps.entries()) {
      const tinted = laidOver(looks[theme].background, rgbOf(background));
      const name = `${theme}, step ${step}`;
      assert.ok(contrast(rgbOf(plain), tinted) >= 5, `${name}: plain text`);
      for (const color of code.split(' ')) {
        const found = contrast(rgbOf(color), tinted);
        assert.ok(found >= least, `${name}: ${color} has a contrast of ${found.toFixed(2)}`);
      }
    }
  }
});

test('underlines and the ink of charts can be seen', () => {
  for (const { solid, ink, looks } of surprisalSteps) {
    assert.ok(contrast(rgbOf(ink), rgbOf(solid)) >= 4.5, solid);
    for (const theme of themeKinds) {
      const { underline } = looks[theme];
      if (underline) assert.ok(contrast(rgbOf(underline.color), rgbOf(themes[theme].background)) >= 4.5, theme);
    }
  }
});

test('no two steps look the same, and the surprising half is told by its lines alone under high contrast', () => {
  for (const theme of themeKinds) {
    const looks = surprisalSteps.map((step) => JSON.stringify(step.looks[theme]));
    assert.equal(new Set(looks).size, looks.length);
    if (!theme.startsWith('contrast')) continue;
    const lines = surprisalSteps.slice(3).map(({ looks }) => looks[theme].underline?.style ?? 'none');
    assert.deepEqual(lines, ['none', 'dashed', 'solid', 'double']);
  }
});

function rgbOf(hex: string): Rgb {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}

function laidOver(rgba: string, below: Rgb): Rgb {
  const [red, green, blue, alpha] = [...rgba.matchAll(/[\d.]+/g)].map(([number]) => Number(number));
  return [red!, green!, blue!].map((value, i) => value * alpha! + below[i]! * (1 - alpha!));
}

/** WCAG 2: (lighter + 0.05) / (darker + 0.05). */
function contrast(one: Rgb, other: Rgb): number {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter! + 0.05) / (darker! + 0.05);
}

function luminance(color: Rgb): number {
  const [red, green, blue] = color.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}
