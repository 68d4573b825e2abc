// The editor's colors and font as the canvases of the likelihood view need them.
import { themeKind } from './chartColors.ts';
import type { PaintTheme } from './likelihoodPaint.ts';

export function readPaintTheme(): PaintTheme & { readonly fontSize: number } {
  const style = getComputedStyle(document.documentElement);
  const color = (names: readonly string[], otherwise: string) =>
    names.map((name) => style.getPropertyValue(`--vscode-${name}`).trim()).find((value) => value !== '') ?? otherwise;
  const kind = themeKind();
  const isLight = kind === 'light' || kind === 'contrastLight';
  const fontSize = Math.min(40, Math.max(8, Number.parseFloat(color(['editor-font-size'], '13')) || 13));
  const family = color(['editor-font-family'], 'monospace');
  return {
    kind,
    fontSize,
    font: `${fontSize}px ${family}`,
    background: color(['editor-background'], isLight ? '#ffffff' : '#1f1f1f'),
    text: color(['editor-foreground', 'foreground'], isLight ? '#3b3b3b' : '#cccccc'),
    faint: color(['editorLineNumber-foreground', 'descriptionForeground'], isLight ? '#6e7681' : '#8b949e'),
    line: color(['widget-border', 'panel-border', 'contrastBorder'], '#88888844'),
    focus: color(['focusBorder', 'contrastActiveBorder'], '#0078d4'),
  };
}
