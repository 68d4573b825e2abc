// Threads by measuring, from the model folder to the answer: real sessions, on a clock that goes on by what a run of so many threads is
// said to take.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { Random } from '../../../src/base/random.ts';
import { bytesCodec } from '../../../src/codecs/bytes.ts';
import { exportModel } from '../../../src/export/exportModel.ts';
import { type CompletionQuestion, type LoadedEngine, startEngineRole } from '../../../src/host/engineRole.ts';
import { engineLoader } from '../../../src/host/loadEngine.ts';
import { measuredFileName } from '../../../src/host/measuredThreads.ts';
import { architectureNamed } from '../../../src/models/registry.ts';
import type { ToShell } from '../../../src/protocol/hostMessages.ts';
import type { Runtime } from '../../../src/runtime/session.ts';
import { runtimes } from '../../runtimes.ts';
import { randomParameters, tinyConfigs } from '../../tinyModels.ts';
import { ManualClock, settle } from '../manualClock.ts';
import { until } from '../until.ts';

let folder = '';
let modelPath = '';

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'chainrule-engine-'));
  modelPath = path.join(folder, 'model');
  const architecture = architectureNamed('gpt');
  const codec = bytesCodec();
  const config = architecture.withVocabulary(architecture.parseConfig(tinyConfigs['gpt']![0]), codec.vocabulary);
  const parameters = randomParameters(architecture, config, new Random(1));
  const provenance = { data: 'none', steps: 0, symbols: 0, seed: 1 };
  await exportModel(modelPath, { architecture, config, codec, parameters, provenance, bitsPerByte: null });
});
after(async () => {
  await rm(folder, { recursive: true });
  assert.deepEqual(liveObjects(), {});
});

const question: CompletionQuestion = {
  document: 1,
  text: 'let x = ',
  offset: 8,
  languageId: 'typescript',
  path: 'a.ts',
  maxSymbols: 4,
  maxSuggestions: 1,
  multiline: 'never',
  indentation: { insertSpaces: true, tabSize: 2 },
  timeMs: 1e9,
};

/** An engine on a machine of four processors. */
function machine(msByThreads: Readonly<Record<number, number | (() => number)>>, real: Runtime = runtimes.plain) {
  const clock = new ManualClock();
  const opened: number[] = [];
  const runtime: Runtime = {
    ...real,
    createSession: async (source, options) => {
      opened.push(options.threads);
      const session = await real.createSession(source, options);
      return {
        inputNames: session.inputNames,
        outputNames: session.outputNames,
        run: (...args) => {
          const ms = msByThreads[options.threads] ?? 1;
          clock.advance(typeof ms === 'number' ? ms : ms());
          return session.run(...args);
        },
        dispose: () => session.dispose(),
      };
    },
  };
  const lines: string[] = [];
  const loadEngine = engineLoader({ openRuntime: async () => runtime, clock, numProcessors: 4 });
  const load = (threads: number, storagePath: string): Promise<LoadedEngine> =>
    loadEngine({ modelPath, threads, weights: 'auto', storagePath }, (level, text) => lines.push(`${level}: ${text}`));
  /** Until a line says so: time goes on whenever somebody waits for it. */
  const turnsUntil = (part: string) =>
    until(part, () => {
      if (clock.numTimers > 0) clock.advance(2000);
      return lines.some((line) => line.includes(part));
    });
  return { clock, opened, lines, load, loadEngine, turnsUntil };
}

const never = new AbortController().signal;

for (const [name, runtime] of Object.entries(runtimes)) {
  test(`${name}: ready with one thread, measured when it is quiet, the better one serves and is remembered`, async () => {
    const storage = path.join(folder, `better ${name}`);
    const first = machine({ 1: 10, 2: 5, 4: 4.9 }, runtime);
    const engine = await first.load(0, storage);
    assert.deepEqual(first.opened, [1]);
    const before = await engine.complete(question, never);
    assert.deepEqual(first.opened, [1]);
    await first.turnsUntil('measured');
    assert.deepEqual(first.opened, [1, 2, 4]);
    assert.match(
      first.lines.at(-1)!,
      /info: 2 threads, measured: 2 2\.00 times as fast as 1, 4 1\.02 times as fast as 2;/,
    );
    assert.deepEqual(await engine.complete(question, never), before);
    assert.equal(first.clock.numTimers, 0);
    engine.dispose();

    const second = machine({}, runtime);
    const again = await second.load(0, storage);
    assert.deepEqual(second.opened, [2]);
    assert.match(second.lines[0]!, /2 threads: measured/);
    assert.equal(second.clock.numTimers, 0);
    assert.deepEqual(await again.complete(question, never), before);
    again.dispose();

    await writeFile(path.join(storage, measuredFileName), 'spoiled');
    const third = machine({}, runtime);
    const anew = await third.load(0, storage);
    assert.deepEqual(third.opened, [1]);
    anew.dispose();
  });
}

test('where more threads gain little, one stays', async () => {
  const { load, opened, lines, turnsUntil } = machine({ 1: 10, 2: 9, 4: 1 });
  const engine = await load(0, '');
  await turnsUntil('measured');
  assert.deepEqual(opened, [1, 2]);
  assert.match(lines.at(-1)!, /1 thread, measured: 2 1\.11 times as fast as 1/);
  engine.dispose();
});

test('on a busy machine nothing is decided; it is tried again after the next requests, and then given up', async () => {
  const storage = path.join(folder, 'busy');
  let numRuns = 0;
  let isBusy = true;
  // Every sample takes more than twice as long as the one before.
  const cost = () => (isBusy ? 1.1 ** numRuns++ : 10);
  const busy = machine({ 1: cost, 2: 1 });
  const engine = await busy.load(0, storage);
  await busy.turnsUntil('On a busy machine');
  assert.equal(busy.clock.numTimers, 0);
  isBusy = false;
  await engine.complete(question, never);
  await busy.turnsUntil('2 threads, measured');
  engine.dispose();

  isBusy = true;
  const always = machine({ 1: cost, 2: 1 });
  const other = await always.load(0, '');
  for (const count of [1, 2, 3]) {
    await until(`attempt ${count}`, () => {
      if (always.clock.numTimers > 0) always.clock.advance(2000);
      return always.lines.filter((line) => line.includes('On a busy machine')).length === count;
    });
    await other.complete(question, never);
  }
  assert.match(always.lines.at(-1)!, /1 thread: the machine was too busy to measure/);
  assert.equal(always.clock.numTimers, 0);
  other.dispose();
});

test('a number that the setting names is taken as it is', async () => {
  const { load, opened, lines, clock } = machine({ 1: 10, 3: 5 });
  const engine = await load(3, folder);
  assert.deepEqual(opened, [3]);
  assert.match(lines[0]!, /3 threads: as the setting says/);
  assert.equal(clock.numTimers, 0);
  engine.dispose();
});

test('an engine that ends while it measures leaves nothing behind', async () => {
  for (const numTurns of [0, 1, 2, 4, 8, 16]) {
    const { load, clock } = machine({ 1: 10, 2: 5 });
    const engine = await load(0, '');
    for (let turn = 0; turn < numTurns; turn++) {
      if (clock.numTimers > 0) clock.advance(2000);
      await settle();
    }
    engine.dispose();
    await until('all is closed', () => Object.keys(liveObjects()).length === 0);
    assert.equal(clock.numTimers, 0);
  }
});

test('an engine that has answered has no timer and nothing else that ticks', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => /^(Timeout|Immediate)$/.test(kind));
  const before = timers();
  const { loadEngine, clock } = machine({}, runtimes.native);
  const sent: ToShell[] = [];
  let receive: (value: unknown) => void = () => undefined;
  const wire = {
    send: (message: ToShell) => void sent.push(message),
    onMessage: (listener: (value: unknown) => void) => {
      receive = listener;
    },
    exit: () => undefined,
  };
  startEngineRole(wire, { loadEngine, clock });
  const { text, offset, languageId, path: name, maxSymbols, maxSuggestions, multiline, indentation } = question;
  receive({
    kind: 'configure',
    modelPath,
    threads: 2,
    weights: 'auto',
    storagePath: '',
    logLevel: 'info',
    workAhead: true,
  });
  receive({ kind: 'open', document: 1, version: 0, languageId, path: name, text });
  const asked = { document: 1, version: 0, offset, replaceLength: 0, replacement: '', deadlineMs: 1000 };
  receive({ kind: 'complete', request: 1, ...asked, maxSymbols, maxSuggestions, multiline, ...indentation });
  await until('the answer', () => sent.some((message) => 'request' in message));
  // What it computes ahead comes to an end by itself.
  for (let turn = 0; turn < 2000 && timers().length > before.length; turn++) await settle();
  assert.equal(clock.numTimers, 0);
  assert.deepEqual(timers(), before);
  receive({
    kind: 'configure',
    modelPath: folder,
    threads: 2,
    weights: 'auto',
    storagePath: '',
    logLevel: 'info',
    workAhead: true,
  });
  await until('it is gone', () => sent.some((message) => message.kind === 'status' && message.state === 'failed'));
});
