// A webview panel that shows one page and keeps nothing: it may be hidden, which ends the page, or moved, which makes it anew;
// the page then says that it is ready and is told everything again. Messages to a page that does not listen are dropped.
import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from './hostProcess.ts';
import { webviewPage } from './webviewPage.ts';

export interface PanelOptions<In> {
  readonly extensionUri: vscode.Uri;
  readonly viewType: string;
  /** The page's file below dist/webview, without its ending. */
  readonly page: string;
  readonly title: string;
  readonly log: Log;
  /** Where it opens; left out, over what has the focus. */
  readonly column?: vscode.ViewColumn;
  /** @throws UserError when the value is no message of this page. */
  readonly read: (value: unknown) => In;
  readonly receive: (message: In) => void;
  readonly hiddenOrShown?: () => void;
  readonly closed: () => void;
}

export class ViewPanel<In, Out> implements Disposable {
  readonly #panel: vscode.WebviewPanel;

  /** `restored` is what the editor kept of a panel over a reload; without it a new one is opened. */
  constructor(options: PanelOptions<In>, restored?: vscode.WebviewPanel) {
    const { extensionUri, viewType, page, title, log, column, read, receive, hiddenOrShown, closed } = options;
    const resources = vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
    const webviewOptions = { enableScripts: true, localResourceRoots: [resources] };
    this.#panel =
      restored ?? vscode.window.createWebviewPanel(viewType, title, column ?? vscode.ViewColumn.Active, webviewOptions);
    const { webview } = this.#panel;
    webview.options = webviewOptions;
    this.#panel.title = title;
    this.#panel.iconPath = vscode.Uri.joinPath(extensionUri, 'media', 'icon.png');
    const address = (file: string) => webview.asWebviewUri(vscode.Uri.joinPath(resources, file)).toString();
    webview.onDidReceiveMessage((value: unknown) => {
      let message: In;
      try {
        message = read(value);
      } catch (error) {
        log('error', messageOf(error));
        return;
      }
      receive(message);
    });
    if (hiddenOrShown) this.#panel.onDidChangeViewState(hiddenOrShown);
    this.#panel.onDidDispose(closed);
    webview.html = webviewPage({
      title,
      script: address(`${page}.js`),
      style: address('view.css'),
      source: webview.cspSource,
    });
  }

  /** False while it is hidden: nothing need be made for it. */
  get visible(): boolean {
    return this.#panel.visible;
  }

  set title(title: string) {
    if (this.#panel.title !== title) this.#panel.title = title;
  }

  reveal(): void {
    this.#panel.reveal();
  }

  send(message: Out): void {
    void this.#panel.webview.postMessage(message);
  }

  dispose(): void {
    this.#panel.dispose();
  }
}
