// Our own part of what the editor calls activation: reading the extension's code, and calling `activate`.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { median } from './statistics.ts';

const numLoads = 5;

/** Each in a process of its own, which has nothing of it yet; what the editor itself has loaded by then is there already. */
export function loadMs(file = path.resolve('dist', 'extension.js')): number {
  const script = `
    const modules = require('node:module');
    const load = modules._load;
    const anything = new Proxy(function () {}, { get: () => anything, apply: () => anything });
    modules._load = (name, ...rest) => (name === 'vscode' ? anything : load(name, ...rest));
    require('node:child_process');
    const startedAt = performance.now();
    require(${JSON.stringify(file)});
    console.log(performance.now() - startedAt);`;
  const once = () => Number(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }));
  return median(Array.from({ length: numLoads }, once));
}

/** As the extension itself told its log, somewhere in the folder. */
export function activateMs(folder: string): number {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.log'));
  for (const name of names) {
    const ms = /Activated in ([\d.]+) ms/.exec(readFileSync(path.join(folder, name), 'utf8'))?.[1];
    if (ms !== undefined) return Number(ms);
  }
  throw new Error(`editor: expected the time of activation in one of ${names.length} logs, found none`);
}
