// A model folder becomes a text model: its codec, and a session model over its two graphs.
import path from 'node:path';
import type { Disposable } from '../base/disposable.ts';
import type { AutoregressiveModel } from '../base/model.ts';
import type { TextCodec } from '../codecs/text.ts';
import { type ModelDescription, readModelFolder } from '../formats/modelFolder.ts';
import type { Runtime } from '../runtime/session.ts';
import { SessionModel } from './sessionModel.ts';

export interface TextModel extends Disposable {
  readonly model: AutoregressiveModel;
  readonly codec: TextCodec;
  readonly description: ModelDescription;
}

export interface LoadOptions {
  readonly runtime: Runtime;
  /** Threads inside one operator. */
  readonly threads: number;
  /** Compare every file with its hash first. */
  readonly verify: boolean;
}

/** @throws UserError naming the file, the field, the value and the remedy. The caller disposes of the model. */
export async function loadTextModel(dir: string, { runtime, threads, verify }: LoadOptions): Promise<TextModel> {
  const { description, codec } = await readModelFolder(dir, { verify });
  const open = (file: string) => runtime.createSession({ path: path.join(dir, file) }, { threads });
  const model = new SessionModel({
    vocabulary: codec.vocabulary,
    contextLength: description.contextLength ?? Infinity,
    state: description.state,
    openScore: () => open('score.onnx'),
    openStep: () => open('step.onnx'),
  });
  return { model, codec, description, dispose: () => model.dispose() };
}
