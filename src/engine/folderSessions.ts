// The graphs of a model folder as sessions, opened when they are first asked.
import path from 'node:path';
import type { Vocabulary } from '../base/model.ts';
import { inPlaceFile, type ModelDescription, variantFile } from '../formats/modelFolder.ts';
import type { Runtime, Session, SessionOptions } from '../runtime/session.ts';
import { SessionModel } from './sessionModel.ts';
import type { ChosenWeights, Weights } from './variants.ts';

export interface FolderSessions {
  readonly model: SessionModel;
  /** Of another graph of the folder. */
  open(file: string): Promise<Session>;
}

export function folderSessions(
  dir: string,
  { contextLength, state, files }: ModelDescription,
  vocabulary: Vocabulary,
  { runtime, threads, spinMicroseconds }: SessionOptions & { readonly runtime: Runtime },
  { decode, prefill }: ChosenWeights = { decode: 'fp32', prefill: 'fp32' },
): FolderSessions {
  const settings = { threads, ...(spinMicroseconds !== undefined && { spinMicroseconds }) };
  const open = (file: string) => runtime.createSession({ path: path.join(dir, file) }, settings);
  const fileOf = (file: string, weights: Weights) => (weights === 'fp32' ? file : variantFile(file, weights));
  const inPlace = runtime.inPlace && inPlaceFile in files;
  const stepFile = inPlace ? inPlaceFile : 'step.onnx';
  const model = new SessionModel({
    vocabulary,
    contextLength: contextLength ?? Number.POSITIVE_INFINITY,
    state,
    background: runtime.background,
    stepForm: inPlace ? 'inPlace' : 'rows',
    openScore: () => open(fileOf('score.onnx', decode)),
    openStep: () => open(fileOf(stepFile, decode)),
    ...(prefill !== decode && { openPrefill: () => open(fileOf(stepFile, prefill)) }),
  });
  return { model, open };
}
