// What the commands about completions do, and the menu.
import * as vscode from 'vscode';
import type { CommandActions, CommandId } from './commands.ts';
import { documentFacts } from './editorDocument.ts';
import { whyOff } from './eligibility.ts';
import type { EngineClient } from './engineClient.ts';
import { settingRows } from './settings.ts';

export interface ActionDeps {
  readonly client: EngineClient;
  readonly channel: vscode.LogOutputChannel;
  /** Whether there is a training to show. */
  readonly isTraining: () => boolean;
}

type EngineActions = Pick<
  CommandActions,
  'completeHere' | 'toggle' | 'toggleLanguage' | 'restartEngine' | 'showLog' | 'openSettings' | 'showMenu'
>;

const showLogButton = 'Show Log';
const { enabled } = settingRows;

export function engineActions({ client, channel, isTraining }: ActionDeps): EngineActions {
  return {
    async completeHere() {
      const problem = whyNotHere(client);
      if (problem === undefined) {
        await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
        return;
      }
      const chosen = await vscode.window.showInformationMessage(`Chainrule: ${problem}`, showLogButton);
      if (chosen === showLogButton) channel.show(true);
    },
    async toggle() {
      const configuration = vscode.workspace.getConfiguration();
      await configuration.update(enabled.key, !isEnabled(configuration), vscode.ConfigurationTarget.Global);
    },
    async toggleLanguage() {
      const languageId = vscode.window.activeTextEditor?.document.languageId;
      if (languageId === undefined) return;
      const configuration = vscode.workspace.getConfiguration(undefined, { languageId });
      await configuration.update(enabled.key, !isEnabled(configuration), vscode.ConfigurationTarget.Global, true);
    },
    restartEngine: () => client.restart(),
    showLog: () => channel.show(true),
    openSettings: () => vscode.commands.executeCommand('workbench.action.openSettings', 'chainrule.'),
    showMenu: () => showMenu(isTraining()),
  };
}

interface MenuItem extends vscode.QuickPickItem {
  readonly command: CommandId | 'editor.action.inlineSuggest.snooze';
}

async function showMenu(isTraining: boolean): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  const items: MenuItem[] = [
    { label: '$(edit) Complete Here', command: 'chainrule.completeHere' },
    { label: '$(question) Explain the Present Suggestion', command: 'chainrule.explainSuggestion' },
    ...(document ? [languageItem(document)] : []),
    isEnabled(vscode.workspace.getConfiguration())
      ? { label: '$(circle-slash) Disable Everywhere', command: 'chainrule.toggle' }
      : { label: '$(check) Enable Everywhere', command: 'chainrule.toggle' },
    { label: '$(bell-slash) Snooze Inline Suggestions', command: 'editor.action.inlineSuggest.snooze' },
    { label: '$(folder-opened) Choose Model...', command: 'chainrule.chooseModel' },
    isTraining
      ? { label: '$(graph-line) Show Training', command: 'chainrule.showTraining' }
      : { label: '$(graph-line) Train a Model...', command: 'chainrule.trainModel' },
    { label: '$(debug-restart) Restart Engine', command: 'chainrule.restartEngine' },
    { label: '$(output) Show Log', command: 'chainrule.showLog' },
    { label: '$(gear) Open Settings', command: 'chainrule.openSettings' },
  ];
  const item = await vscode.window.showQuickPick(items, { title: 'Chainrule' });
  if (item) await vscode.commands.executeCommand(item.command);
}

function languageItem({ languageId }: vscode.TextDocument): MenuItem {
  const enabledHere = isEnabled(vscode.workspace.getConfiguration(undefined, { languageId }));
  const label = enabledHere ? `$(circle-slash) Disable for ${languageId}` : `$(check) Enable for ${languageId}`;
  return { label, command: 'chainrule.toggleLanguage' };
}

function whyNotHere(client: EngineClient): string | undefined {
  if (client.status.state === 'failed') return client.status.detail;
  const document = vscode.window.activeTextEditor?.document;
  return document === undefined ? 'open a file first' : whyOff(documentFacts(document));
}

function isEnabled(configuration: vscode.WorkspaceConfiguration): boolean {
  return configuration.get(enabled.key, enabled.fallback);
}
