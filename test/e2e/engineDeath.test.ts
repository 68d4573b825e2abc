// The engine is another process so that its end harms nothing: typing goes on, suggestions come back, and no process is left.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './lib/eventually.ts';
import { openEditor } from './lib/fixture.ts';
import { editorsAtHome, enginesAtHome, isAlive, signalProcess } from './lib/processes.ts';
import { corpusUpTo } from './lib/testModel.ts';

const text = corpusUpTo('days.ts', 'case 2:\n      ');
/** Two restarts in a row wait 250 and 500 ms; loading the tiny model is a matter of milliseconds. */
const backWithinMs = 10_000;

test('the engine ends', async (t) => {
  const editor = await openEditor(t, { files: { 'days.ts': text } });
  const { workbench, sandbox } = editor;
  await editor.ready();

  /** Kills the engine while it thinks: stopped first, so that it certainly does. */
  const killWhileThinking = async () => {
    const engine = await editor.engine();
    signalProcess(engine, 'SIGSTOP');
    await workbench.type('re');
    await workbench.waitForStatus(/: thinking/);
    signalProcess(engine, 'SIGKILL');
    return engine;
  };

  for (const [time, typed] of [
    ['once', 'turn'],
    ['once more', 'turn'],
  ] as const) {
    await editor.test(`${time} while thinking: typing is unharmed and suggestions return`, async () => {
      const killed = await killWhileThinking();
      await workbench.type(`${typed} 'x';`);
      await workbench.save();
      assert.equal(sandbox.read('days.ts'), `${text}return 'x';`);

      await eventually('another engine runs', () => editor.engines().some((pid) => pid !== killed), {
        timeoutMs: backWithinMs,
      });
      await editor.ready();
      for (let key = 0; key < "return 'x';".length; key++) await workbench.press('Backspace');
      await workbench.type('retu');
      assert.match(await workbench.waitForGhostText(), /^rn '/);
      assert.equal(editor.engines().length, 1);
      await workbench.press('Escape');
      for (let key = 0; key < 'retu'.length; key++) await workbench.press('Backspace');
    });
  }

  await editor.test('hanging up: the editor answers keys while the engine answers nothing', async () => {
    const engine = await editor.engine();
    signalProcess(engine, 'SIGSTOP');
    try {
      await workbench.type("return 'y';");
      await workbench.save();
      assert.equal(sandbox.read('days.ts'), `${text}return 'y';`);
    } finally {
      signalProcess(engine, 'SIGCONT');
    }
  });
});

test('the editor is killed, and no engine is left', async (t) => {
  const editor = await openEditor(t, { files: { 'days.ts': text } });
  const { sandbox } = editor;
  await editor.ready();
  const engine = await editor.engine();
  for (const { pid } of editorsAtHome(sandbox.home)) signalProcess(pid, 'SIGKILL');
  await eventually('the engine ends by itself', () => !isAlive(engine), { timeoutMs: 5_000 });
  assert.deepEqual(enginesAtHome(sandbox.home), []);
});
