// What the figures were measured on, in words.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export function machineFacts(threads: number, rounds: number): string[] {
  const { model = 'unknown processor' } = os.cpus()[0] ?? {};
  const memory = `${Math.round(os.totalmem() / 2 ** 30)} GiB`;
  return [
    `${model.trim()}, ${os.availableParallelism()} cores, ${memory}, ${os.type()} ${os.release().split('-')[0]} ${os.arch()}.`,
    `Node ${process.versions.node}, ONNX Runtime ${versionOf('onnxruntime-node')}, commit ${commit()}.`,
    `Engine threads: ${threads}; rounds: ${rounds}, of which the medians are shown.`,
  ];
}

function versionOf(name: string): string {
  const file = path.join('node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** With a plus when the working tree differs from it. */
function commit(): string {
  const git = (...args: string[]) => spawnSync('git', args, { encoding: 'utf8' }).stdout?.trim() ?? '';
  const hash = git('rev-parse', '--short', 'HEAD');
  return hash === '' ? 'unknown' : hash + (git('status', '--porcelain', '--', 'src', 'bench') === '' ? '' : '+');
}
