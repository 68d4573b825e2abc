import type { BenchContext } from './context.ts';
export async function editorBench(_: BenchContext): Promise<void> {}
