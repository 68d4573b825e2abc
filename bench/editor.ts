// The real editor, the extension installed from its VSIX, and somebody typing. Each round is an editor of its own: first a few
// lines with completions off, then as many with them on, for the stalls; then lines that stop where the model has something to
// say, until ghost text is seen; then all of it once more while a model is trained. Times are taken inside: in the page
// (ghostWatch.js) and in the extension host (probe/).
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jsonObject, parseJson } from '../src/base/json.ts';
import { launchBrowser } from '../test/e2e/lib/browser.ts';
import { eventually } from '../test/e2e/lib/eventually.ts';
import { textFiles } from '../test/e2e/lib/learningData.ts';
import { enginesAtHome, killAllAtHome } from '../test/e2e/lib/processes.ts';
import { commands } from '../test/e2e/lib/product.ts';
import { createSandbox, literalTyping, type Sandbox, type Settings } from '../test/e2e/lib/sandbox.ts';
import { installExtension, startServer } from '../test/e2e/lib/server.ts';
import { corpusText, trainTestModel } from '../test/e2e/lib/testModel.ts';
import { Workbench } from '../test/e2e/lib/workbench.ts';
import { type BenchContext, forRounds } from './context.ts';
import { existingModel } from './model.ts';
import { askProbe, type ProbeAnswer } from './probe/client.ts';
import { percentile } from './statistics.ts';
import { earlyStops, sureStops, type TypedLine } from './stops.ts';
import { typedPath, typedText } from './text.ts';
import { Typist } from './typist.ts';
import { measureWhileTraining } from './whileTraining.ts';

/** An editor takes half a minute to start and to end. */
const maxRounds = 3;
const numKeystrokes = 50;
const linesForStalls = 8;

interface Scene {
  readonly settings: Settings;
  readonly file: string;
  /** Is there when the file is opened. */
  readonly before: string;
  /** Are typed, again from the first when they are spent. */
  readonly lines: readonly TypedLine[];
}

export async function editorBench(bench: BenchContext): Promise<void> {
  const vsix = await bench.vsix();
  bench.scripts.ensureEditorAndBrowser();
  const scene = await chooseScene(bench);
  const extensions = mkdtempSync(path.join(tmpdir(), 'chainrule-bench-'));
  try {
    installExtensions(extensions, vsix);
    const rounds = Math.min(bench.options.rounds, maxRounds);
    const counts = { asked: 0, silent: 0 };
    await forRounds({ ...bench, options: { ...bench.options, rounds } }, 'editor', async (round) => {
      const silent = await measureEditor(bench, scene, extensions, round === 0);
      counts.asked += numKeystrokes + silent;
      counts.silent += silent;
    });
    bench.note(
      `Rounds in the editor: ${rounds}, ${numKeystrokes} keystrokes in each; of ${counts.asked} stops in typing ${counts.silent} brought no ghost text.`,
    );
  } finally {
    rmSync(extensions, { recursive: true, force: true });
  }
}

/** The probe first: what lies in the folder at the first installation, the editor takes for installed. */
function installExtensions(folder: string, vsix: string): void {
  cpSync(path.join('bench', 'probe'), path.join(folder, 'chainrule.bench-probe-0.0.0'), { recursive: true });
  const sandbox = createSandbox({ extensions: folder });
  try {
    installExtension(sandbox, vsix);
  } finally {
    sandbox.remove();
  }
}

/** A model that has something to say: random parameters suggest nothing that the extension would show. */
async function chooseScene(bench: BenchContext): Promise<Scene> {
  const { model: wanted } = bench.options;
  const found = existingModel(wanted);
  const threads = { 'chainrule.engine.threads': bench.threads };
  if (found) {
    const lines = typedText().split('\n');
    const start = Math.floor(lines.length / 3);
    const file = path.basename(typedPath);
    const before = `${lines.slice(0, start).join('\n')}\n`;
    const sure = await sureStops({ ...bench, dir: found.dir }, { name: file, before }, lines.slice(start));
    const numStops = sure.lines.filter(({ stop }) => stop !== undefined).length;
    bench.note(
      `In the editor: ${found.title}, typing ${typedPath}; of ${lines.length - start} lines it has something to show in ${numStops}, the first of at most 8 places that were tried in each (${sure.numTried} in all).`,
    );
    if (numStops === 0) throw new Error(`editor: ${found.title} has nothing to show in ${typedPath}; measure another`);
    return {
      settings: wanted === undefined ? threads : { ...threads, 'chainrule.model.path': found.dir },
      file,
      before,
      lines: sure.lines,
    };
  }
  const dir = await trainTestModel(path.resolve('out', 'e2e', 'model'));
  const text = corpusText('days.ts');
  bench.note('In the editor: the tiny model of the editor suites, since models/default is missing.');
  return {
    settings: { ...threads, 'chainrule.model.path': dir },
    file: 'days.ts',
    before: text,
    lines: earlyStops(text.trimEnd().split('\n')),
  };
}

/** Returns how many stops in typing brought no ghost text. */
async function measureEditor(bench: BenchContext, scene: Scene, extensions: string, isFirst: boolean): Promise<number> {
  const { recorder } = bench;
  const settings: Settings = { ...literalTyping, 'editor.autoIndent': 'none', ...scene.settings };
  const sandbox = createSandbox({ settings, extensions });
  const killAll = () => killAllAtHome(sandbox.home);
  process.once('exit', killAll);
  const socket = path.join(sandbox.folder, 'probe');
  sandbox.write(scene.file, scene.before);
  for (const [name, text] of Object.entries(textFiles())) sandbox.write(`learn/${name}`, text);
  const server = await startServer(sandbox, { environment: { CHAINRULE_BENCH_SOCKET: socket } });
  const browser = await launchBrowser(sandbox);
  try {
    const page = await browser.newPage();
    if (isFirst) bench.note(`VS Code ${editorVersion()} in Chromium ${page.context().browser()?.version() ?? ''}.`);
    await page.addInitScript({ path: path.resolve('bench', 'ghostWatch.js') });
    const workbench = new Workbench(page);
    await page.goto(server.windowAddress(sandbox.workspace, scene.file));
    await workbench.isUp();
    await workbench.waitForStatus(/: ready: ./);
    await workbench.focusEnd();
    const typist = new Typist(page, scene.lines, bench.signal);

    await workbench.command(commands.toggle);
    await workbench.waitForStatus(/: off here: ./);
    const stallOff = await stallDuring(socket, () => typist.typeLines(linesForStalls));
    await workbench.command(commands.toggle);
    await workbench.waitForStatus(/: ready: ./);
    const stallOn = await stallDuring(socket, () => typist.typeLines(linesForStalls));
    const off = (value: number) => ({ name: 'completions off', value });
    recorder.add('editor/longestStall', 'ms', stallOn.longestStallMs, off(stallOff.longestStallMs));
    recorder.add('editor/longestWork', 'ms', stallOn.longestWorkMs, off(stallOff.longestWorkMs));

    const { asked, along, silent } = await typist.keystrokes(numKeystrokes);
    recorder.add('editor/ghostText/p50', 'ms', percentile(asked, 0.5));
    recorder.add('editor/ghostText/p95', 'ms', percentile(asked, 0.95));
    if (along.length > 0) {
      recorder.add('editor/ghostTextAlong/p50', 'ms', percentile(along, 0.5));
      recorder.add('editor/ghostTextAlong/p95', 'ms', percentile(along, 0.95));
    }
    const { residentBytes } = await askProbe(socket);
    recorder.add('memory/extensionHost', 'MiB', residentBytes / 2 ** 20);
    recorder.add('memory/engine', 'MiB', engineResidentBytes(sandbox) / 2 ** 20);
    const typing = { workbench, typist, socket, file: scene.file };
    await measureWhileTraining(recorder, typing, { stall: stallOn, asked });
    // Last: that page takes the focus again and again, and closes the palette.
    recorder.add('editor/activation', 'ms', await activationMs(workbench));
    return silent;
  } finally {
    await browser.close();
    await server.stop();
    process.off('exit', killAll);
    sandbox.remove();
  }
}

async function stallDuring(socket: string, body: () => Promise<void>): Promise<ProbeAnswer> {
  await askProbe(socket);
  await body();
  return askProbe(socket);
}

function engineResidentBytes(sandbox: Sandbox): number {
  const [engine] = enginesAtHome(sandbox.home);
  const status = engine && readFileSync(`/proc/${engine.pid}/status`, 'utf8');
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status ?? '')?.[1];
  if (kibibytes === undefined) throw new Error('editor: expected an engine that runs, found none');
  return Number(kibibytes) * 1024;
}

/** As VS Code itself reports it. */
async function activationMs(workbench: Workbench): Promise<number> {
  await workbench.command('Developer: Show Running Extensions');
  const { page } = workbench;
  const row = page
    .locator('.runtime-extensions-editor .extension')
    .filter({ has: page.locator('.name').getByText('Chainrule', { exact: true }) });
  return eventually('VS Code tells the activation time', async () => {
    const text = await row.first().locator('.activation-time').textContent();
    const ms = /(\d+)\s*ms/.exec(text ?? '')?.[1];
    return ms === undefined ? false : Number(ms);
  });
}

function editorVersion(): string {
  const file = path.join('.vscode-host', 'node_modules', 'code-server', 'lib', 'vscode', 'package.json');
  return jsonObject(parseJson(readFileSync(file, 'utf8'), file), file).string('version');
}
