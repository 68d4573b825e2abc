// Where a recurrent model's states are kept. Such a state cannot be cut back, but it is small: some kilobytes, whatever it stands
// for. So a sequence keeps several, dense near its end and sparser far back,
//
//   0 . . . . . . . | . . . . . . . | . . . . | . . | . | . | | | |    end
//
// because people type and delete where they are. Whoever goes back d symbols from the end waits for a quarter as many at most, and
// nobody for more than a chunk: deleting a letter costs nothing, and a leap is rare and costs less than to see where it led.
// The number of states grows with the logarithm of the length while that is a few chunks, then by one a chunk.

/** Between two neighboring states, as a share of their distance from the end. */
const gapShare = 1 / 4;

/**
 * How many symbols to step at once, so that the states left behind lie as they should: a fifth of the rest is a quarter of what then
 * remains.
 */
export function nextBlock(remaining: number, chunkSymbols: number): number {
  return Math.min(chunkSymbols, Math.max(1, Math.floor(remaining / (1 + 1 / gapShare))));
}

/**
 * Which of ascending positions to keep, ascending: of those that their neighbors make unnecessary as few as can be, and more is left out
 * where they are more than `maxCount`, which is at least 2. The first and the last stay.
 */
export function keptPositions(positions: readonly number[], chunkSymbols: number, maxCount: number): number[] {
  for (let scale = 1; ; scale *= 2) {
    const kept = spread(positions, (distance) => Math.max(1, Math.min(chunkSymbols, distance * gapShare) * scale));
    if (kept.length <= maxCount) return kept;
  }
}

function spread(positions: readonly number[], widestGap: (distance: number) => number): number[] {
  const end = positions.at(-1)!;
  const kept = [end]; // From the end.
  for (let i = positions.length - 2; i >= 0; i--) {
    const above = kept.at(-1)!;
    const isNeeded = i === 0 || above - positions[i - 1]! > widestGap(end - above);
    if (isNeeded) kept.push(positions[i]!);
  }
  return kept.reverse();
}
