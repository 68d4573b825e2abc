// Stands for the part that shows likelihoods until it is first needed: all that activation must know of it, which is the names of its
// commands, views and tool. Nothing is kept of an image but its address, and nothing of a page that is hidden.
import * as vscode from 'vscode';
import type { LatePart } from './latePart.ts';
import type { Likelihood } from './likelihood.ts';
import {
  agentToolName,
  changeViewType,
  imageViewType,
  likelihoodViewType,
  workspaceViewType,
} from './likelihoodNames.ts';

type Late = Pick<LatePart<Likelihood>, 'wanted' | 'quietly'>;

export function likelihoodActions(part: Late): Likelihood['actions'] {
  const run = (name: keyof Likelihood['actions']) => () => part.wanted()?.actions[name]();
  return {
    showLikelihood: run('showLikelihood'),
    chooseLikelihoodModel: run('chooseLikelihoodModel'),
    openLikelihoodView: run('openLikelihoodView'),
    likelihoodOfWorkspace: run('likelihoodOfWorkspace'),
    bitsOfChange: run('bitsOfChange'),
    openImageLikelihood: (target) => part.wanted()?.actions.openImageLikelihood(target),
    explainSuggestion: run('explainSuggestion'),
  };
}

/** What the editor may want of the part by itself. The caller disposes of it. */
export function registerLikelihood(part: Late): vscode.Disposable[] {
  type Restore = (loaded: Likelihood, panel: vscode.WebviewPanel, state: unknown) => void;
  const restored = (viewType: string, restore: Restore) =>
    vscode.window.registerWebviewPanelSerializer(viewType, {
      deserializeWebviewPanel: async (panel, state) => {
        const loaded = part.quietly();
        if (loaded) restore(loaded, panel, state);
        else panel.dispose();
      },
    });
  return [
    restored(likelihoodViewType, (loaded, panel, state) => loaded.restoreView(panel, state)),
    restored(workspaceViewType, (loaded, panel) => loaded.restoreWorkspace(panel)),
    restored(changeViewType, (loaded, panel) => loaded.restoreChange(panel)),
    vscode.window.registerCustomEditorProvider(imageViewType, imageEditor(part), {
      webviewOptions: { retainContextWhenHidden: false, enableFindWidget: false },
      supportsMultipleEditorsPerDocument: true,
    }),
    vscode.lm.registerTool(agentToolName, {
      prepareInvocation: () => ({ invocationMessage: 'Computing likelihoods on this machine' }),
      invoke: async ({ input }: { readonly input: unknown }, token) => {
        const loaded = part.quietly();
        if (loaded) return loaded.answerAgent(input, token);
        throw new Error('expected the part of Chainrule that scores, got none; see its log');
      },
    }),
  ];
}

function imageEditor(part: Late): vscode.CustomReadonlyEditorProvider {
  return {
    openCustomDocument: (uri) => ({ uri, dispose: () => undefined }),
    resolveCustomEditor: (document, panel) => {
      const loaded = part.wanted();
      if (loaded) loaded.showImage(document.uri, panel);
      else panel.webview.html = missingPage;
    },
  };
}

const missingPage = `<!DOCTYPE html>
<html lang="en">
<head>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'">
<title>Image Likelihood</title>
</head>
<body><main><p>What shows the likelihood of images could not be loaded. Reload the window.</p></main></body>
</html>
`;
