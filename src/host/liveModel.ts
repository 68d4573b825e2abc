// Samples from a model while it is being trained: its graphs read the parameters where the optimizer changes them.
import type { Disposable } from '../base/disposable.ts';
import { Random } from '../base/random.ts';
import type { FloatTensor } from '../base/tensor.ts';
import { drawText } from '../engine/drawText.ts';
import { ImageSampler } from '../engine/imageSampler.ts';
import { SessionModel } from '../engine/sessionModel.ts';
import { stateDescriptions } from '../export/exportModel.ts';
import { liveSample, liveStep } from '../export/liveGraphs.ts';
import { contactSheet } from '../files/images/contactSheet.ts';
import { encodePng } from '../files/images/encodePng.ts';
import type { Runtime, Session } from '../runtime/session.ts';
import type { Prepared } from '../train/prepare.ts';

/** A text, or a contact sheet as a PNG. */
export type LiveSample = { readonly text: string } | { readonly png: Uint8Array };

export interface LiveModel extends Disposable {
  /** From the parameters as they are. Always of the same seed, so that one sees what was learnt, not what was drawn. */
  draw(signal: AbortSignal): Promise<LiveSample>;
}

const seed = 1;
const textSymbols = 400;
const textTemperature = 0.8;
const [numImages, sheetColumns, sheetGap] = [16, 4, 1];

export function liveModel(
  runtime: Runtime,
  { architecture, config, codec }: Pick<Prepared, 'architecture' | 'config' | 'codec'>,
  parameters: ReadonlyMap<string, FloatTensor>,
  threads: number,
): LiveModel {
  const open = async (bytes: Uint8Array) =>
    boundSession(await runtime.createSession({ bytes }, { threads }), parameters);
  const state = stateDescriptions(architecture, config);
  const model = new SessionModel({
    vocabulary: codec.vocabulary,
    contextLength: architecture.contextLength(config),
    state,
    openScore: () => Promise.reject(new Error('liveModel: it is drawn from, not asked for scores')),
    openStep: () => open(liveStep(architecture, config)),
  });
  if (codec.kind !== 'image') {
    return {
      async draw(signal) {
        const options = { prompt: '', maxSymbols: textSymbols, temperature: textTemperature };
        const symbols: number[] = [];
        for await (const { symbol } of drawText({ model, codec }, { ...options, random: new Random(seed), signal })) {
          symbols.push(symbol);
        }
        return { text: codec.decodeText(Int32Array.from(symbols)) };
      },
      dispose: () => model.dispose(),
    };
  }
  const openSample = () => {
    const bytes = liveSample(architecture, config);
    if (bytes) return open(bytes);
    return Promise.reject(new Error(`liveModel: ${architecture.name} has no graph that makes images`));
  };
  const sampler = new ImageSampler({ model, codec, state, openSample });
  return {
    async draw(signal) {
      const images = await sampler.sample({ count: numImages, temperature: 1, seed, signal });
      return { png: encodePng(contactSheet(images, sheetColumns, sheetGap)) };
    },
    dispose() {
      sampler.dispose();
      model.dispose();
    },
  };
}

/** The same session, the parameters among its inputs. */
function boundSession(session: Session, parameters: ReadonlyMap<string, FloatTensor>): Session {
  const bound = Object.fromEntries(parameters);
  return {
    inputNames: session.inputNames.filter((name) => !parameters.has(name)),
    outputNames: session.outputNames,
    run: (inputs, ...rest) => session.run({ ...bound, ...inputs }, ...rest),
    dispose: () => session.dispose(),
  };
}
