// The read-only editor for the likelihood of images, as far as activation has to know it: the part that shows it is loaded with the first
// image. Nothing is kept of a document but its address, and nothing of a page that is hidden.
import type * as vscode from 'vscode';
import type { LatePart } from './latePart.ts';
import type { Likelihood } from './likelihood.ts';

export const imageViewType = 'chainrule.imageLikelihood';

export const imageEditorOptions = {
  webviewOptions: { retainContextWhenHidden: false, enableFindWidget: false },
  supportsMultipleEditorsPerDocument: true,
};

export function lateImageEditor(
  part: Pick<LatePart<Likelihood>, 'wanted'>,
): vscode.CustomReadonlyEditorProvider<vscode.CustomDocument> {
  return {
    openCustomDocument: (uri) => ({ uri, dispose: () => undefined }),
    resolveCustomEditor: (document, panel) => {
      const shown = part.wanted();
      if (shown) shown.showImage(document.uri, panel);
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
