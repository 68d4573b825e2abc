// The real editor, the extension installed from its VSIX, and somebody typing. Each round is an editor of its own: first a few
// lines with completions off, then as many with them on, for the stalls; then lines that stop where the model has something to
// say, until ghost text is seen; then all of it once more while a model is trained. Times are taken inside: in the page
// (ghostWatch.js) and in the extension host (probe/).
import { readFileSync } from 'node:fs';
import { eventually } from '../test/e2e/lib/eventually.ts';
import { commands } from '../test/e2e/lib/product.ts';
import type { Sandbox } from '../test/e2e/lib/sandbox.ts';
import type { Workbench } from '../test/e2e/lib/workbench.ts';
import { activateMs, loadMs } from './activation.ts';
import { type BenchContext, forRounds } from './context.ts';
import { type OpenEditor, type Scene, withEditors } from './editorSession.ts';
import { enginePid, idleShares } from './idle.ts';
import { askProbe, type ProbeAnswer } from './probe/client.ts';
import { percentile } from './statistics.ts';
import { Typist } from './typist.ts';
import { measureWhileTraining } from './whileTraining.ts';

/** An editor takes half a minute to start and to end. */
const maxRounds = 3;
const numKeystrokes = 50;
const linesForStalls = 8;

export async function editorBench(bench: BenchContext): Promise<void> {
  await withEditors(bench, async (scene, withEditor) => {
    const rounds = Math.min(bench.options.rounds, maxRounds);
    const counts = { asked: 0, silent: 0 };
    await forRounds({ ...bench, options: { ...bench.options, rounds } }, 'editor', async () => {
      const silent = await withEditor((editor) => measureEditor(bench, scene, editor));
      counts.asked += numKeystrokes + silent;
      counts.silent += silent;
    });
    bench.note(
      `Rounds in the editor: ${rounds}, ${numKeystrokes} keystrokes in each; of ${counts.asked} stops in typing ${counts.silent} brought no ghost text.`,
    );
  });
}

/** Returns how many stops in typing brought no ghost text. */
async function measureEditor(bench: BenchContext, scene: Scene, editor: OpenEditor): Promise<number> {
  const { recorder } = bench;
  const { workbench, socket, sandbox } = editor;
  const typist = new Typist(workbench.page, scene.lines, bench.signal);

  await workbench.command(commands.toggle);
  await workbench.waitForStatus(/: off here: ./);
  const stallOff = await stallDuring(socket, () => typist.typeLines(linesForStalls));
  const idleOff = await idleShares(editor);
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
  const idle = await idleShares(editor);
  recorder.add('idle/cpu/engine', '%', idle.engine);
  recorder.add('idle/cpu/extensionHost', '%', idle.extensionHost, off(idleOff.extensionHost));
  const { residentBytes } = await askProbe(socket);
  recorder.add('memory/extensionHost', 'MiB', residentBytes / 2 ** 20);
  recorder.add('memory/engine', 'MiB', engineResidentBytes(sandbox) / 2 ** 20);
  const typing = { workbench, typist, socket, file: scene.file };
  await measureWhileTraining(recorder, typing, { stall: stallOn, asked });
  // Last: that page takes the focus again and again, and closes the palette.
  recorder.add('editor/activation', 'ms', await activationMs(workbench));
  recorder.add('editor/activation/own', 'ms', loadMs() + activateMs(sandbox.folder));
  return silent;
}

async function stallDuring(socket: string, body: () => Promise<void>): Promise<ProbeAnswer> {
  await askProbe(socket);
  await body();
  return askProbe(socket);
}

function engineResidentBytes(sandbox: Sandbox): number {
  const status = readFileSync(`/proc/${enginePid(sandbox)}/status`, 'utf8');
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kibibytes === undefined) throw new Error('editor: expected the engine to have memory, found none');
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
