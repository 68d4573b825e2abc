// What goes wrong in an action that a person asked for is said to that person, and logged.
import * as vscode from 'vscode';
import { messageOf } from '../base/errors.ts';
import type { Log } from './hostProcess.ts';

/** Never rejects. */
export async function showErrors(log: Log, action: () => Promise<void> | void): Promise<void> {
  try {
    await action();
  } catch (error) {
    log('error', messageOf(error));
    void vscode.window.showErrorMessage(`Chainrule: ${messageOf(error)}`);
  }
}
