// A terminal that remembers what a command wrote, for commands run in this process.
import type { CommandContext } from '../../../src/cli/command.ts';

export interface Terminal extends CommandContext {
  readonly lines: string[];
}

export function terminal(signal = new AbortController().signal): Terminal {
  const lines: string[] = [];
  return {
    lines,
    signal,
    out: (line) => lines.push(line),
    log: () => undefined,
    progress: () => undefined,
    now: () => 0,
  };
}

/** Every line of stdout as JSON. */
export function recordsOf({ lines }: Terminal): Record<string, unknown>[] {
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}
