// What a window does with likelihoods, over an editor and a scorer that are no more than their names: documents are shown and hidden, edited,
// closed and opened again, and nothing is left of what is not shown any more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type * as vscode from 'vscode';
import type { FromScorer, ToScorer } from '../../../src/protocol/scorerMessages.ts';
import type { EditorLikelihoodDeps } from '../../../src/shell/editorLikelihood.ts';
import { ManualClock, settle } from '../manualClock.ts';
import { FakeDocument, fakeEditor } from './fakeEditor.ts';
import { standInForVscode } from './fakeVscode.ts';

// The module is bound to the stub that is there when it is first loaded; tests share it and hide what they show.
const editor = fakeEditor();
standInForVscode(editor.stub);

async function showing() {
  const { EditorLikelihood } = await import('../../../src/shell/editorLikelihood.ts');
  const clock = new ManualClock();
  const sent: ToScorer[] = [];
  const asked: object[] = [];
  const answers: FromScorer[] = [];
  const listeners = new Set<{ message(message: FromScorer): void; fresh(): void }>();
  const model = { path: '/m', listeners: new Set<() => void>() };
  const deps = {
    clock,
    log: () => undefined,
    settings: () => ({ unusualLines: false }),
    scorer: {
      send: (message: ToScorer) => sent.push(message),
      ask: async (question: object) => {
        asked.push(question);
        return answers.shift();
      },
      listen: (message: (message: FromScorer) => void, fresh: () => void) => {
        const listener = { message, fresh };
        listeners.add(listener);
        return { dispose: () => listeners.delete(listener) };
      },
    },
    chosen: {
      path: () => model.path,
      nameOf: async (folder: string) => folder,
      onChange: (listener: () => void) => {
        model.listeners.add(listener);
        return { dispose: () => model.listeners.delete(listener) };
      },
    },
  } as unknown as EditorLikelihoodDeps;
  const likelihood = new EditorLikelihood(deps);
  editor.state.editors = [];
  editor.messages.length = 0;
  const tell = (message: FromScorer) => {
    for (const listener of [...listeners]) listener.message(message);
    clock.advance(20);
  };
  return {
    ...{ likelihood, clock, sent, asked, answers, listeners, model, tell },
    kinds: () => sent.splice(0).map(({ kind }) => kind),
    /** As the scorer would for the document opened last. */
    color: (starts: number[]) => {
      const last = sent.findLast((one) => one.kind === 'watchDocument' || one.kind === 'changeDocument');
      assert.ok(last && 'version' in last && 'document' in last);
      const { document, version } = last;
      const bits = starts.map((_, i) => 3 * i);
      tell({
        ...{ kind: 'documentSpans', document, version, from: 0, to: 100, starts, bits },
        lengths: starts.map(() => 1),
      });
    },
    end() {
      likelihood.dispose();
      assert.deepEqual(editor.alive(), {}, 'nothing is left');
      assert.equal(listeners.size + model.listeners.size, 0);
      assert.equal(clock.numTimers, 0);
    },
  };
}

test('shown in all editors of a document, followed, and hidden without a trace', async () => {
  const window = await showing();
  const document = new FakeDocument('/w/a.ts', 'let a = 1;\nlet b = 2;\n');
  const [one, other] = [editor.open(document), editor.open(document)];
  assert.deepEqual(editor.alive(), {}, 'nothing by itself');
  window.likelihood.toggle();
  window.clock.advance(50);
  assert.deepEqual(window.sent.map(({ kind }) => kind).slice(0, 2), ['openDocument', 'watchDocument']);
  window.color([0, 2, 4]);
  assert.deepEqual([one.numPainted, other.numPainted], [3, 3]);
  editor.replace(document, 0, 0, 'x');
  assert.equal(window.sent.at(-1)!.kind, 'changeDocument');
  window.likelihood.toggle();
  assert.equal(one.numPainted + other.numPainted, 0);
  assert.equal(window.sent.at(-1)!.kind, 'closeDocument');
  assert.deepEqual(editor.alive(), {});
  window.end();
});

test('of a document that is scrolled, what lies around is watched as well', async () => {
  const window = await showing();
  editor.open(new FakeDocument('/w/a.ts', 'let a = 1;\n'.repeat(100))).firstLine = 60;
  window.likelihood.toggle();
  window.clock.advance(50);
  const watching = window.sent.findLast(({ kind }) => kind === 'watchDocument');
  assert.ok(watching?.kind === 'watchDocument');
  assert.deepEqual(watching.ranges, [
    { start: 660, end: 1100 },
    { start: 385, end: 659 },
  ]);
  window.likelihood.toggle();
  window.end();
});

test('a theme has decorations of its own, and what is shown is painted again', async () => {
  const window = await showing();
  const front = editor.open(new FakeDocument('/w/a.ts', 'let a = 1;\n'));
  window.likelihood.toggle();
  window.clock.advance(50);
  window.color([0, 2]);
  const before = editor.alive();
  const types = [...front.decorations.keys()];
  editor.state.theme = 4;
  editor.events.theme.fire({});
  window.clock.advance(20);
  assert.equal(front.numPainted, 2);
  assert.ok(types.every((type) => !front.decorations.has(type)));
  assert.deepEqual(editor.alive(), before);
  editor.state.theme = 2;
  window.end();
});

test('another language closes and opens a document, a new name as well: it stays shown; closed for good it is forgotten', async () => {
  const window = await showing();
  const document = new FakeDocument('/w/a.ts', 'let a = 1;\n');
  editor.open(document);
  window.likelihood.toggle();
  window.clock.advance(50);
  window.kinds();
  editor.close(document);
  assert.deepEqual(window.kinds(), ['closeDocument']);
  const again = new FakeDocument('/w/a.ts', document.text);
  editor.open(again);
  window.likelihood.opened(again as unknown as vscode.TextDocument);
  window.clock.advance(50);
  assert.ok(window.kinds().includes('openDocument'));
  const uri = (path: string) => ({ toString: () => `file://${path}` }) as vscode.Uri;
  window.likelihood.renaming([{ oldUri: uri('/w'), newUri: uri('/v') }]);
  editor.close(again);
  const renamed = new FakeDocument('/v/a.ts', document.text);
  editor.open(renamed);
  window.likelihood.opened(renamed as unknown as vscode.TextDocument);
  window.clock.advance(50);
  assert.ok(window.kinds().includes('openDocument'));
  editor.close(renamed);
  assert.deepEqual(editor.alive(), {});
  window.clock.advance(10_000);
  window.likelihood.opened(renamed as unknown as vscode.TextDocument);
  assert.deepEqual(editor.alive(), {}, 'too late');
  window.end();
});

test('a draft that is saved stays shown as its file; another file that is opened meanwhile does not', async () => {
  const window = await showing();
  const opened = (document: FakeDocument) => {
    editor.open(document);
    window.likelihood.opened(document as unknown as vscode.TextDocument);
  };
  for (const saved of ['let a = 1;\n', 'let b = 2;\n']) {
    const draft = new FakeDocument('Untitled-1', 'let a = 1;\n', 'untitled');
    editor.open(draft);
    window.likelihood.toggle();
    window.clock.advance(50);
    const file = new FakeDocument(`/w/${saved.length}${saved[4]}.ts`, '');
    opened(file);
    editor.replace(file, 0, 0, saved);
    window.kinds();
    editor.close(draft);
    window.clock.advance(50);
    assert.equal(window.kinds().includes('openDocument'), saved === draft.text);
    editor.close(file);
    assert.deepEqual(editor.alive(), {});
  }
  window.clock.advance(10_000);
  window.end();
});

test('secrets, strange documents and no document at all are refused in words', async () => {
  const window = await showing();
  editor.open(new FakeDocument('/w/.env', 'A=1'));
  window.likelihood.toggle();
  editor.open(new FakeDocument('/w/x', 'log', 'output'));
  window.likelihood.toggle();
  editor.open(new FakeDocument('/w/long.ts', 'x'.repeat(2 ** 21 + 1)));
  window.likelihood.toggle();
  editor.state.front = undefined;
  window.likelihood.toggle();
  const expected = [/hold secrets/, /neither a file nor a draft/, /2\.0 million characters/, /open a text file first/];
  assert.equal(editor.messages.length, expected.length);
  for (const [i, pattern] of expected.entries()) assert.match(editor.messages[i]!, pattern);
  assert.deepEqual([window.sent, editor.alive()], [[], {}]);
  window.end();
});

test('another model, a scorer that ended, a model that is gone: each is followed by the colors of now', async () => {
  const window = await showing();
  const front = editor.open(new FakeDocument('/w/a.ts', 'let a = 1;\n'));
  window.likelihood.toggle();
  window.clock.advance(50);
  window.color([0, 2]);
  window.kinds();
  window.model.path = '/other';
  for (const listener of window.model.listeners) listener();
  window.clock.advance(50);
  assert.equal(front.numPainted, 0);
  const [opening] = window.sent;
  assert.ok(opening?.kind === 'openDocument' && opening.modelPath === '/other');
  window.color([0]);
  assert.equal(front.numPainted, 1);
  for (const { fresh } of [...window.listeners]) fresh();
  assert.equal(front.numPainted, 1, 'shown until there is something newer');
  window.kinds();
  window.clock.advance(500);
  assert.ok(window.kinds().includes('openDocument'));
  window.tell({ kind: 'documentFailed', document: opening.document, reason: 'no model; choose another model' });
  assert.equal(front.numPainted, 0);
  for (const listener of window.model.listeners) listener();
  window.clock.advance(50);
  assert.ok(window.kinds().includes('openDocument'), 'a choice is another try');
  window.end();
});

test('a hover offers what could stand there; inserting replaces the symbol and nothing else', async () => {
  const window = await showing();
  const document = new FakeDocument('/w/a.ts', 'let a = 1;\n');
  editor.open(document);
  window.likelihood.toggle();
  window.clock.advance(50);
  const place: FromScorer = {
    ...{ kind: 'place', request: 1, start: 4, end: 5, bits: 7, rank: 3, vocabularySize: 9, entropyBits: 2 },
    alternatives: [
      { symbol: 4, text: 'b', isText: true, bits: 1 },
      { symbol: 1, text: 'end of the text', isText: false, bits: 2 },
    ],
  };
  const token = { onCancellationRequested: () => ({ dispose: () => undefined }) };
  const hover = async () => {
    window.answers.push(place);
    const found = await editor.state.hover!.provideHover(document, document.positionAt(4), token);
    const link = /command:([\w.]+)\?(\S+)\)/.exec(found!.contents.value)!;
    return JSON.parse(decodeURIComponent(link[2]!)) as unknown[];
  };
  const stale = await hover();
  await editor.commands.get('chainrule.internal.insertAlternative')!(...stale);
  assert.equal(document.text, 'let b = 1;\n');
  await editor.commands.get('chainrule.internal.insertAlternative')!(...stale);
  assert.equal(document.text, 'let b = 1;\n');
  assert.match(editor.messages.at(-1)!, /changed meanwhile; hover again/);
  const fresh = await hover();
  window.answers.push({ kind: 'continued', request: 2, text: ' = 7' });
  await editor.commands.get('chainrule.internal.continueFromAlternative')!(...fresh);
  assert.equal(document.text, 'let b = 7 = 1;\n', 'what stands behind it stays');
  await editor.commands.get('chainrule.internal.insertAlternative')!(fresh[0], 1);
  assert.match(editor.messages.at(-1)!, /no text that could stand there/);
  await editor.commands.get('chainrule.internal.insertAlternative')!('x');
  assert.match(editor.messages.at(-1)!, /too long ago/);
  await settle();
  window.end();
});
