// Whatever somebody edits, in whatever order and over several documents, a completer that has seen all of it suggests what one does that
// has seen nothing: with the work ahead and the requests that were cancelled in between, on both runtimes, with a cache that is full and
// a context so small that its windows move. The same is DESIGN's sense: equal, or the two likeliest symbols were closer than rounding.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { liveObjects } from '../../src/base/disposable.ts';
import { CancelledError } from '../../src/base/errors.ts';
import type { AutoregressiveModel } from '../../src/base/model.ts';
import { Random } from '../../src/base/random.ts';
import { float32 } from '../../src/base/tensor.ts';
import type { TextCodec } from '../../src/codecs/text.ts';
import { Completer, type CompletionRequest } from '../../src/completion/completer.ts';
import { architectureNamed } from '../../src/models/registry.ts';
import type { Runtime } from '../../src/runtime/session.ts';
import { runtimes } from '../runtimes.ts';
import { tinyModel } from '../tinyModels.ts';
import { codecs, request, stoppedClock } from '../unit/completion/scripted.ts';

after(() => assert.deepEqual(liveObjects(), {}));

const toleranceNats = 2e-4;
const numDocuments = 3;
const sequences = { maxBytes: 1e6, maxSequences: 2, chunkSymbols: 16 };
const options = {
  clock: stoppedClock,
  sequences,
  maxPromptSymbols: 72,
  minMeanLogProbNats: -100,
  minAskedMeanLogProbNats: -100,
  copies: 'mixed' as const,
};

const text = fc
  .array(fc.constantFrom('a', 'foo', ' = ', '(', ')', '{', '}', ';', '\n', '\n  ', ' ', '"', '\r\n', '日', 'return'), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => parts.join(''));

const edit = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('insert' as const), text }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('delete' as const), length: fc.integer({ min: -6, max: 6 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('jump' as const), to: fc.nat(400) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('undo' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('switch' as const), to: fc.nat(numDocuments - 1) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('accept' as const) }) },
);
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

const step = fc.record({
  edit,
  /** Runs until the request is cancelled and asked again; 0: it is not. */
  cancelledAfter: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 6 })),
  ahead: fc.boolean(),
  prepared: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, fc.nat(400)),
});

interface Side {
  readonly before: string;
  readonly after: string;
}

/** Documents with a cursor each, and what they were. */
class Editor {
  readonly #histories: Side[][];
  #document = 0;

  constructor(texts: readonly string[]) {
    this.#histories = texts.map((before) => [{ before, after: '' }]);
  }

  get request(): CompletionRequest {
    const document = `src/${'abc'[this.#document]}.ts`;
    return { ...request, ...this.#now, document, path: document, maxSymbols: 10 };
  }

  apply(edit: Edit, suggested: string): void {
    const { before, after } = this.#now;
    if (edit.kind === 'switch') this.#document = edit.to;
    else if (edit.kind === 'undo') this.#history.splice(1, Number.MAX_SAFE_INTEGER, ...this.#history.slice(1, -1));
    else if (edit.kind === 'jump')
      this.#history.push(cutAt(before + after, edit.to % (before.length + after.length + 1)));
    else if (edit.kind === 'delete' && edit.length > 0) this.#history.push({ before, after: after.slice(edit.length) });
    else if (edit.kind === 'delete') this.#history.push({ before: before.slice(0, edit.length || undefined), after });
    else this.#history.push({ before: before + (edit.kind === 'insert' ? edit.text : suggested), after });
  }

  /** The same document somewhere else. */
  placeAt(at: number): CompletionRequest {
    const { before, after } = this.#now;
    return { ...this.request, ...cutAt(before + after, at % (before.length + after.length + 1)) };
  }

  get #history(): Side[] {
    return this.#histories[this.#document]!;
  }

  get #now(): Side {
    return this.#history.at(-1)!;
  }
}

function cutAt(whole: string, at: number): Side {
  return { before: whole.slice(0, at), after: whole.slice(at) };
}

/** A model with random parameters that prefers what can be read, and tells how sure it was and when it is run. */
function watched(inner: AutoregressiveModel, codec: TextCodec) {
  const readable = Array.from({ length: codec.vocabulary.size }, (_, symbol) => {
    const bytes = codec.symbolBytes(symbol);
    return bytes.length > 0 && bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a);
  });
  const watch = { smallestGap: Number.POSITIVE_INFINITY, onRun: (): void => {} };
  const model: AutoregressiveModel = {
    vocabulary: inner.vocabulary,
    contextLength: inner.contextLength,
    score: (symbols, signal) => inner.score(symbols, signal),
    initialState: () => inner.initialState(),
    step: async (block, state, stepOptions) => {
      watch.onRun();
      const { logProbs, state: next } = await inner.step(block, state, stepOptions);
      const row = logProbs.data.map((value, i) => value + (readable[i % readable.length] ? 20 : 0));
      const [first = 0, second = 0] = [...row.subarray(-readable.length)].sort((a, b) => b - a);
      watch.smallestGap = Math.min(watch.smallestGap, first - second);
      return { logProbs: float32(row, logProbs.shape), state: next };
    },
    dispose: () => inner.dispose(),
  };
  return { model, watch };
}

function modelOver(runtime: Runtime, name: 'gpt' | 'charRnn', codec: TextCodec) {
  const vocabularySize = codec.vocabulary.size;
  const json =
    name === 'gpt'
      ? {
          vocabularySize,
          hiddenSize: 16,
          numLayers: 2,
          numHeads: 4,
          numKeyValueHeads: 2,
          intermediateSize: 24,
          contextLength: 96,
          rotaryBase: 10000,
          normEpsilon: 1e-5,
        }
      : { vocabularySize, startSymbol: codec.specials.start, embeddingSize: 6, hiddenSize: 10, numLayers: 2 };
  const architecture = architectureNamed(name);
  return watched(tinyModel(runtime, architecture, architecture.parseConfig(json), new Random(7)).model, codec);
}

const texts = [
  'let a = 1;\nlet b = foo(a);\nfunction f(x) {\n  return foo(x, b);\n}\n'.repeat(3),
  'class A {\n  constructor(x) {\n    this.x = x;\n  }\n}\n',
  'a',
];

for (const [runtimeName, runtime] of Object.entries(runtimes)) {
  for (const name of ['gpt', 'charRnn'] as const) {
    test(`${runtimeName}: ${name}: warm suggests what cold does, over any edits`, async () => {
      let numAsked = 0;
      let numShown = 0;
      let numClose = 0;
      for (const codec of codecs) {
        const { model, watch } = modelOver(runtime, name, codec);

        const check = async (
          steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[],
          kept: number,
        ) => {
          const warm = new Completer({ model, codec }, { ...options, maxCachedSuggestions: kept });
          const editor = new Editor(texts);
          let suggested = '';
          try {
            for (const { edit, cancelledAfter, ahead, prepared } of steps) {
              // Typing along what was suggested is answered as it was, which is another promise.
              if (kept > 0 && edit.kind !== 'accept' && edit.kind !== 'switch') continue;
              editor.apply(edit, suggested);
              const asked = editor.request;
              if (cancelledAfter > 0) await cancelled(warm, asked, cancelledAfter, watch);
              const cold = new Completer({ model, codec }, options);
              watch.smallestGap = Number.POSITIVE_INFINITY;
              const expected = shown(await cold.complete(asked));
              const { smallestGap } = watch;
              cold.dispose();
              const actual = shown(await warm.complete(asked));
              numAsked += 1;
              if (actual !== expected && smallestGap < toleranceNats) numClose += 1;
              else assert.equal(actual, expected, JSON.stringify(asked.before.slice(-40)));
              suggested = actual.startsWith('(') ? '' : actual;
              if (suggested !== '') numShown += 1;
              if (ahead || kept > 0) await warm.lookAhead(asked, suggested);
              if (prepared !== undefined) await warm.prepare(editor.placeAt(prepared));
            }
          } finally {
            warm.dispose();
          }
        };
        try {
          const steps = fc.array(step, { minLength: 1, maxLength: 12 });
          await fc.assert(
            fc.asyncProperty(steps, (some) => check(some, 0)),
            { numRuns: 12, seed: 11 },
          );
          await fc.assert(
            fc.asyncProperty(steps, (some) => check(some, 8)),
            { numRuns: 12, seed: 12 },
          );
        } finally {
          model.dispose();
        }
      }
      assert.ok(numShown > 40 && numClose <= numAsked / 50, `${numAsked} asked, ${numShown} shown, ${numClose} close`);
    });
  }
}

async function cancelled(completer: Completer, asked: CompletionRequest, afterRuns: number, watch: { onRun(): void }) {
  const controller = new AbortController();
  let runs = 0;
  watch.onRun = () => {
    runs += 1;
    if (runs === afterRuns) controller.abort(new CancelledError('test'));
  };
  try {
    await completer.complete(asked, controller.signal);
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
  } finally {
    watch.onRun = () => {};
  }
}

/** A text, or the reason for none in parentheses. */
function shown(result: Awaited<ReturnType<Completer['complete']>>): string {
  return result.kind === 'suggestion' ? result.text : `(${result.reason})`;
}
