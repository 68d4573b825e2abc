// A peer in a process of its own, asked line by line (lineServer.ts has the lines). What it says on stderr goes to ours.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type { Disposable } from '../../src/base/disposable.ts';

export class LineProcess implements Disposable {
  /** What it calls itself. */
  readonly title: string;
  readonly #child: ChildProcess;
  readonly #reader: Interface;
  readonly #lines: AsyncIterator<string>;

  static async start(file: string, args: readonly string[]): Promise<LineProcess> {
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    child.on('error', () => child.stdout.destroy()); // There is no such program: the next line tells that it ended.
    const reader = createInterface({ input: child.stdout });
    const lines = reader[Symbol.asyncIterator]();
    const title = await nextLine(lines, [file, ...args].join(' '));
    if (title.startsWith('ready ')) return new LineProcess(title.slice('ready '.length), child, reader, lines);
    child.kill();
    throw new Error(`${file}: expected a line that begins with ready, got ${title}`);
  }

  private constructor(title: string, child: ChildProcess, reader: Interface, lines: AsyncIterator<string>) {
    this.title = title;
    this.#child = child;
    this.#reader = reader;
    this.#lines = lines;
  }

  async ask(line: string): Promise<string> {
    this.#child.stdin?.write(`${line}\n`);
    return nextLine(this.#lines, this.title);
  }

  async number(line: string): Promise<number> {
    const answer = await this.ask(line);
    const value = Number(answer);
    if (answer !== '' && Number.isFinite(value)) return value;
    throw new Error(`${this.title}: expected a number for "${line}", got "${answer.slice(0, 80)}"`);
  }

  async numbers(line: string): Promise<number[]> {
    return (await this.ask(line)).trim().split(' ').map(Number);
  }

  /** Its stdin ends, and so does it. */
  dispose(): void {
    this.#child.stdin?.end();
    this.#reader.close();
    this.#child.kill();
  }
}

async function nextLine(lines: AsyncIterator<string>, title: string): Promise<string> {
  const { value, done } = await lines.next();
  if (done) throw new Error(`${title}: it ended before it answered; what it said is above`);
  return value;
}
