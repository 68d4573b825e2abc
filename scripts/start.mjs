// `npm start`: builds the extension and opens it with the sample workspace. In the installed VS Code when there is a `code`
// command, else (or with --npm-editor) in the VS Code from npm, whose window is a page; then Ctrl+C ends everything.

import { spawn } from 'node:child_process';
import { existsSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureDependencies, npm, root } from './dependencies.mjs';

const samples = path.join(root, 'samples');
const hint = [
  'To see the first ghost text: open shapes.ts, put the cursor at its end and type',
  '',
  '    for (const',
  '',
  'Tab takes the suggestion, Escape drops it. More in samples/README.md.',
].join('\n');

/** The installed VS Code's command, if it is on the PATH. */
function installedCode() {
  const names = process.platform === 'win32' ? ['code.cmd', 'code.exe'] : ['code'];
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  return folders.flatMap((folder) => names.map((name) => path.join(folder, name))).find((file) => existsSync(file));
}

function startInstalled(code) {
  console.log(`Opening ${code} ...\n\n${hint}`);
  const args = ['--new-window', `--extensionDevelopmentPath=${root}`, samples];
  const shell = process.platform === 'win32'; // `code` is a batch file there, and paths may have blanks.
  const quoted = (text) => (shell ? `"${text}"` : text);
  return new Promise((resolve, reject) => {
    spawn(quoted(code), args.map(quoted), { stdio: 'inherit', shell })
      .on('error', reject)
      .on('exit', (status) => resolve(status ?? 1));
  });
}

async function startFromNpm(port) {
  process.chdir(root);
  const { load } = await import('./load.mjs');
  const { ensureEditor, hostFolder } = await load('test/e2e/lib/installation.ts');
  const { createSandbox } = await load('test/e2e/lib/sandbox.ts');
  const { startServer } = await load('test/e2e/lib/server.ts');
  ensureEditor(npm);

  const folder = path.join(hostFolder, 'start');
  // The editor remembers what an extension's manifest said; only the profile is kept from start to start.
  rmSync(path.join(folder, 'extensions'), { recursive: true, force: true });
  const sandbox = createSandbox({ folder });
  symlinkSync(root, path.join(sandbox.extensions, 'chainrule.chainrule-development'));
  const server = await startServer(sandbox, { port });
  console.log(
    `\nVS Code with Chainrule and the sample workspace is at\n\n    ${server.windowAddress(samples)}\n\n${hint}`,
  );
  console.log('\nCtrl+C here ends it.');

  await new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, resolve);
    void server.ended.then(resolve);
  });
  console.log('\nEnding ...');
  const killed = await server.stop();
  if (killed.length > 0) console.error(`These had to be killed: ${killed.join(', ')}`);
  return 0;
}

async function main() {
  const { values } = parseArgs({ options: { 'npm-editor': { type: 'boolean' }, port: { type: 'string' } } });
  ensureDependencies();
  const { build } = await import('./build.mjs');
  await build();
  const code = values['npm-editor'] ? undefined : installedCode();
  return code ? startInstalled(code) : startFromNpm(values.port ? Number(values.port) : undefined);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
