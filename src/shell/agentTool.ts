// The tool that agents call for exact likelihoods, as the editor must know it from the start: thin, because what answers it is loaded with
// the first call.
import * as vscode from 'vscode';
import { CancelledError, UserError } from '../base/errors.ts';

export const agentToolName = 'chainrule_likelihood';

/** The part that answers. */
export interface Answering {
  scoreForAgent(input: unknown, signal: AbortSignal): Promise<string>;
}

export function agentTool(load: () => Answering | undefined): vscode.LanguageModelTool<object> {
  return {
    prepareInvocation: () => ({ invocationMessage: 'Computing likelihoods on this machine' }),
    async invoke({ input }, token) {
      const part = load();
      if (part === undefined) throw new UserError('the part of Chainrule that scores could not be loaded; see its log');
      const controller = new AbortController();
      const abort = () => controller.abort(new CancelledError('cancelled'));
      if (token.isCancellationRequested) abort();
      const listener = token.onCancellationRequested(abort);
      try {
        const json = await part.scoreForAgent(input, controller.signal);
        return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(json)]);
      } finally {
        listener.dispose();
      }
    },
  };
}
