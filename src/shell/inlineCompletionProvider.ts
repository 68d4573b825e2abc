// The door to the editor's ghost text: translates its question for the suggester and the answer back.
import * as vscode from 'vscode';
import { limits } from '../protocol/hostMessages.ts';
import { documentFacts, sourceDocument } from './editorDocument.ts';
import { offeredSchemes, whyOff } from './eligibility.ts';
import type { Offer, Query, Suggester } from './suggester.ts';

export const selector: vscode.DocumentFilter[] = offeredSchemes.map((scheme) => ({ scheme, pattern: '**' }));

export class InlineCompletionProvider implements vscode.InlineCompletionItemProvider {
  readonly #suggester: Suggester;

  constructor(suggester: Suggester) {
    this.#suggester = suggester;
  }

  provideInlineCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): vscode.InlineCompletionItem[] | Promise<vscode.InlineCompletionItem[]> {
    if (token.isCancellationRequested || whyOff(documentFacts(document)) !== undefined) return [];
    if (hasOtherSelections(document)) return [];
    const query = toQuery(document, position, context);
    if (query === undefined) return [];
    const controller = new AbortController();
    const subscription = token.onCancellationRequested(() => controller.abort());
    const answer = this.#suggester.suggest(query, controller.signal);
    if (!(answer instanceof Promise)) {
      subscription.dispose();
      return toItems(document, answer);
    }
    const { version } = document;
    return answer
      .then((offers) =>
        token.isCancellationRequested || document.version !== version ? [] : toItems(document, offers),
      )
      .finally(() => subscription.dispose());
  }
}

function hasOtherSelections(document: vscode.TextDocument): boolean {
  const editor = vscode.window.activeTextEditor;
  return editor?.document === document && (editor.selections.length > 1 || !editor.selection.isEmpty);
}

function toQuery(
  document: vscode.TextDocument,
  position: vscode.Position,
  context: vscode.InlineCompletionContext,
): Query | undefined {
  const cursor = document.offsetAt(position);
  const automatic = context.triggerKind === vscode.InlineCompletionTriggerKind.Automatic;
  const item = context.selectedCompletionInfo;
  // An item that also replaces text after the cursor cannot be continued by ghost text.
  if (item && !item.range.end.isEqual(position)) return undefined;
  const selected = item && { start: document.offsetAt(item.range.start), text: item.text };
  const indentation = indentationOf(document);
  return { source: sourceDocument(document), cursor, selected, indentation, automatic };
}

/** What the editor shows the document with; its options are told for visible editors only. */
function indentationOf(document: vscode.TextDocument): Query['indentation'] {
  const options = vscode.window.visibleTextEditors.find((editor) => editor.document === document)?.options;
  const insertSpaces = options?.insertSpaces !== false;
  const tabSize = options?.tabSize;
  return { insertSpaces, tabSize: typeof tabSize === 'number' ? Math.min(limits.tabSize, Math.max(1, tabSize)) : 4 };
}

function toItems(document: vscode.TextDocument, offers: readonly Offer[]): vscode.InlineCompletionItem[] {
  return offers.map(({ start, end, text }) => {
    const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
    return new vscode.InlineCompletionItem(text, range);
  });
}
