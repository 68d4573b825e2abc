// README.md of a model folder: what the model is and how it came about. Every number in it is one that was measured or counted.
import { sizeOf } from '../base/tensor.ts';
import type { ModelToExport } from './exportModel.ts';

export function modelCard({ architecture, config, codec, parameters, provenance, bitsPerByte }: ModelToExport): string {
  const numParameters = [...parameters.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const contextLength = architecture.contextLength(config);
  const facts: readonly (readonly [string, string])[] = [
    ['architecture', `${architecture.title} (${architecture.reference})`],
    ['parameters', numParameters.toLocaleString('en-US')],
    ['vocabulary', `${codec.vocabulary.size.toLocaleString('en-US')} symbols, ${codecTitles[codec.kind]}`],
    ['context', Number.isFinite(contextLength) ? `${contextLength} symbols` : 'unbounded'],
    [
      'bits per byte',
      bitsPerByte === null ? 'not measured' : `${bitsPerByte.toFixed(3)}, on documents held out from training`,
    ],
    ['data', provenance.data],
    [
      'training',
      `${provenance.steps.toLocaleString('en-US')} steps, ${provenance.symbols.toLocaleString('en-US')} symbols, seed ${provenance.seed}`,
    ],
    ...(provenance.trainedAt === undefined ? [] : [['trained', provenance.trainedAt] as const]),
  ];
  return `# ${architecture.title} language model

${facts.map(([name, value]) => `- **${name}**: ${value}`).join('\n')}

## Files

| file | what it is |
| --- | --- |
| \`model.json\` | what an engine needs to know: vocabulary, context, state tensors, hashes of the other files |
| \`model.safetensors\` | the parameters, float32; both graphs point into it |
| \`step.onnx\` | a block of symbols and a state -> distributions and the new rows of the state |
| \`score.onnx\` | symbols -> the distribution after each of them |

## Limits

The model is small. It continues text in the manner of its data, knows no facts, and its suggestions may be wrong or
insecure: read them before you keep them. Text unlike its data costs more bits, and suggestions for it are worse.

## Configuration

\`\`\`json
${JSON.stringify(config, null, 2)}
\`\`\`
`;
}

const codecTitles: Readonly<Record<ModelToExport['codec']['kind'], string>> = {
  bytes: 'bytes',
  characters: 'characters',
  bpe: 'byte-level BPE',
};
