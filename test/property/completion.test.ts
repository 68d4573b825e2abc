// Whatever is typed and whatever a model says: what is reused changes no suggestion, and no suggestion repeats what follows.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { liveObjects } from '../../src/base/disposable.ts';
import { Completer, type CompletionResult } from '../../src/completion/completer.ts';
import { review } from '../../src/completion/discard.ts';
import { defaultIndentation } from '../../src/completion/lines.ts';
import { codecs, request, scriptedModel, stoppedClock } from '../unit/completion/scripted.ts';
import { modelOf } from '../unit/engine/plainModels.ts';

after(() => assert.deepEqual(liveObjects(), {}));

const fragment = fc.constantFrom(
  'a',
  'return x;',
  '}',
  '{',
  '\n',
  '\n  ',
  ' ',
  '(',
  ')',
  '"',
  'foo',
  '\t',
  '\r\n',
  '日',
  '🙂',
  '\u0000',
);
const text = fc.array(fragment, { maxLength: 12 }).map((parts) => parts.join(''));

/** A language of its own: what comes next follows from the last three symbols, mostly a letter, a bracket or a line end. */
function hashedModel(codec: (typeof codecs)[number], contextLength: number) {
  const likely = [...codec.encodeText('abc ();{}\n  xy')];
  return modelOf(codec.vocabulary, contextLength, (history, row) => {
    let hash = 7;
    for (const symbol of history.slice(-3)) hash = Math.imul(hash ^ symbol, 0x01000193) >>> 0;
    row.fill(Math.log(0.1 / row.length));
    for (const [i, share] of [0.1, 0.2, 0.6].entries()) row[likely[(hash >>> i) % likely.length]!] = Math.log(share);
    if (hash % 17 === 0) row[codec.specials.end] = Math.log(0.9);
  });
}

test('over any edits a warm completer suggests what a cold one would', async () => {
  const edit = fc.record({ at: fc.nat(200), removed: fc.nat(3), inserted: text });
  const options = {
    clock: stoppedClock,
    maxCachedSuggestions: 0, // What was typed along is answered as it was suggested: another promise, tested elsewhere.
    sequences: { maxBytes: 1e6, maxSequences: 2, chunkSymbols: 8 },
    minMeanLogProbNats: -100,
    minAskedMeanLogProbNats: -100,
    copies: 'mixed' as const,
  };
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...codecs), fc.array(edit, { maxLength: 8 }), async (codec, edits) => {
      const model = hashedModel(codec, 64);
      const warm = new Completer({ model, codec }, options);
      let whole = 'let a = 1;\nlet b = foo(a);\n';
      try {
        for (const { at, removed, inserted } of edits) {
          const from = Math.min(at, whole.length);
          const before = whole.slice(0, from) + inserted;
          whole = before + whole.slice(from + removed);
          const asked = {
            ...request,
            maxSymbols: 12,
            maxSuggestions: 1 + (at % 3),
            before,
            after: whole.slice(before.length),
          };
          const cold = new Completer({ model, codec }, options);
          const expected = shown(await cold.complete(asked));
          cold.dispose();
          assert.deepEqual(shown(await warm.complete(asked)), expected);
        }
      } finally {
        warm.dispose();
        model.dispose();
      }
    }),
    { numRuns: 40, seed: 1 },
  );
});

/** What does not depend on what was reused. */
function shown(result: CompletionResult) {
  if (result.kind === 'nothing') return result;
  const { text, alternatives, logProbNats, symbols } = result;
  return { text, alternatives, logProbNats, symbols };
}

const line = fc.constantFrom('a;', '  b();', '}', '  }', ');', 'x', '', '    return a;', '// a');
const lines = fc.array(line, { maxLength: 5 }).map((parts) => parts.join('\n'));

function checkSuggestion(before: string, suggestion: string, rest: string) {
  assert.notEqual(suggestion.trim(), '');
  const below = rest
    .split('\n')
    .slice(1)
    .find((one) => one.trim() !== '');
  const [first = '', ...others] = suggestion.split('\n');
  // A first line that adds nothing is the document's.
  const made = first.trim() === '' ? others : [before.slice(before.lastIndexOf('\n') + 1) + first, ...others];
  for (const one of made) assert.ok(below === undefined || one !== below || one.trim() === '', `repeats ${below}`);
  const restOfLine = rest.split('\n', 1)[0]!.trim();
  const repeats = restOfLine.startsWith('//') && suggestion.endsWith(restOfLine);
  assert.ok(!repeats, `ends with ${restOfLine}, which follows`);
}

test('what the review keeps is a beginning of the text, and repeats neither the rest of the line nor the next line', () => {
  fc.assert(
    fc.property(lines, lines, lines, (before, says, rest) => {
      const verdict = review(says, { before, after: rest, indentation: defaultIndentation });
      if (verdict.kind === 'keep') checkSuggestion(before, says.slice(0, verdict.length), rest);
    }),
    { numRuns: 3000, seed: 2 },
  );
});

test('completion never repeats the next line', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...codecs), lines, lines, lines, async (codec, before, says, rest) => {
      const model = scriptedModel(codec, [before + says]);
      const completer = new Completer({ model, codec }, { clock: stoppedClock, copies: 'mixed' });
      const result = await completer.complete({ ...request, before, after: rest, multiline: 'always' });
      completer.dispose();
      model.dispose();
      if (result.kind === 'suggestion') checkSuggestion(before, result.text, rest);
    }),
    { numRuns: 60, seed: 3 },
  );
});

test('alternatives are distinct, and none repeats what follows', async () => {
  let numAlternatives = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...codecs), lines, lines, async (codec, before, rest) => {
      const model = hashedModel(codec, 128);
      const completer = new Completer(
        { model, codec },
        { clock: stoppedClock, minMeanLogProbNats: -100, minAskedMeanLogProbNats: -100, copies: 'mixed' },
      );
      const result = await completer.complete({ ...request, before, after: rest, maxSymbols: 12, maxSuggestions: 3 });
      completer.dispose();
      model.dispose();
      if (result.kind === 'nothing') return;
      const all = [result.text, ...result.alternatives];
      assert.ok(all.length <= 3 && new Set(all).size === all.length, JSON.stringify(all));
      for (const one of all) checkSuggestion(before, one, rest);
      numAlternatives += all.length - 1;
    }),
    { numRuns: 60, seed: 4 },
  );
  assert.ok(numAlternatives > 30, `${numAlternatives}`);
});
