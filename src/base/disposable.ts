// Ownership made explicit: whoever creates a Disposable disposes of it, once. `liveCount` lets every test suite end by
// asserting that nothing native is left behind.

export interface Disposable {
  dispose(): void;
}

/** Disposes of its members in reverse order of addition; later additions are disposed of at once. */
export class DisposableStore implements Disposable {
  #members: Disposable[] = [];
  #disposed = false;

  add<T extends Disposable>(member: T): T {
    if (this.#disposed) member.dispose();
    else this.#members.push(member);
    return member;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const member of this.#members.splice(0).reverse()) member.dispose();
  }
}

const live = new Map<string, number>();

/** Counts one live object of a kind that must not leak (a session, a cache); returns the function that ends its life. */
export function trackLife(kind: string): () => void {
  live.set(kind, (live.get(kind) ?? 0) + 1);
  let alive = true;
  return () => {
    if (!alive) return;
    alive = false;
    live.set(kind, (live.get(kind) ?? 0) - 1);
  };
}

/** What is alive now, by kind, for leak tests: `{}` when nothing is. */
export function liveObjects(): Record<string, number> {
  return Object.fromEntries([...live].filter(([, count]) => count !== 0));
}
