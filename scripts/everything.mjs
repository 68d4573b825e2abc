// `npm test`: every check there is, cheapest first, and `npm run test:fast`: those that need no editor. A failed step ends the run
// and names the command that repairs it, or that shows it alone.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ensureDependencies, root } from './dependencies.mjs';

const bin = (...parts) => path.join('node_modules', ...parts);

const plainText = process.stdout.isTTY ? [] : ['--colors=off'];
const vsix = path.join('out', 'e2e', 'chainrule.vsix');

const fast = [
  {
    name: 'types',
    command: [bin('typescript', 'bin', 'tsc'), '-p', '.'],
    repair: 'npm run types shows the errors alone',
  },
  {
    name: 'types of the webviews',
    command: [bin('typescript', 'bin', 'tsc'), '-p', 'src/webview'],
    repair: 'npm run types shows the errors alone',
  },
  {
    name: 'lint and format',
    command: [bin('@biomejs', 'biome', 'bin', 'biome'), 'check', '--error-on-warnings', ...plainText, '.'],
    repair: 'npm run format repairs most, npm run lint shows the rest',
  },
  {
    name: 'rooms, unit, contract, gradient, golden, property',
    command: ['scripts/test.mjs'],
    repair: 'node scripts/test.mjs <the file or folder named above> runs it alone',
  },
];

const withEditor = [
  {
    name: 'build',
    command: ['scripts/build.mjs'],
    repair: 'npm run build shows it alone; a missing package: npm ci --ignore-scripts',
  },
  {
    name: 'package',
    command: ['scripts/package.mjs', '--out', vsix],
    repair: 'npm run package shows it alone; what goes in is listed in .vscodeignore',
  },
  {
    name: 'editor and browser',
    command: ['scripts/editor.mjs'],
    repair: 'node scripts/editor.mjs, after what it asks for; a damaged editor: delete .vscode-host',
  },
  {
    name: 'editor suites',
    command: ['scripts/e2e.mjs', '--vsix', vsix],
    repair: 'npm run test:e2e -- <the test/e2e file named above> runs it alone; pictures and logs are in out/e2e',
  },
];

function runStep({ name, command, repair }) {
  console.log(`\n== ${name}`);
  const started = performance.now();
  const { status, signal } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
  const seconds = (performance.now() - started) / 1000;
  if (status === 0) return { name, seconds };
  console.error(
    `\n== ${name} FAILED (${signal ?? `exit ${status}`}) after ${seconds.toFixed(1)} s\n   repair: ${repair}`,
  );
  return undefined;
}

function main(steps) {
  try {
    ensureDependencies();
  } catch (error) {
    console.error(error.message);
    return 1;
  }
  const done = [];
  for (const step of steps) {
    const result = runStep(step);
    if (!result) return 1;
    done.push(result);
  }
  console.log('\n== passed');
  for (const { name, seconds } of done) console.log(`${seconds.toFixed(1).padStart(7)} s  ${name}`);
  return 0;
}

process.exitCode = main(process.argv.includes('--fast') ? fast : [...fast, ...withEditor]);
