// Two small configurations of every architecture, and models over their graphs with random parameters. A family without
// an entry here fails the contract test.
import { DisposableStore } from '../src/base/disposable.ts';
import type { Random } from '../src/base/random.ts';
import { type FloatTensor, float32, sizeOf } from '../src/base/tensor.ts';
import { SessionModel } from '../src/engine/sessionModel.ts';
import type { Graph } from '../src/graph/graph.ts';
import { toOnnx } from '../src/graph/onnx.ts';
import type { TrainGraph } from '../src/models/architecture.ts';
import type { AnyArchitecture } from '../src/models/registry.ts';
import type { Runtime, Session } from '../src/runtime/session.ts';

export const tinyConfigs: Readonly<Record<string, readonly [object, object, ...object[]]>> = {
  gpt: [
    {
      vocabularySize: 19,
      hiddenSize: 16,
      numLayers: 2,
      numHeads: 4,
      numKeyValueHeads: 2,
      intermediateSize: 24,
      contextLength: 160,
      rotaryBase: 10000,
      normEpsilon: 1e-5,
    },
    {
      vocabularySize: 23,
      hiddenSize: 12,
      numLayers: 1,
      numHeads: 3,
      numKeyValueHeads: 3,
      intermediateSize: 20,
      contextLength: 24,
      rotaryBase: 500,
      normEpsilon: 1e-6,
    },
    // Heads of 16 channels, so that it also steps in place.
    {
      vocabularySize: 21,
      hiddenSize: 32,
      numLayers: 2,
      numHeads: 2,
      numKeyValueHeads: 1,
      intermediateSize: 24,
      contextLength: 170,
      rotaryBase: 1000,
      normEpsilon: 1e-5,
    },
  ],
  charRnn: [
    { vocabularySize: 19, startSymbol: 0, embeddingSize: 6, hiddenSize: 10, numLayers: 2 },
    { vocabularySize: 23, startSymbol: 0, embeddingSize: 12, hiddenSize: 8, numLayers: 1 },
  ],
  pixelCnn: [
    tinyPixels({ width: 5, height: 4, channels: 1, block: 'plain', hiddenSize: 4, outputSize: 0 }),
    tinyPixels({ width: 4, height: 3, channels: 3, block: 'residual', hiddenSize: 6, outputSize: 6 }),
    tinyPixels({ width: 6, height: 4, channels: 1, block: 'gated', hiddenSize: 4, outputSize: 3, firstKernel: 5 }),
    tinyPixels({ width: 5, height: 3, channels: 3, block: 'gated', hiddenSize: 3, outputSize: 0, firstKernel: 3 }),
  ],
};

function tinyPixels(config: object): object {
  return { levels: 7, numLayers: 2, firstKernel: 7, kernel: 3, ...config };
}

export interface TinyModelOptions {
  readonly stepForm?: 'rows' | 'inPlace';
}

export interface TinyModel {
  readonly model: SessionModel;
  readonly parameters: ReadonlyMap<string, FloatTensor>;
}

/** In place where both the architecture and the runtime can, unless told otherwise. */
export function tinyModel(
  runtime: Runtime,
  architecture: AnyArchitecture,
  config: unknown,
  random: Random,
  { stepForm }: TinyModelOptions = {},
): TinyModel {
  const inPlace = stepForm === 'rows' ? undefined : architecture.buildInPlaceStep?.(config);
  const form = inPlace && (stepForm === 'inPlace' || runtime.inPlace) ? 'inPlace' : 'rows';
  const parameters = randomParameters(architecture, config, random);
  const size = architecture.vocabularySize(config);
  const open = (graph: Graph) => () => openEmbedded(runtime, graph, parameters);
  const model = new SessionModel({
    vocabulary: { size, start: architecture.consumes === 'image' ? size - 1 : 0 },
    contextLength: architecture.contextLength(config),
    background: runtime.background,
    state: architecture.stateTensors(config).map(({ shape, ...rest }) => ({
      ...rest,
      shape: shape.map((extent) => (extent === 'past' ? 'past' : Number(extent))),
    })),
    openScore: open(architecture.buildScore(config)),
    stepForm: form,
    openStep: open(form === 'inPlace' ? inPlace! : architecture.buildStep(config)),
  });
  return { model, parameters };
}

/** Zeros for the states that a training graph is handed: every row begins anew. */
export function zerosCarried({ carried = [] }: TrainGraph): Record<string, FloatTensor> {
  return Object.fromEntries(
    carried.map(({ name, shape }) => [`carried.${name}`, float32(new Float32Array(sizeOf(shape)), shape)]),
  );
}

/** Wider than at the start of training, so that distributions are far from uniform. */
export function randomParameters(
  architecture: AnyArchitecture,
  config: unknown,
  random: Random,
): Map<string, FloatTensor> {
  return new Map(
    architecture.parameters(config).map(({ name, shape }) => {
      const center = shape.length === 1 ? 1 : 0;
      const data = Float32Array.from({ length: sizeOf(shape) }, () => center + 0.4 * random.nextNormal());
      return [name, float32(data, shape)];
    }),
  );
}

async function openEmbedded(
  runtime: Runtime,
  graph: Graph,
  parameters: ReadonlyMap<string, FloatTensor>,
): Promise<Session> {
  const bytes = toOnnx(graph, { parameters: { embedded: parameters } });
  return runtime.createSession({ bytes }, { threads: 1 });
}

/** Opens a session, uses it once and disposes of it. */
export async function withSession<T>(
  runtime: Runtime,
  bytes: Uint8Array,
  threads: number,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const store = new DisposableStore();
  try {
    return await use(store.add(await runtime.createSession({ bytes }, { threads })));
  } finally {
    store.dispose();
  }
}
