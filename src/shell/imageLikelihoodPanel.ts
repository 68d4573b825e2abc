// The panel of an image's likelihood: what is pressed there, the dialogs for what is exported, and a watch on the file.
import path from 'node:path';
import * as vscode from 'vscode';
import type { Clock } from '../base/clock.ts';
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import {
  type FromImageView,
  type ImageViewAction,
  readFromImageView,
  type ToImageView,
} from '../protocol/imageViewMessages.ts';
import type { Log } from './hostProcess.ts';
import { ImageLikelihoodView } from './imageLikelihoodView.ts';
import type { ImageModels } from './imageModels.ts';
import { csvOf, jsonOf } from './imageScores.ts';
import { saveFile } from './saveFile.ts';
import type { ScorerClient } from './scorerClient.ts';
import { showErrors } from './showErrors.ts';
import { ViewPanel } from './viewPanel.ts';

export interface ImagePanelDeps {
  readonly extensionUri: vscode.Uri;
  readonly clock: Clock;
  readonly log: Log;
  readonly scorer: ScorerClient;
  readonly models: ImageModels;
  readonly newSeed: () => number;
  readonly chooseModel: () => Promise<void>;
  readonly closed: () => void;
}

/** A file is often written in several pieces. */
const settleMs = 250;

/** Fills the panel that the editor has made, and ends with it. Disposing of it closes no tab: a window that reloads brings it back. */
export function openImagePanel(uri: vscode.Uri, restored: vscode.WebviewPanel, deps: ImagePanelDeps): Disposable {
  const { extensionUri, clock, log, scorer, models, newSeed } = deps;
  const store = new DisposableStore();
  const name = path.posix.basename(uri.path);
  const view = store.add(
    new ImageLikelihoodView({
      ...{ name, models, scorer, newSeed },
      file: uri.scheme === 'file' ? uri.fsPath : '',
      visible: () => restored.visible,
      send: (message) => panel.send(message),
    }),
  );
  const panel = new ViewPanel<FromImageView, ToImageView>(
    {
      ...{ extensionUri, log },
      viewType: restored.viewType,
      page: 'imagePage',
      title: name,
      read: readFromImageView,
      receive: (message) => void showErrors(log, () => receive(message)),
      hiddenOrShown: () => restored.visible && void view.shown(),
      closed: () => {
        store.dispose();
        deps.closed();
      },
    },
    restored,
  );
  store.add(watch(uri, clock, view));
  store.add(models.onChange(() => void view.modelsChanged()));
  void view.shown();
  return store;

  async function receive(message: FromImageView): Promise<void> {
    switch (message.kind) {
      case 'ready':
        await view.tellAll();
        break;
      case 'act':
        await act(message.action);
        break;
      case 'complete':
        await view.complete(message);
        break;
      case 'saveCompletion': {
        const png = view.completions[message.index];
        if (png !== undefined) await save(`completion-${message.index + 1}.png`, Buffer.from(png, 'base64'));
        break;
      }
      case 'saveMap':
        await save('bits.png', Buffer.from(message.png, 'base64'));
        break;
      default:
        message satisfies never;
    }
  }

  async function act(action: ImageViewAction): Promise<void> {
    switch (action) {
      case 'chooseModel':
        return deps.chooseModel();
      case 'train':
        await vscode.commands.executeCommand('chainrule.trainPixelCnn');
        break;
      case 'reload':
        return view.reload();
      case 'cancel':
        view.cancel();
        break;
      case 'cancelCompletions':
        view.cancelCompletions();
        break;
      case 'exportCsv':
      case 'exportJson': {
        const { scored } = view;
        if (scored === undefined) return;
        const pieces = action === 'exportCsv' ? csvOf(scored) : jsonOf(scored);
        const ending = action === 'exportCsv' ? 'csv' : 'json';
        await save(`bits.${ending}`, pieces);
        break;
      }
      default:
        action satisfies never;
    }
  }

  /** Beside the picture, unless somebody says otherwise. */
  async function save(suffix: string, contents: Uint8Array | Iterable<string>): Promise<void> {
    const file = `${path.posix.parse(name).name}-${suffix}`;
    const folder = vscode.Uri.joinPath(uri, '..').with({ query: '', fragment: '' });
    await saveFile({ name: file, ...(uri.scheme === 'file' && { folder }), contents });
  }
}

/** All names of the folder are watched and one is listened to: a name may hold what means something in a pattern. */
function watch(uri: vscode.Uri, clock: Clock, view: ImageLikelihoodView): Disposable {
  if (uri.scheme !== 'file') return { dispose: () => undefined };
  const pattern = new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), '*');
  const watcher = vscode.workspace.createFileSystemWatcher(pattern);
  let cancelSettled = () => {};
  const settle = (then: () => void) => (changed: vscode.Uri) => {
    if (changed.toString() !== uri.toString()) return;
    cancelSettled();
    cancelSettled = clock.after(settleMs, then);
  };
  const changed = settle(() => void view.fileChanged());
  watcher.onDidCreate(changed);
  watcher.onDidChange(changed);
  watcher.onDidDelete(settle(() => view.fileDeleted()));
  return {
    dispose: () => {
      cancelSettled();
      watcher.dispose();
    },
  };
}
