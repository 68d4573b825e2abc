// An editor's document as the editor-free modules see it.
import * as vscode from 'vscode';
import type { TextEdit } from '../protocol/hostMessages.ts';
import type { SourceDocument } from './documentMirror.ts';
import { type DocumentFacts, whyOff } from './eligibility.ts';
import type { FrontPlace } from './placeAhead.ts';
import { readEnabled } from './settings.ts';

export function sourceDocument(document: vscode.TextDocument): SourceDocument {
  return {
    key: keyOf(document),
    languageId: document.languageId,
    path: promptPath(document),
    // Whole texts are never asked for: joining the lines of a huge document would be felt.
    length: document.offsetAt(document.lineAt(document.lineCount - 1).range.end),
    slice: (start, end) => document.getText(new vscode.Range(document.positionAt(start), document.positionAt(end))),
  };
}

export function keyOf(document: vscode.TextDocument): string {
  return document.uri.toString();
}

/** Undefined where nothing would be completed. */
export function frontPlace(): FrontPlace | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || whyOff(documentFacts(editor.document)) !== undefined) return undefined;
  const { document, selections, selection } = editor;
  if (selections.length > 1 || !selection.isEmpty) return undefined;
  return { source: sourceDocument(document), cursor: document.offsetAt(selection.active) };
}

export function textEdits(event: vscode.TextDocumentChangeEvent): TextEdit[] {
  return event.contentChanges.map(({ rangeOffset, rangeLength, text }) => ({
    start: rangeOffset,
    end: rangeOffset + rangeLength,
    text,
  }));
}

export function documentFacts(document: vscode.TextDocument): DocumentFacts {
  const { uri, languageId } = document;
  const configuration = vscode.workspace.getConfiguration(undefined, document);
  return { scheme: uri.scheme, path: uri.path, languageId, enabled: readEnabled((key) => configuration.get(key)) };
}

/** What the model is told of the file's name: relative to its folder. A notebook's name says nothing of a cell's language. */
function promptPath({ uri }: vscode.TextDocument): string {
  if (uri.scheme === 'untitled' || uri.scheme === 'vscode-notebook-cell') return '';
  return vscode.workspace.asRelativePath(uri, false).replaceAll('\\', '/');
}
