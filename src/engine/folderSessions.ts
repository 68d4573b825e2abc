// The graphs of a model folder as sessions, opened when they are first asked.
import path from 'node:path';
import type { Vocabulary } from '../base/model.ts';
import { inPlaceFile, type ModelDescription } from '../formats/modelFolder.ts';
import type { Runtime, Session, SessionOptions } from '../runtime/session.ts';
import { SessionModel } from './sessionModel.ts';

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
): FolderSessions {
  const settings = { threads, ...(spinMicroseconds !== undefined && { spinMicroseconds }) };
  const open = (file: string) => runtime.createSession({ path: path.join(dir, file) }, settings);
  const inPlace = runtime.inPlace && inPlaceFile in files;
  const model = new SessionModel({
    vocabulary,
    contextLength: contextLength ?? Number.POSITIVE_INFINITY,
    state,
    stepForm: inPlace ? 'inPlace' : 'rows',
    openScore: () => open('score.onnx'),
    openStep: () => open(inPlace ? inPlaceFile : 'step.onnx'),
  });
  return { model, open };
}
