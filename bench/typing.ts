// Minutes of somebody typing a file of this repository, with pauses, mistakes that are taken back, suggestions that are accepted and
// jumps to the beginning and back: how long was the extension host held up, and how much of that was computed there? The same
// recording goes once with completions and once without, slice by slice, so that a machine that is slow for a while is slow for both.
import { setTimeout } from 'node:timers/promises';
import { throwIfCancelled } from '../src/base/errors.ts';
import { Random } from '../src/base/random.ts';
import { commands } from '../test/e2e/lib/product.ts';
import type { Workbench } from '../test/e2e/lib/workbench.ts';
import type { BenchContext } from './context.ts';
import { type OpenEditor, withEditors } from './editorSession.ts';
import { askProbe, type ProbeAnswer } from './probe/client.ts';
import type { TypedLine } from './stops.ts';

export type TypingAction =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'pause' }
  /** Takes the ghost text, if there is any, and the line is done. */
  | { readonly kind: 'accept' };

export interface RecordedAction {
  readonly action: TypingAction;
  /** Until the next. */
  readonly waitMs: number;
}

const seed = 1;
const sliceMs = 30_000;
/** A person's: some eight characters a second. */
const [quickestMs, slowestMs] = [50, 200];
const [shortestPauseMs, longestPauseMs] = [300, 1200];
const odds = { pause: 0.05, pauseAtStop: 0.7, acceptAtStop: 0.6, mistake: 0.05, jump: 0.1 } as const;
const mostTakenBack = 5;

/** What is typed, endlessly: after the last line the first comes again. Most pauses are where the model has something to show. */
export function* recordTyping(lines: readonly TypedLine[], random: Random): Generator<RecordedAction> {
  const between = (least: number, most: number) => least + random.nextFloat() * (most - least);
  const happens = (share: number) => random.nextFloat() < share;
  const press = (key: string): RecordedAction => ({
    action: { kind: 'key', key },
    waitMs: between(quickestMs, slowestMs),
  });
  for (let at = 0; ; at = (at + 1) % lines.length) {
    const { text, stop } = lines[at]!;
    for (const [i, character] of [...text].entries()) {
      yield press(character);
      if (i + 1 === stop && happens(odds.pauseAtStop)) {
        yield { action: { kind: 'pause' }, waitMs: between(shortestPauseMs, longestPauseMs) };
        if (happens(odds.acceptAtStop)) yield { action: { kind: 'accept' }, waitMs: between(quickestMs, slowestMs) };
      }
      if (/\w/.test(character)) continue;
      if (happens(odds.mistake)) {
        const wrong = 1 + random.nextInteger(mostTakenBack);
        for (let i = 0; i < wrong; i++) yield press('x');
        for (let i = 0; i < wrong; i++) yield press('Backspace');
      }
      if (happens(odds.pause)) yield { action: { kind: 'pause' }, waitMs: between(shortestPauseMs, longestPauseMs) };
    }
    if (happens(odds.jump)) {
      yield press('Control+Home');
      yield { action: { kind: 'pause' }, waitMs: between(shortestPauseMs, longestPauseMs) };
      yield press('Control+End');
    }
    yield press('Enter');
  }
}

export async function typingBench(bench: BenchContext): Promise<void> {
  const numSlices = Math.max(1, Math.round((bench.options.minutes * 60_000) / sliceMs));
  await withEditors(bench, async (scene, withEditor) =>
    withEditor(async (editor) => {
      const recording = recordTyping(scene.lines, new Random(seed));
      const answers = { on: [] as ProbeAnswer[], off: [] as ProbeAnswer[] };
      const counts = { keys: 0, accepted: 0 };
      for (let slice = 0; slice < numSlices; slice++) {
        bench.progress(`typing, slice ${slice + 1} of ${numSlices}`);
        const actions = takeSlice(recording);
        // Who begins takes turns.
        for (const way of slice % 2 === 0 ? (['off', 'on'] as const) : (['on', 'off'] as const)) {
          await switchTo(editor.workbench, way);
          await editor.workbench.focusEnd();
          await askProbe(editor.socket);
          const played = await play(actions, editor, bench.signal);
          answers[way].push(await askProbe(editor.socket));
          if (way === 'off') continue;
          counts.keys += played.keys;
          counts.accepted += played.accepted;
        }
      }
      const add = (name: string, of: (answer: ProbeAnswer) => number) => {
        const longest = (all: readonly ProbeAnswer[]) => Math.max(...all.map(of));
        const peer = { name: 'completions off', value: longest(answers.off) };
        bench.recorder.add(`typing/${name}`, 'ms', longest(answers.on), peer);
      };
      add('longestStall', ({ longestStallMs }) => longestStallMs);
      add('longestWork', ({ longestWorkMs }) => longestWorkMs);
      const minutes = (numSlices * sliceMs) / 60_000;
      bench.note(`Typing: ${minutes} minutes, ${counts.keys} keys, ${counts.accepted} suggestions accepted.`);
    }),
  );
}

function takeSlice(recording: Generator<RecordedAction>): RecordedAction[] {
  const actions: RecordedAction[] = [];
  for (let ms = 0; ms < sliceMs; ) {
    const next = recording.next();
    if (next.done) break;
    actions.push(next.value);
    ms += next.value.waitMs;
  }
  return actions;
}

/** By its own clock, so that what a key takes to arrive does not slow the typing. */
async function play(actions: readonly RecordedAction[], { workbench }: OpenEditor, signal: AbortSignal) {
  let [keys, accepted] = [0, 0];
  let isDone = false;
  let dueMs = performance.now();
  for (const { action, waitMs } of actions) {
    throwIfCancelled(signal);
    if (action.kind === 'key') isDone &&= action.key !== 'Enter';
    if (action.kind === 'key' && !isDone) {
      keys += 1;
      await (action.key.length === 1 ? workbench.type(action.key) : workbench.press(action.key));
    } else if (action.kind === 'accept' && !isDone && (await workbench.ghostText()) !== '') {
      accepted += 1;
      isDone = true;
      await workbench.press('Tab');
    }
    dueMs += waitMs;
    await setTimeout(Math.max(0, dueMs - performance.now()));
  }
  return { keys, accepted };
}

async function switchTo(workbench: Workbench, way: 'on' | 'off'): Promise<void> {
  const wanted = way === 'on' ? /: ready: ./ : /: off here: ./;
  if (wanted.test(await workbench.status())) return;
  await workbench.press('Escape');
  await workbench.command(commands.toggle);
  await workbench.waitForStatus(wanted);
}
