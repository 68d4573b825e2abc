// The tool of agents through the editor's own `lm.invokeTool`: texts, diffs, files of the workspace, and what is refused.
import assert from 'node:assert/strict';
import type { Suite } from 'mocha';
import * as vscode from 'vscode';
import { addTest } from './host.ts';

const name = 'chainrule_likelihood';

interface Answer {
  readonly bits: number;
  readonly bytes: number;
  readonly numLines: number;
  readonly tokens: readonly { readonly text: string; readonly bits: number }[];
  readonly mostSurprisingLines: readonly { readonly text: string }[];
  readonly files: readonly {
    readonly given: string;
    readonly added: { readonly bits: number; readonly bytes: number };
    readonly hunks: readonly unknown[];
  }[];
}

export function likelihoodToolSuite(suite: Suite): void {
  addTest(suite, 'the editor lists it', () => {
    const tool = vscode.lm.tools.find((one) => one.name === name);
    assert.match(tool?.description ?? '', /exact log-probabilities/);
  });

  addTest(suite, 'a text: its tokens sum up to its bits', async () => {
    const text = "switch (day) {\n    case 2:\n      return 'tuesday';\n";
    const answer = await invoke({ text, maxTokens: 2000 });
    assert.equal(answer.bytes, text.length);
    assert.equal(answer.numLines, 3);
    const sum = answer.tokens.reduce((total, { bits }) => total + bits, 0);
    assert.ok(Math.abs(sum - answer.bits) < 0.001 * answer.tokens.length, `${sum} of ${answer.bits}`);
  });

  addTest(suite, 'a diff is given the file of the workspace, and a file is read', async () => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    const uri = vscode.Uri.joinPath(folder.uri, 'toolTest.ts');
    await vscode.workspace.fs.writeFile(uri, Buffer.from('one\ntwo\nthree\n'));
    const diff = '--- a/toolTest.ts\n+++ b/toolTest.ts\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n';
    const [file] = (await invoke({ diff })).files;
    assert.match(file?.given ?? '', /with this change made/);
    assert.equal(file?.added.bytes, 2);
    assert.equal((await invoke({ path: 'toolTest.ts' })).numLines, 3);
    await vscode.workspace.fs.delete(uri);
  });

  addTest(suite, 'what cannot be scored is refused, and why', async () => {
    await assert.rejects(invoke({}), /expected "text", "diff" or "path"/);
    await assert.rejects(invoke({ path: '../../etc/hosts' }), /in no folder of the workspace/);
    await assert.rejects(invoke({ path: '.env' }), /secrets/);
    await assert.rejects(invoke({ diff: 'nothing' }), /unified diff/);
  });

  addTest(suite, 'a cancelled call ends', async () => {
    const source = new vscode.CancellationTokenSource();
    const call = invoke({ text: 'let x = 1;\n'.repeat(10_000) }, source.token);
    source.cancel();
    await assert.rejects(call);
    source.dispose();
  });
}

async function invoke(input: object, token?: vscode.CancellationToken): Promise<Answer> {
  const { content } = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined }, token);
  const [part] = content;
  assert.ok(part instanceof vscode.LanguageModelTextPart);
  return JSON.parse(part.value);
}
