// A real editor with the extension installed from its VSIX and the probe beside it, opened for a measurement and gone after it.
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jsonObject, parseJson } from '../src/base/json.ts';
import { launchBrowser } from '../test/e2e/lib/browser.ts';
import { textFiles } from '../test/e2e/lib/learningData.ts';
import { killAllAtHome } from '../test/e2e/lib/processes.ts';
import { createSandbox, literalTyping, type Sandbox, type Settings } from '../test/e2e/lib/sandbox.ts';
import { installExtension, startServer } from '../test/e2e/lib/server.ts';
import { corpusText, trainTestModel } from '../test/e2e/lib/testModel.ts';
import { Workbench } from '../test/e2e/lib/workbench.ts';
import type { BenchContext } from './context.ts';
import { existingModel } from './model.ts';
import { earlyStops, sureStops, type TypedLine } from './stops.ts';
import { typedPath, typedText } from './text.ts';

export interface Scene {
  readonly settings: Settings;
  readonly file: string;
  /** Is there when the file is opened. */
  readonly before: string;
  /** Are typed, again from the first when they are spent. */
  readonly lines: readonly TypedLine[];
}

export interface OpenEditor {
  readonly workbench: Workbench;
  readonly sandbox: Sandbox;
  /** Of the probe. */
  readonly socket: string;
}

/** What the editors of a group share; `body` opens as many as it likes. */
export async function withEditors<T>(
  bench: BenchContext,
  body: (scene: Scene, withEditor: <R>(use: (editor: OpenEditor) => Promise<R>) => Promise<R>) => Promise<T>,
): Promise<T> {
  const vsix = await bench.vsix();
  bench.scripts.ensureEditorAndBrowser();
  const scene = await chooseScene(bench);
  const extensions = mkdtempSync(path.join(tmpdir(), 'chainrule-bench-'));
  let isFirst = true;
  try {
    installExtensions(extensions, vsix);
    return await body(scene, (use) => {
      const note = isFirst ? bench.note : () => undefined;
      isFirst = false;
      return openEditor(scene, extensions, note, use);
    });
  } finally {
    rmSync(extensions, { recursive: true, force: true });
  }
}

/** Completions are on, the model is ready, and the cursor is at the end of the scene's file. */
async function openEditor<T>(
  scene: Scene,
  extensions: string,
  note: (text: string) => void,
  use: (editor: OpenEditor) => Promise<T>,
): Promise<T> {
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
    note(`VS Code ${editorVersion()} in Chromium ${page.context().browser()?.version() ?? ''}.`);
    await page.addInitScript({ path: path.resolve('bench', 'ghostWatch.js') });
    const workbench = new Workbench(page);
    await page.goto(server.windowAddress(sandbox.workspace, scene.file));
    await workbench.isUp();
    await workbench.waitForStatus(/: ready: ./);
    await workbench.focusEnd();
    return await use({ workbench, sandbox, socket });
  } finally {
    await browser.close();
    await server.stop();
    process.off('exit', killAll);
    sandbox.remove();
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

function editorVersion(): string {
  const file = path.join('.vscode-host', 'node_modules', 'code-server', 'lib', 'vscode', 'package.json');
  return jsonObject(parseJson(readFileSync(file, 'utf8'), file), file).string('version');
}
