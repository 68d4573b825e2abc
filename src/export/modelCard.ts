// README.md of a model folder, for people: what the model is, what it learned from and how, what was measured, where it ends. Every
// number in it was measured or counted, and what is not known is said to be unknown.
import type { ModelDescription, Provenance } from '../formats/modelFolder.ts';

export interface CardFacts {
  readonly description: Omit<ModelDescription, 'files'>;
  readonly architecture: { readonly title: string; readonly reference: string };
  readonly numParameters: number;
  /** Markdown that follows what was measured, each with a heading of its own. */
  readonly sections?: readonly string[];
}

export function modelCard({ description, architecture, numParameters, sections = [] }: CardFacts): string {
  const { config, contextLength, vocabularySize, codec, provenance, bitsPerByte } = description;
  const context = contextLength === null ? 'without bound' : `${count(contextLength)} symbols`;
  const measured =
    bitsPerByte === null
      ? 'Nothing was measured while it was trained.'
      : `**${bitsPerByte.toFixed(3)} bits per byte**, while it was trained, on fixed windows of ${provenance.validation ?? 'text held out from training'}, without
file names. As it is stored a byte has 8 bits. Such numbers can be compared on the same text only.`;
  return `# ${architecture.title} language model, ${inMillions(numParameters)} parameters

A small model for completing code and text on one's own machine, made by Chainrule and for it.

| | |
| --- | --- |
| architecture | ${architecture.title} (${architecture.reference}) |
| parameters | ${count(numParameters)}, float32 |
| vocabulary | ${count(vocabularySize)} symbols, ${codecTitles[codec.kind]} |
| context | ${context} |

## What it learned from

${provenance.data}

${count(provenance.symbols)} symbols were seen in ${count(provenance.steps)} steps, seed ${provenance.seed}${keptOf(provenance)}.

## How it was trained

${howTrained(description)}

## What was measured

${measured}
${sections.map((section) => `\n${section.trim()}\n`).join('')}
## Limits

It continues text in the manner of what it learned from, and knows no facts. Its suggestions may be wrong or insecure, or repeat passages
of its data: read them before you keep them. Text unlike its data costs more bits, and suggestions for it are worse. It sees no more
than its context.

## License

Chainrule sets no terms for a model. What it learned from may: its licenses apply to passages that the model repeats.

## Files

| file | what it is |
| --- | --- |
| \`model.json\` | what an engine needs to know: vocabulary, context, state tensors, hashes of the files below |
| \`model.safetensors\` | the parameters; both graphs point into it |
| \`step.onnx\` | a block of symbols and a state -> distributions and the new rows of the state |
| \`score.onnx\` | symbols -> the distribution after each of them |${'file' in codec ? `\n| \`${codec.file}\` | the vocabulary |` : ''}

## Configuration

\`\`\`json
${JSON.stringify(config, null, 2)}
\`\`\`
`;
}

const codecTitles: Readonly<Record<ModelDescription['codec']['kind'], string>> = {
  bytes: 'bytes',
  characters: 'characters',
  bpe: 'byte-level BPE',
  image: 'values of channels',
};

function keptOf({ steps, totalSteps }: Provenance): string {
  if (totalSteps === undefined || totalSteps === steps) return '';
  return `: the best of a run of ${count(totalSteps)} by what was measured on the way`;
}

/** The command that makes it again, where the options are known. */
function howTrained({ architecture, codec, config, provenance }: CardFacts['description']): string {
  const { totalSteps, decayStart } = provenance;
  if (totalSteps === undefined) return 'With which options is not recorded.';
  const { vocabularySize: _, ...wishes } = config;
  const options: readonly (readonly [string, string | number | undefined])[] = [
    ['data', 'PATH...'],
    ['out', 'DIR'],
    codec.kind === 'bpe' ? ['tokenizer', codec.file] : ['codec', codec.kind],
    ['config', `'${JSON.stringify(wishes)}'`],
    ['steps', totalSteps],
    ['decay-start', decayStart],
    ['batch', provenance.batch],
    ['time', provenance.time],
    ['accumulate', provenance.accumulation],
    ['optimizer', provenance.optimizer],
    ['learning-rate', provenance.learningRate],
    ['schedule', provenance.schedule],
    ['warmup', provenance.warmupSteps],
    ['weight-decay', provenance.weightDecay],
    ['clip', provenance.clipNorm],
    ['validate-every', provenance.validateEverySteps],
    ['seed', provenance.seed],
    ['threads', provenance.threads],
  ];
  const complete = options.every(([, value]) => value !== undefined);
  const words = options.flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${value}`]));
  return `\`\`\`sh
chainrule train ${architecture} ${words.join(' \\\n  ')}
\`\`\`

${complete ? 'The same data and the same kind of machine give the same parameters.' : 'Its other options are not recorded.'}`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function inMillions(value: number): string {
  return value < 1e6 ? count(value) : `${(value / 1e6).toFixed(1)} million`;
}
