// Extents are numbers, or symbols such as 'time' that are known when a graph runs. Sums and products of symbols are
// again symbols in a normal form ('past+time', '2*time'), so that equal shapes are equal strings.

export type Extent = number | string;
export type Shape = readonly Extent[];

export function sumOfExtents(extents: readonly Extent[]): Extent {
  const counts = new Map<string, number>();
  let count = 0;
  for (const extent of extents)
    if (typeof extent === 'number') count += extent;
    else counts.set(extent, (counts.get(extent) ?? 0) + 1);
  const symbols = [...counts].map(([symbol, times]) => productOfExtents([times, symbol]));
  return symbols.length === 0
    ? count
    : count === 0 && symbols.length === 1
      ? symbols[0]!
      : [...symbols, ...(count === 0 ? [] : [count])].join('+');
}

export function productOfExtents(extents: readonly Extent[]): Extent {
  let count = 1;
  const symbols: string[] = [];
  for (const extent of extents) {
    if (typeof extent === 'number') count *= extent;
    else
      for (const factor of factorsOf(extent)) {
        if (/^\d+$/.test(factor)) count *= Number(factor);
        else symbols.push(factor);
      }
  }
  if (symbols.length === 0) return count;
  symbols.sort();
  if (count === 1 && symbols.length === 1) return symbols[0]!.replace(/^\((.*)\)$/, '$1');
  return [...(count === 1 ? [] : [count]), ...symbols].join('*');
}

/** '2*time' -> 2, time; a sum is one factor, in parentheses. */
function factorsOf(extent: string): string[] {
  if (!extent.includes('+')) return extent.split('*');
  const factors = extent.match(/\([^)]*\)|[^*()]+/g) ?? [];
  return extent.includes('(') ? factors : [`(${extent})`];
}

/** Whether two shapes hold the same number of elements, whatever the symbols stand for. */
export function sameSize(a: Shape, b: Shape): boolean {
  return productOfExtents(a) === productOfExtents(b);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

/** NumPy's rule, where a symbol agrees only with itself and with 1. */
export function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1)
      throw new RangeError(`broadcast: shapes ${shapeText(a)} and ${shapeText(b)} do not agree`);
    return left === 1 ? right : left;
  });
}

export function isStatic(shape: Shape): shape is readonly number[] {
  return shape.every((extent) => typeof extent === 'number');
}

/** @throws RangeError naming `what` when an extent is symbolic. */
export function staticShape(what: string, shape: Shape): readonly number[] {
  if (!isStatic(shape)) throw new RangeError(`${what}: expected a shape without symbols, got ${shapeText(shape)}`);
  return shape;
}

export function shapeText(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}
