import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { WebviewPanel } from 'vscode';
import { LateLearning, type LoadedLearning } from '../../../src/shell/lateLearning.ts';

class Loaded implements LoadedLearning {
  readonly calls: string[] = [];
  phase: LoadedLearning['phase'] = 'setup';
  readonly actions = Object.fromEntries(
    ['chooseModel', 'trainCharRnn', 'trainPixelCnn', 'trainModel', 'showTraining', 'pauseTraining', 'resumeTraining']
      .concat('stopTraining', 'discardTraining', 'sampleModel', 'manageModels')
      .map((name) => [name, () => `did ${this.#called(name)}`]),
  ) as unknown as LoadedLearning['actions'];

  async begin(): Promise<void> {
    this.#called('begin');
  }
  restore(): void {
    this.#called('restore');
  }
  dispose(): void {
    this.#called('dispose');
  }
  async ended(): Promise<void> {
    this.#called('ended');
  }
  #called(name: string): string {
    this.calls.push(name);
    return name;
  }
}

function late(memory: { chosenModel?: string; hasUnfinished?: boolean } = {}) {
  const made: Loaded[] = [];
  const logged: string[] = [];
  const shown: string[] = [];
  const told = { problem: '' };
  const learning = new LateLearning({
    load: () => {
      if (told.problem !== '') throw new Error(told.problem);
      const loaded = new Loaded();
      made.push(loaded);
      return loaded;
    },
    memory: { chosenModel: memory.chosenModel, hasUnfinished: memory.hasUnfinished ?? false },
    log: (level, text) => logged.push(`${level}: ${text}`),
    showError: (text) => shown.push(text),
  });
  return { learning, made, logged, shown, told };
}

function panel() {
  let closed = false;
  const fake = { dispose: () => (closed = true) } as unknown as WebviewPanel;
  return { fake, isClosed: () => closed };
}

test('without anything remembered nothing is loaded, from the start to the end', async () => {
  const { learning, made } = late();
  await learning.begin();
  assert.equal(learning.phase, 'none');
  learning.dispose();
  await learning.ended();
  assert.equal(made.length, 0);
});

test('a chosen model is checked at the start, and an interrupted training offered; it shows before it was looked at', async () => {
  for (const memory of [{ chosenModel: '/models/a' }, { hasUnfinished: true }]) {
    const { learning, made } = late(memory);
    assert.equal(learning.phase, memory.hasUnfinished ? 'paused' : 'none');
    await learning.begin();
    assert.deepEqual(made[0]?.calls, ['begin']);
    assert.equal(learning.phase, 'setup', 'from then on the training itself is asked');
  }
});

test('every command loads it once and is handed on, what it returns as well', () => {
  const { learning, made } = late();
  const names = Object.keys(learning.actions) as (keyof typeof learning.actions)[];
  for (const name of names) assert.equal(learning.actions[name](), `did ${name}`);
  assert.equal(made.length, 1);
  assert.deepEqual(made[0]?.calls, names);
});

test('a view that comes back loads it', () => {
  const { learning, made } = late();
  const { fake, isClosed } = panel();
  learning.restore(fake);
  assert.deepEqual(made[0]?.calls, ['restore']);
  assert.equal(isClosed(), false);
});

test('what cannot be loaded is told to who ran the command, and logged; the next command tries again', async () => {
  const { learning, made, logged, shown, told } = late({ hasUnfinished: true });
  told.problem = 'Cannot find module';
  await learning.begin();
  assert.equal(logged.length, 1, 'nobody asked: it is logged alone');
  assert.deepEqual(shown, []);
  const { fake, isClosed } = panel();
  learning.restore(fake);
  assert.ok(isClosed(), 'a view that nobody can fill goes away');
  learning.actions.trainModel();
  assert.match(shown[0] ?? '', /^Chainrule: .*could not be loaded \(Cannot find module\)\. Reload the window/);
  assert.match(logged.at(-1) ?? '', /^error: .*Cannot find module/);
  told.problem = '';
  assert.equal(learning.actions.trainModel(), 'did trainModel');
  assert.equal(made.length, 1);
  assert.equal(shown.length, 1);
});

test('it ends with what it loaded, and loads nothing after that', async () => {
  const { learning, made } = late({ hasUnfinished: true });
  learning.actions.showTraining();
  learning.dispose();
  await learning.ended();
  assert.deepEqual(made[0]?.calls, ['showTraining', 'dispose', 'ended']);

  const unloaded = late({ hasUnfinished: true });
  unloaded.learning.dispose();
  await unloaded.learning.begin();
  unloaded.learning.actions.trainModel();
  const { fake, isClosed } = panel();
  unloaded.learning.restore(fake);
  assert.ok(isClosed());
  assert.equal(unloaded.made.length, 0);
  assert.equal(unloaded.learning.phase, 'none');
});

test('what activation reads is small, and has no code that only trains, draws or shows likelihoods', () => {
  const files = valueImports('src/extension.ts');
  assert.ok(files.includes('src/shell/lateLearning.ts') && files.includes('src/shell/lateLikelihood.ts'));
  const foreign =
    /^(learning|trainingCommands|training|modelCommands|trainedModels|sheet|likelihood|scorerClient|(trainer|scorer|webview|\w+View|\w+Scoring)Messages)\.ts$/;
  assert.deepEqual(
    files.filter((file) => foreign.test(path.basename(file))),
    [],
  );
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
  assert.ok(bytes < 112 * 1024, `the sources of dist/extension.js are ${bytes} bytes`);
});

/** What an entry needs when it is run: itself and, in turn, what is imported for more than its types. */
function valueImports(entry: string, seen: string[] = []): string[] {
  if (seen.includes(entry)) return seen;
  seen.push(entry);
  for (const [, names = '', module = ''] of readFileSync(entry, 'utf8').matchAll(
    /^import (?!type)([^;]*?) from '(\.[^']+)'/gm,
  )) {
    const onlyTypes = names.startsWith('{') && !/(?:\{|,)\s*(?!type\b)\w/.test(names);
    if (!onlyTypes) valueImports(path.posix.join(path.posix.dirname(entry), module), seen);
  }
  return seen;
}
