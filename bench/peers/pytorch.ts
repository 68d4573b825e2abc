// Runs one of the scripts beside it and asks it for timings, line by line. PyTorch is optional: without it there are figures, but no peer.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Disposable } from '../../src/base/disposable.ts';
import { jsonObject, parseJson } from '../../src/base/json.ts';

const startWithinMs = 60_000;

export interface PeerTask {
  /** Of the file beside this one. */
  readonly script: string;
  readonly config: unknown;
  readonly batch: number;
  readonly time: number;
}

export interface PeerRequest {
  readonly optimizer: string;
  readonly threads: number;
  readonly steps: number;
}

/** The first of these that has PyTorch. */
export function findPyTorch(wanted: string | undefined): string | undefined {
  const candidates = wanted === undefined ? ['python3', '/usr/bin/python3', 'python'] : [wanted];
  return candidates.find((python) => {
    const { status } = spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore', timeout: startWithinMs });
    return status === 0;
  });
}

export class PyTorchPeer implements Disposable {
  readonly version: string;
  readonly numParameters: number;
  readonly #file: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  static async start(python: string, { script, ...task }: PeerTask): Promise<PyTorchPeer> {
    const file = path.join('bench', 'peers', script);
    const child = spawn(python, [file, JSON.stringify(task)], { stdio: ['pipe', 'pipe', 'inherit'] });
    const reader = createInterface({ input: child.stdout });
    const lines = reader[Symbol.asyncIterator]();
    const about = await nextObject(file, lines);
    return new PyTorchPeer(file, child, reader, lines, about.string('version'), about.integer('parameters'));
  }

  private constructor(
    file: string,
    child: ChildProcess,
    reader: Interface,
    lines: AsyncIterator<string>,
    version: string,
    numParameters: number,
  ) {
    this.#file = file;
    this.#child = child;
    this.#reader = reader;
    this.#lines = lines;
    this.version = version;
    this.numParameters = numParameters;
  }

  /** Seconds that the steps took. */
  async time(request: PeerRequest): Promise<number> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    return (await nextObject(this.#file, this.#lines)).number('seconds');
  }

  /** Its stdin ends, and so does it. */
  dispose(): void {
    this.#child.stdin?.end();
    this.#reader.close();
  }
}

async function nextObject(file: string, lines: AsyncIterator<string>) {
  const { value, done } = await lines.next();
  if (done) throw new Error(`${file}: it ended before it answered; what it said is above`);
  return jsonObject(parseJson(value, file, ''), file, '');
}
