// What the suites inside the extension host share.
import assert from 'node:assert/strict';
import { type Suite, Test } from 'mocha';
import * as vscode from 'vscode';
import { extensionId } from '../lib/product.ts';

/** What the extension tells about itself in test mode. */
export interface State {
  readonly status: { readonly state: string; readonly detail?: string };
  readonly pid: number | undefined;
  readonly numStarts: number;
  readonly numRequests: number;
  readonly numAnsweredAlong: number;
}

export function addTest(suite: Suite, title: string, body: () => Promise<void> | void): void {
  suite.addTest(new Test(title, async () => body()));
}

export function ownExtension(): vscode.Extension<unknown> {
  return vscode.extensions.getExtension(extensionId) ?? assert.fail(`${extensionId} is not here`);
}

export async function state(): Promise<State> {
  return vscode.commands.executeCommand<State>('chainrule.internal.state');
}

/** Shows a new document with the cursor at its end. */
export async function show(content: string, language = 'typescript'): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument({ content, language });
  const editor = await vscode.window.showTextDocument(document);
  const end = document.positionAt(content.length);
  editor.selection = new vscode.Selection(end, end);
  return editor;
}
