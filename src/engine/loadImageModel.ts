// A model folder becomes a model of images: its codec, a session model over its two graphs, and what makes images with it.
import type { Disposable } from '../base/disposable.ts';
import { UserError } from '../base/errors.ts';
import type { AutoregressiveModel } from '../base/model.ts';
import type { ImageCodec } from '../codecs/image.ts';
import { type ModelDescription, readModelFolder, sampleFile } from '../formats/modelFolder.ts';
import { folderSessions } from './folderSessions.ts';
import { ImageSampler } from './imageSampler.ts';
import type { LoadOptions } from './loadModel.ts';

export interface ImageModel extends Disposable {
  readonly model: AutoregressiveModel;
  readonly codec: ImageCodec;
  readonly description: ModelDescription;
  readonly sampler: ImageSampler;
}

/** Sessions open when they are first needed. @throws UserError naming the file, the field, the value and the remedy. */
export async function loadImageModel(dir: string, options: Omit<LoadOptions, 'open'>): Promise<ImageModel> {
  const { verify, readConfig } = options;
  const { description, codec } = await readModelFolder(dir, { verify, readConfig });
  if (codec.kind !== 'image') {
    throw new UserError(`${dir}: expected a model of images, got one of text; choose another, or sample text from it`);
  }
  const { model, open } = folderSessions(dir, description, codec.vocabulary, options);
  const openSample = async () => {
    if (sampleFile in description.files) return open(sampleFile);
    throw new UserError(
      `${dir}: expected ${sampleFile}, without which no image is made, got none; export the model again`,
    );
  };
  const sampler = new ImageSampler({ model, codec, state: description.state, openSample });
  return {
    model,
    codec,
    description,
    sampler,
    dispose: () => {
      sampler.dispose();
      model.dispose();
    },
  };
}
