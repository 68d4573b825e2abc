// Ghost text through the editor's own commands: asked for, taken, and what it costs the engine.
import assert from 'node:assert/strict';
import type { Suite } from 'mocha';
import * as vscode from 'vscode';
import { eventually } from '../lib/eventually.ts';
import { addTest, show, state } from './host.ts';

const known = '    case 2:\n      return ';

export function completionSuite(suite: Suite): void {
  suite.beforeAll('uses the test model', async () => {
    const model = process.env['CHAINRULE_E2E_MODEL'];
    const configuration = vscode.workspace.getConfiguration();
    await configuration.update('chainrule.model.path', model, vscode.ConfigurationTarget.Global);
    await show('');
    await eventually('the model is loaded', async () => (await state()).status.state === 'ready');
  });

  addTest(suite, 'a suggestion is asked for and taken', async () => {
    const { document } = await show(known);
    await takeSuggestion(document);
    assert.match(document.getText().slice(known.length), /^'tuesday';/);
  });

  addTest(suite, 'a document with lone surrogates: the engine lives and answers', async () => {
    const before = (await state()).pid;
    const content = `// \ud83d and \udc69 alone, \ud83d\udc69 together\n${known}`;
    const { document } = await show(content);
    const shown = document.getText(); // The editor may have replaced the lone ones on its way.
    await takeSuggestion(document);
    assert.ok(document.getText().startsWith(shown));
    assert.equal((await state()).pid, before);
  });

  addTest(suite, 'two hundred documents: the engine lives', async () => {
    const before = (await state()).pid;
    for (let i = 0; i < 200; i++) await vscode.workspace.openTextDocument({ content: `let x${i} = ${i};\n` });
    const { document } = await show(known);
    await takeSuggestion(document);
    assert.equal((await state()).pid, before);
    assert.equal((await state()).numStarts, 1);
  });
}

/** Asks until a suggestion was there to be taken: asking and taking are two commands, and the model thinks in between. */
async function takeSuggestion(document: vscode.TextDocument): Promise<void> {
  const before = document.getText();
  await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
  await eventually('a suggestion is taken', async () => {
    await vscode.commands.executeCommand('editor.action.inlineSuggest.commit');
    return document.getText() !== before;
  });
}
