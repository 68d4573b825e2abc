// The tool of agents: what it takes, what it answers.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { UserError } from '../../../src/base/errors.ts';
import { workspaceLimits } from '../../../src/protocol/workspaceScoringMessages.ts';
import { standInForVscode } from './fakeVscode.ts';

const uri = { scheme: 'file', fsPath: '/w', toString: () => 'file:///w' };
const workspace = {
  isTrusted: true,
  workspaceFolders: [{ name: 'w', uri }],
  getConfiguration: () => ({ get: () => ({ '**/x': true }) }),
};
standInForVscode({ workspace, window: {}, commands: {} });
const tool = import('../../../src/shell/likelihoodTool.ts');

const part = {
  ...{ path: 'a.ts', problem: '', context: 'file', numSymbols: 3, numLines: 1, hunks: [] },
  ...{ added: { bytes: 4, bits: 10.123456 }, removed: { bytes: 0, bits: 0 } },
  lines: [{ line: 1, text: 'abc', bytes: 4, bits: 10.123456 }],
  tokens: [{ text: 'ab', line: 1, bits: 4.00049, rank: 2 }],
  places: [{ line: 1, text: 'abc', bytes: 4, bits: 10.123456 }],
} as const;

test('input: one of text, path and diff, bounded, with clear errors', async () => {
  const { readAgentInput } = await tool;
  assert.deepEqual(readAgentInput({ text: 'a' }), { type: 'text', text: 'a', path: '', maxTokens: 200 });
  assert.deepEqual(readAgentInput({ text: '', path: 'b' }), { type: 'text', text: '', path: 'b', maxTokens: 200 });
  assert.deepEqual(readAgentInput({ path: 'b', maxTokens: 0 }), { type: 'file', text: '', path: 'b', maxTokens: 0 });
  assert.deepEqual(readAgentInput({ diff: 'd' }), { type: 'diff', text: 'd', path: '', maxTokens: 200 });
  const bad: [unknown, RegExp][] = [
    [{}, /expected "text", "diff" or "path", got none/],
    [{ text: 'a', diff: 'b' }, /got both/],
    [{ text: 1 }, /input: text: expected a string/],
    [{ text: 'x'.repeat(2 ** 18 + 1) }, /at most 262144 characters/],
    [{ text: 'a', maxTokens: 9999 }, /from 0 to 2000/],
    [{ text: 'a', file: 'b' }, /no such field/],
    ['text', /expected an object/],
  ];
  for (const [value, reason] of bad) {
    assert.throws(
      () => readAgentInput(value),
      (error) => error instanceof UserError && reason.test(error.message),
      String(reason),
    );
  }
});

test('the answer of a text is exact in its sums, and says what it left out', async () => {
  const { agentAnswer } = await tool;
  const answer = JSON.parse(JSON.stringify(agentAnswer('text', [part as never])));
  assert.equal(answer.bits, 10.123456);
  assert.equal(answer.bitsPerByte, 10.123456 / 4);
  assert.deepEqual(answer.tokens, [{ text: 'ab', line: 1, bits: 4, rank: 2 }]);
  assert.equal(answer.tokensLeftOut, 2);
  const hunk = {
    oldStart: 1,
    oldLines: 1,
    newStart: 1,
    newLines: 1,
    added: part.added,
    removed: part.removed,
    lines: [],
    numLines: 0,
  };
  const diff = JSON.parse(
    JSON.stringify(
      agentAnswer('diff', [
        { ...part, hunks: [hunk] },
        { ...part, problem: 'it is binary' },
      ] as never),
    ),
  );
  assert.equal(diff.files[0].hunks[0].at, '@@ -1,1 +1,1 @@');
  assert.deepEqual(diff.files[1], { path: 'a.ts', problem: 'it is binary' });
});

test('it asks the scorer with the folders that may be read, and reads no file where nothing is trusted', async () => {
  const { scoreForAgent } = await tool;
  const asked: { roots: unknown[] }[] = [];
  const ask = async (question: object) => {
    asked.push(question as { roots: unknown[] });
    return { parts: [part] };
  };
  const deps = { scorer: { ask }, modelPath: '/m' } as unknown as Parameters<typeof scoreForAgent>[1];
  const { signal } = new AbortController();
  await scoreForAgent({ path: 'a.ts' }, deps, signal);
  assert.deepEqual(asked[0]?.roots, [{ path: '/w', excludes: ['**/x'] }]);
  workspace.isTrusted = false;
  await assert.rejects(scoreForAgent({ path: 'a.ts' }, deps, signal), /not trusted/);
  await scoreForAgent({ diff: 'd' }, deps, signal);
  assert.deepEqual(asked[1]?.roots, [], 'a diff is then scored from what it shows');
});

test('the manifest tells agents the same bounds', async () => {
  const [declared] = JSON.parse(readFileSync('package.json', 'utf8')).contributes.languageModelTools;
  const { agentToolName } = await import('../../../src/shell/likelihoodNames.ts');
  assert.equal(declared.name, agentToolName);
  const { text, diff, path, maxTokens } = declared.inputSchema.properties;
  assert.deepEqual(
    [text.maxLength, diff.maxLength],
    [workspaceLimits.submittedLength, workspaceLimits.submittedLength],
  );
  assert.deepEqual([path.maxLength, maxTokens.maximum], [workspaceLimits.pathLength, workspaceLimits.tokens]);
});
