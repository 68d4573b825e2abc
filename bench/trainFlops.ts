// How many floating-point operations of a training step are products that the mathematics asks for: what the step's time is held
// against when it is compared with the peak of the processor. Everything else (softmax, norms, the optimizer, masked parts of a kernel
// that are computed all the same) costs time and counts nothing.
import { sizeOf } from '../src/base/tensor.ts';
import { type AnyArchitecture, architectureNamed } from '../src/models/registry.ts';

export interface TrainShape {
  readonly architecture: string;
  readonly config: object;
  readonly batch: number;
  readonly time: number;
}

/** A multiplication and an addition; forward once, backward for the input and for the weight. */
const OPERATIONS = 2 * 3;

export function usefulFlops({ architecture: name, config, batch, time }: TrainShape): number {
  const architecture: AnyArchitecture = architectureNamed(name);
  const parsed = architecture.parseConfig(config);
  const weights = architecture
    .parameters(parsed)
    .filter((parameter) => parameter.shape.length === 2 && isMultiplied(parameter.name))
    .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return OPERATIONS * batch * (time * weights + attention(name, config, time));
}

/** A table that is only looked up is no factor; that of a GPT is its output matrix as well. */
function isMultiplied(name: string): boolean {
  return name !== 'embedding.weight';
}

/** Query with every key up to its own, and every value with its share: of all layers and heads, for one sequence. */
function attention(name: string, config: object, time: number): number {
  if (name !== 'gpt') return 0;
  const { hiddenSize, numLayers } = config as { hiddenSize: number; numLayers: number };
  return (2 * numLayers * hiddenSize * time * (time + 1)) / 2;
}
