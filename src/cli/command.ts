// What a command of the terminal is. Results go to stdout, everything a person watches meanwhile to stderr.

export interface CommandContext {
  /** One line of result. */
  readonly out: (line: string) => void;
  /** One line for the person. */
  readonly log: (line: string) => void;
  /** Redraws the last line of stderr when that is a terminal, and does nothing otherwise. */
  readonly progress: (line: string) => void;
  /** Raised by Ctrl+C and when stdout is closed. */
  readonly signal: AbortSignal;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

export interface Command {
  readonly summary: string;
  readonly usage: string;
  /** Returns the exit status. @throws UserError for what the person can repair. */
  run(args: readonly string[], context: CommandContext): Promise<number>;
}
