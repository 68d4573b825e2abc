// The real src/host.ts, bundled and forked: how it starts, what it says without a native library, and how it ends.
import assert from 'node:assert/strict';
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { readToShell, type ToHost, type ToShell } from '../../../src/protocol/hostMessages.ts';
import { readFromTrainer } from '../../../src/protocol/trainerMessages.ts';
import { isRunning, until } from '../until.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'chainrule host '));
const hostPath = path.join(folder, 'host.js');
after(() => rmSync(folder, { recursive: true }));

// The bundler is found from here at run time; it cannot be bundled itself.
const esbuild: typeof import('esbuild') = createRequire(path.resolve('package.json'))('esbuild');
const { common } = (await import(pathToFileURL(path.resolve('scripts/build.mjs')).href)) as { common: object };
await esbuild.build({ ...common, entryPoints: ['src/host.ts'], outfile: hostPath });

interface Forked {
  readonly child: ChildProcess;
  readonly messages: ToShell[];
  send(message: ToHost | object): void;
  got(kind: ToShell['kind'], part?: string): boolean;
}

function forked(role: string): Forked {
  const child = fork(hostPath, [role], {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const messages: ToShell[] = [];
  child.stdout?.resume();
  child.stderr?.resume();
  child.on('message', (value) => messages.push(readToShell(value)));
  return {
    child,
    messages,
    send: (message) => void child.send(message),
    got: (kind, part = '') =>
      messages.some((message) => message.kind === kind && JSON.stringify(message).includes(part)),
  };
}

const configure: ToHost = {
  kind: 'configure',
  modelPath: path.join(folder, 'nowhere'),
  threads: 1,
  weights: 'auto',
  storagePath: '',
  logLevel: 'info',
  workAhead: true,
};

test('starts below normal priority, says plainly that the native library is missing, and ends when asked', async () => {
  const host = forked('engine');
  host.send({ kind: 'hello', protocolVersion: 1 });
  host.send(configure);
  await until('the failure to load', () => host.got('status', '"state":"failed"'));
  // The bundle lies where no native library is to be found, as on a platform that has none.
  assert.ok(host.got('status', 'onnxruntime-node has no usable binary'), JSON.stringify(host.messages));
  assert.ok(host.got('ready'));
  if (process.platform === 'linux')
    assert.equal(os.getPriority(host.child.pid), os.constants.priority.PRIORITY_BELOW_NORMAL);
  host.send({ kind: 'gibberish' });
  await until('the complaint', () => host.got('log', 'gibberish'));
  host.send({ kind: 'shutdown' });
  await until('its end', () => host.child.exitCode !== null);
  assert.equal(host.child.exitCode, 0);
});

test('the trainer says what can be trained, below the engine in priority, and ends with its channel', async () => {
  const child = fork(hostPath, ['trainer'], {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const messages: unknown[] = [];
  child.on('message', (value) => messages.push(readFromTrainer(value)));
  child.send({ kind: 'hello', protocolVersion: 1 });
  await until('it to be ready', () => JSON.stringify(messages).includes('pixelCnn'));
  if (process.platform === 'linux') assert.equal(os.getPriority(child.pid), os.constants.priority.PRIORITY_LOW);
  child.disconnect();
  await until('its end', () => child.exitCode !== null);
});

test('a role that does not exist ends it with the list of those that do', async () => {
  const { child } = forked('poet');
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  await until('its end', () => child.exitCode !== null && said.includes('\n'));
  assert.equal(child.exitCode, 2);
  assert.match(said, /engine, trainer, sampler.*got poet/);
});

test('it ends when the channel is closed', async () => {
  const { child, send, got } = forked('engine');
  send({ kind: 'hello', protocolVersion: 1 });
  await until('it to run', () => got('ready'));
  child.disconnect();
  await until('its end', () => child.exitCode !== null);
});

test('no orphan is left when the parent is killed', async () => {
  const parent = spawn(process.execPath, ['test/unit/shell/fakeParent.mjs', hostPath, 'engine']);
  let said = '';
  parent.stdout.on('data', (chunk) => {
    said += chunk;
  });
  await until('the child of the child', () => said.includes('\n'));
  const pid = Number(said);
  assert.ok(isRunning(pid));
  parent.kill('SIGKILL');
  await until('its end', () => !isRunning(pid));
});
