// Graphs of a model that is still being trained: the parameters are inputs, read where the optimizer changes them, so that a sample can be
// drawn at any step without writing anything.
import { toOnnx } from '../graph/onnx.ts';
import type { AnyArchitecture } from '../models/registry.ts';

export function liveStep(architecture: AnyArchitecture, config: unknown): Uint8Array {
  return toOnnx(architecture.buildStep(config), { parameters: 'inputs' });
}

/** Undefined when the architecture does not make several at once. */
export function liveSample(architecture: AnyArchitecture, config: unknown): Uint8Array | undefined {
  const graph = architecture.buildSample?.(config);
  return graph && toOnnx(graph, { parameters: 'inputs' });
}
