// Where images go on one sheet: as near to a square as their number allows, with a gap between them.

export interface SheetLayout {
  readonly width: number;
  readonly height: number;
  readonly places: readonly { readonly x: number; readonly y: number }[];
}

const gap = 2;

export function sheetLayout(count: number, width: number, height: number): SheetLayout {
  const columns = Math.max(1, Math.ceil(Math.sqrt(count)));
  const rows = Math.max(1, Math.ceil(count / columns));
  return {
    width: columns * (width + gap) - gap,
    height: rows * (height + gap) - gap,
    places: Array.from({ length: count }, (_, i) => ({
      x: (i % columns) * (width + gap),
      y: Math.floor(i / columns) * (height + gap),
    })),
  };
}
