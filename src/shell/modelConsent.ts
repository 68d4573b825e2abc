// The yes that a person gives to a model which learnt elsewhere, by name: what it tells or draws may be from there.
import * as vscode from 'vscode';
import { consentQuestion } from './modelChoice.ts';
import type { TrainedModel } from './trainedModels.ts';
import type { WorkspaceIdentity } from './trainingPlace.ts';

export async function consents(model: TrainedModel, here: WorkspaceIdentity): Promise<boolean> {
  const question = consentQuestion(model, here);
  if (question === undefined) return true;
  const yes = 'Use It Here';
  const { message, detail } = question;
  return (await vscode.window.showWarningMessage(message, { modal: true, detail }, yes)) === yes;
}
