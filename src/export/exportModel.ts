// Trained parameters -> model folder. The parameters are written once; both graphs point into that file as ONNX external data.
// model.json comes last and holds the hashes of the rest, so a folder that lacks it is not a model yet.
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { type FloatTensor, sizeOf } from '../base/tensor.ts';
import { writeFileAtomic } from '../formats/atomicFile.ts';
import {
  cardFileName,
  inPlaceFile,
  type ModelCodec,
  type ModelDescription,
  type Provenance,
  type StateTensor,
  sampleFile,
  writeCodec,
  writeModelDescription,
} from '../formats/modelFolder.ts';
import { safetensorsIndex, writeSafetensors } from '../formats/safetensors.ts';
import type { Graph, Shape } from '../graph/graph.ts';
import { type ExternalTensor, toOnnx } from '../graph/onnx.ts';
import type { AnyArchitecture } from '../models/registry.ts';
import { huggingFaceConfig } from './huggingFaceConfig.ts';
import { modelCard } from './modelCard.ts';

export interface ModelToExport {
  readonly architecture: AnyArchitecture;
  readonly config: unknown;
  readonly codec: ModelCodec;
  readonly parameters: ReadonlyMap<string, FloatTensor>;
  readonly provenance: Provenance;
  /** On held-out documents; null when there were none, and for images. */
  readonly bitsPerByte: number | null;
  /** On held-out images. */
  readonly bitsPerDimension?: number | undefined;
}

export const parametersFile = 'model.safetensors';

/** Replaces the model in `dir`, which is made when it is missing; other files there stay. */
export async function exportModel(dir: string, model: ModelToExport): Promise<void> {
  const { architecture, config, codec, parameters } = model;
  await mkdir(dir, { recursive: true });
  await rm(path.join(dir, 'model.json'), { force: true });

  await writeSafetensors(path.join(dir, parametersFile), parameters, { format: 'pt' });
  const write = (name: string, content: Uint8Array | string) => writeFileAtomic(path.join(dir, name), [content]);
  const files = [parametersFile, ...(await writeGraphs(dir, architecture, config))];
  const codecDescription = await writeCodec(dir, codec);
  if ('file' in codecDescription) files.push(codecDescription.file);
  const foreignConfig = codec.kind === 'image' ? undefined : huggingFaceConfig(architecture.name, config, codec);
  if (foreignConfig) {
    await write('config.json', `${JSON.stringify(foreignConfig, null, 2)}\n`);
    files.push('config.json');
  }

  const contextLength = architecture.contextLength(config);
  const description: Omit<ModelDescription, 'files'> = {
    formatVersion: 1,
    architecture: architecture.name,
    config: config as Record<string, unknown>,
    vocabularySize: codec.vocabulary.size,
    contextLength: Number.isFinite(contextLength) ? contextLength : null,
    codec: codecDescription,
    state: stateDescriptions(architecture, config),
    provenance: model.provenance,
    bitsPerByte: model.bitsPerByte,
    ...(model.bitsPerDimension !== undefined && { bitsPerDimension: model.bitsPerDimension }),
  };
  const numParameters = [...parameters.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  await write(cardFileName, modelCard({ description, architecture, numParameters }));
  await writeModelDescription(dir, description, files);
}

/** Makes the graphs over the parameters that lie in `dir`; their names. */
export async function writeGraphs(dir: string, architecture: AnyArchitecture, config: unknown): Promise<string[]> {
  const external = await externalTensors(dir, parametersFile);
  const names: string[] = [];
  for (const [name, graph] of [
    ...textGraphs(architecture, config),
    [sampleFile, architecture.buildSample?.(config)],
  ] as const) {
    if (!graph) continue;
    await writeFileAtomic(path.join(dir, name), [toOnnx(graph, { parameters: { external } })]);
    names.push(name);
  }
  return names;
}

/** What completion and measuring ask, by the name of its file. */
export function textGraphs(architecture: AnyArchitecture, config: unknown): [name: string, graph: Graph][] {
  const inPlace = architecture.buildInPlaceStep?.(config);
  return [
    ['step.onnx', architecture.buildStep(config)],
    ['score.onnx', architecture.buildScore(config)],
    ...(inPlace ? [[inPlaceFile, inPlace] satisfies [string, Graph]] : []),
  ];
}

/** As model.json tells them, and as an engine takes them. */
export function stateDescriptions(architecture: AnyArchitecture, config: unknown): StateTensor[] {
  return architecture.stateTensors(config).map(({ shape, ...state }) => ({ ...state, shape: pastShape(shape) }));
}

/** Where the tensors of one of the folder's files lie. */
export async function externalTensors(dir: string, location: string): Promise<Map<string, ExternalTensor>> {
  const { tensors } = await safetensorsIndex(path.join(dir, location));
  return new Map([...tensors].map(([name, { offset, length }]) => [name, { location, offset, length }]));
}

function pastShape(shape: Shape): StateTensor['shape'] {
  return shape.map((extent) => {
    if (typeof extent === 'number' || extent === 'past') return extent;
    throw new Error(`exportModel: expected a state shape of numbers and 'past', got ${extent}`);
  });
}
