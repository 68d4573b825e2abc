// `npm start` on a machine without a desktop VS Code: it says where the editor is, the editor answers, Ctrl+C ends all of it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { eventually } from './lib/eventually.ts';
import { hostFolder, root } from './lib/installation.ts';
import { processesAtHome, signalProcess } from './lib/processes.ts';

const startWithinMs = 120_000;

test('npm start opens the samples, and Ctrl+C leaves nothing running', async (t) => {
  const home = path.join(hostFolder, 'start', 'home');
  const child = spawn(process.execPath, ['scripts/start.mjs', '--npm-editor'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => signalProcess(child.pid ?? 0, 'SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const address = await eventually(
    'the address is printed',
    () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${output}`);
      return /http:\/\/127\.0\.0\.1:\d+\S*/.exec(output)?.[0];
    },
    { timeoutMs: startWithinMs },
  );
  assert.match(output, /Tab takes the suggestion/);
  const answer = await fetch(address);
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /vscode-workbench-web-configuration/);
  assert.ok(processesAtHome(home).length > 0);

  child.kill('SIGINT');
  await eventually('npm start ends', () => child.exitCode !== null);
  assert.equal(child.exitCode, 0, output);
  assert.deepEqual(processesAtHome(home), []);
});
