// Where completions are offered at all. Decided from what the editor says about a document, never from its text.
import { isSecretPath } from '../base/secretPaths.ts';

export const offeredSchemes = [
  'file',
  'untitled',
  'vscode-notebook-cell',
  'vscode-remote',
  'vscode-vfs',
  'vscode-userdata',
  'vscode-interactive-input',
] as const;

export interface DocumentFacts {
  readonly scheme: string;
  readonly path: string;
  readonly languageId: string;
  /** The setting, for this document's language. */
  readonly enabled: boolean;
}

/** Undefined: completions are offered; else why not, in words for the status bar. */
export function whyOff({ scheme, path, languageId, enabled }: DocumentFacts): string | undefined {
  if (!offeredSchemes.some((offered) => offered === scheme)) return 'not offered in this kind of document';
  if (mayHoldSecrets({ path, languageId })) return secretReason;
  return enabled ? undefined : `disabled for ${languageId}`;
}

export const secretReason = 'files that may hold secrets are never read';

/** No process is told the text of such a document. */
export function mayHoldSecrets({ path, languageId }: Pick<DocumentFacts, 'path' | 'languageId'>): boolean {
  return isSecretPath(path) || languageId === 'dotenv';
}
