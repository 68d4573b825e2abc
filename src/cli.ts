// The terminal's door: a table of commands. Exit status: 0 done, 1 failed, 2 called wrongly, 130 interrupted.
import { CancelledError, messageOf, UserError } from './base/errors.ts';
import { assemble } from './cli/assemble.ts';
import { bits } from './cli/bits.ts';
import { check } from './cli/check.ts';
import type { Command, CommandContext } from './cli/command.ts';
import { complete } from './cli/complete.ts';
import { compress } from './cli/compress.ts';
import { decompress } from './cli/decompress.ts';
import { describe } from './cli/describe.ts';
import { exportModel } from './cli/export.ts';
import { graphs } from './cli/graphs.ts';
import { interruption } from './cli/interruption.ts';
import { quantize } from './cli/quantize.ts';
import { sample } from './cli/sample.ts';
import { tokenizer } from './cli/tokenizer.ts';
import { train } from './cli/train.ts';

const commands: Readonly<Record<string, Command>> = {
  train,
  tokenizer,
  complete,
  bits,
  sample,
  compress,
  decompress,
  check,
  describe,
  graphs,
  quantize,
  assemble,
  export: exportModel,
};

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === 'help') {
    process.stdout.write(`${overview()}\n`);
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    process.stderr.write(`chainrule: there is no command ${name}\n${overview()}\n`);
    return 2;
  }
  if (args.includes('--help')) {
    process.stdout.write(`${command.summary}\n\n${command.usage}\n`);
    return 0;
  }
  return run(name, command, args);
}

async function run(name: string, command: Command, args: readonly string[]): Promise<number> {
  const line = new StatusLine();
  const context: CommandContext = {
    out: (text) => {
      line.clear();
      process.stdout.write(`${text}\n`);
    },
    log: (text) => {
      line.clear();
      process.stderr.write(`${text}\n`);
    },
    progress: (text) => line.draw(text),
    signal: interruption(process, process.stdout),
    now: () => performance.now(),
  };
  try {
    return await command.run(args, context);
  } catch (error) {
    line.clear();
    if (error instanceof CancelledError) return 130;
    if (isUsageError(error)) {
      process.stderr.write(`chainrule ${name}: ${messageOf(error)}\n\n${command.usage}\n`);
      return 2;
    }
    const text = error instanceof UserError || !(error instanceof Error) ? messageOf(error) : error.stack;
    process.stderr.write(`chainrule ${name}: ${text}\n`);
    return 1;
  } finally {
    line.clear();
  }
}

class StatusLine {
  #drawn = false;

  draw(text: string): void {
    if (!process.stderr.isTTY) return;
    process.stderr.write(`\r\x1b[2K${text.slice(0, Math.max(20, process.stderr.columns - 1))}`);
    this.#drawn = true;
  }

  clear(): void {
    if (this.#drawn) process.stderr.write('\r\x1b[2K');
    this.#drawn = false;
  }
}

function isUsageError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

function overview(): string {
  const names = Object.keys(commands);
  const width = Math.max(...names.map((name) => name.length));
  const rows = names.map((name) => `  ${name.padEnd(width)}  ${commands[name]!.summary}`);
  return `chainrule COMMAND [options]\n\n${rows.join('\n')}\n\n  chainrule COMMAND --help tells more`;
}

// Not process.exit: what was written to a pipe must still arrive.
main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    process.stderr.write(`chainrule: ${messageOf(error)}\n`);
    process.exitCode = 1;
  },
);
