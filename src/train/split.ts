// What is learnt from and what is held out to measure with: whole files, by a hash of their names. The same ones in every run over the
// same folder, whatever else comes or goes there, and never a file that is also learnt from.

export interface Split<T> {
  readonly training: readonly T[];
  readonly heldOut: readonly T[];
}

const heldOutShare = 0.05;
/** Of all that there is, in whatever it is measured. */
const mostHeldOut = 0.3;

/**
 * About one in twenty is held out, and at least one of two; a single one is not. When what the hash takes is too large a part of the whole, its
 * largest go back: there must be something left to learn from.
 */
export function splitHeldOut<T extends { readonly id: string }>(
  all: readonly T[],
  sizeOf: (one: T) => number,
): Split<T> {
  if (all.length < 2) return { training: all, heldOut: [] };
  const most = mostHeldOut * all.reduce((sum, one) => sum + sizeOf(one), 0);
  // By size, then by hash, so that what goes back does not depend on the order of the files.
  const byHash = all.filter((one) => pathHash(one.id) < heldOutShare * 2 ** 32);
  const bySize = byHash.toSorted((a, b) => sizeOf(a) - sizeOf(b) || pathHash(a.id) - pathHash(b.id));
  const held = new Set<T>();
  let size = 0;
  for (const one of bySize) {
    size += sizeOf(one);
    if (size > most) break;
    held.add(one);
  }
  if (held.size === 0) held.add(firstByHash(all, sizeOf, most));
  return { training: all.filter((one) => !held.has(one)), heldOut: all.filter((one) => held.has(one)) };
}

/** Of those that are not too large, or else the smallest. */
function firstByHash<T extends { readonly id: string }>(
  all: readonly T[],
  sizeOf: (one: T) => number,
  most: number,
): T {
  const small = all.filter((one) => sizeOf(one) <= most);
  const isBefore = (a: T, b: T) => (small.length > 0 ? pathHash(a.id) < pathHash(b.id) : sizeOf(a) < sizeOf(b));
  return (small.length > 0 ? small : all).reduce((first, one) => (isBefore(one, first) ? one : first));
}

/** FNV-1a over UTF-16 units, then a finalizer (Murmur3's), since paths differ mostly in their last characters. */
export function pathHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
