// The HTML of a webview: one script, one style sheet, and a policy that allows nothing else. No network, no inline code; images
// come in messages.
import { randomBytes } from 'node:crypto';

export interface WebviewPage {
  readonly title: string;
  /** Addresses that the webview may load. */
  readonly script: string;
  readonly style: string;
  /** Where style sheets may come from, as the webview says. */
  readonly source: string;
}

export function webviewPage({ title, script, style, source }: WebviewPage): string {
  const nonce = randomBytes(16).toString('base64');
  const policy = [
    "default-src 'none'",
    'img-src data:',
    `style-src ${source}`,
    `script-src 'nonce-${nonce}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy.join('; '))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<link rel="stylesheet" href="${escaped(style)}">
</head>
<body>
<script nonce="${nonce}" src="${escaped(script)}"></script>
</body>
</html>
`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
