// The colors of charts as the theme has them: a canvas knows no variables of a style sheet, so they are read, and read again when the
// theme changes.
import type { Disposable } from '../base/disposable.ts';
import type { ThemeKind } from '../protocol/surprisalScale.ts';

export const chartColors = ['foreground', 'blue', 'orange', 'green', 'purple', 'red', 'yellow'] as const;
export type ChartColor = (typeof chartColors)[number];

export interface ChartTheme {
  readonly line: (color: ChartColor) => string;
  readonly text: string;
  readonly soft: string;
  readonly grid: string;
  readonly font: string;
}

/** A theme's own orange is that of its search marks: a brown that is hardly seen, or a blue. */
const oranges: Readonly<Record<ThemeKind, string>> = {
  light: '#c8730a',
  dark: '#e0912f',
  contrastDark: '#ffa94d',
  contrastLight: '#b54a00',
};

export function readChartTheme(): ChartTheme {
  const style = getComputedStyle(document.documentElement);
  const first = (...names: string[]) =>
    names.map((name) => style.getPropertyValue(`--vscode-${name}`).trim()).find((value) => value !== '');
  const text = first('foreground', 'editor-foreground') ?? style.color;
  const kind = themeKind();
  return {
    line: (color) => (color === 'orange' ? oranges[kind] : (first(`charts-${color}`) ?? text)),
    text,
    soft: first('descriptionForeground') ?? text,
    grid: `color-mix(in srgb, ${text} 16%, transparent)`, // The lines of the theme are as strong as what is drawn on them.
    font: `11px ${first('font-family') ?? 'sans-serif'}`,
  };
}

export function themeKind(): ThemeKind {
  const { classList } = document.body;
  if (classList.contains('vscode-high-contrast-light')) return 'contrastLight';
  if (classList.contains('vscode-high-contrast')) return 'contrastDark';
  return classList.contains('vscode-light') ? 'light' : 'dark';
}

/** The editor sets the variables in the root's style and names the kind of theme in the body's class. */
export function onThemeChange(changed: () => void): Disposable {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  return { dispose: () => observer.disconnect() };
}
