// The door to the editor's ghost text: translates its question for the suggester and the answer back.
import * as vscode from 'vscode';
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
      .then((offer) => (token.isCancellationRequested || document.version !== version ? [] : toItems(document, offer)))
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
  return { source: sourceDocument(document), cursor, selected, automatic };
}

function toItems(document: vscode.TextDocument, offer: Offer | undefined): vscode.InlineCompletionItem[] {
  if (offer === undefined) return [];
  const range = new vscode.Range(document.positionAt(offer.start), document.positionAt(offer.end));
  return [new vscode.InlineCompletionItem(offer.text, range)];
}
