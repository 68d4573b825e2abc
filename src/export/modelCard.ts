// README.md of a model folder, for people: what the model is, what it learned from and how, what was measured, where it ends. Every
// number in it was measured or counted, and what is not known is said to be unknown.
import type { ModelDescription, Provenance } from '../formats/modelFolder.ts';

type ImageCodecDescription = Extract<ModelDescription['codec'], { readonly kind: 'image' }>;

export interface CardFacts {
  readonly description: Omit<ModelDescription, 'files'>;
  readonly architecture: { readonly title: string; readonly reference: string };
  readonly numParameters: number;
  /** Markdown that follows what was measured, each with a heading of its own. */
  readonly sections?: readonly string[];
}

export function modelCard({ description, architecture, numParameters, sections = [] }: CardFacts): string {
  const { config, contextLength, vocabularySize, codec, provenance } = description;
  const words = codec.kind === 'image' ? ofImages : ofText;
  const context = contextLength === null ? 'without bound' : `${count(contextLength)} symbols`;
  return `# ${architecture.title} ${words.what}, ${inMillions(numParameters)} parameters

${words.purpose}

| | |
| --- | --- |
| architecture | ${architecture.title} (${architecture.reference}) |
| parameters | ${count(numParameters)}, float32 |
| vocabulary | ${count(vocabularySize)} symbols, ${codecTitles[codec.kind]} |
| ${codec.kind === 'image' ? `images | ${imageTitle(codec)}` : `context | ${context}`} |

## What it learned from

${provenance.data}

${count(provenance.symbols)} symbols were seen in ${count(provenance.steps)} steps, seed ${provenance.seed}${keptOf(provenance)}.

## How it was trained

${howTrained(description)}

## What was measured

${measuredOf(description)}
${sections.map((section) => `\n${section.trim()}\n`).join('')}
## Limits

${words.limits}

## License

Chainrule sets no terms for a model. What it learned from may: its licenses apply to passages that the model repeats.

## Files

| file | what it is |
| --- | --- |
| \`model.json\` | what an engine needs to know: vocabulary, context, state tensors, hashes of the files below |
| \`model.safetensors\` | the parameters; ${codec.kind === 'image' ? 'the graphs point' : 'both graphs point'} into it |
| \`step.onnx\` | a block of symbols and a state -> distributions and the new rows of the state |
| \`score.onnx\` | symbols -> the distribution after each of them |${codec.kind === 'image' ? sampleRow : ''}${'file' in codec ? `\n| \`${codec.file}\` | the vocabulary |` : ''}

## Configuration

\`\`\`json
${JSON.stringify(config, null, 2)}
\`\`\`
`;
}

const ofText = {
  what: 'language model',
  purpose: "A small model for completing code and text on one's own machine, made by Chainrule and for it.",
  limits: `It continues text in the manner of what it learned from, and knows no facts. Its suggestions may be wrong or insecure, or repeat passages
of its data: read them before you keep them. Text unlike its data costs more bits, and suggestions for it are worse. It sees no more
than its context.`,
};

const ofImages = {
  what: 'model of images',
  purpose: 'A small model that draws images value by value, and completes them, made by Chainrule and for it.',
  limits: `It draws in the manner of what it learned from, in its one size. What it draws may repeat parts of its data. Images unlike its data
cost more bits.`,
};

const sampleRow = '\n| `sample.onnx` | a symbol of each of several images and their states -> the next logits |';

function imageTitle({ width, height, channels, levels }: ImageCodecDescription): string {
  return `${width} x ${height}, ${channels === 1 ? 'grey' : 'color'}, ${levels} levels`;
}

function measuredOf({ codec, provenance, bitsPerByte, bitsPerDimension }: CardFacts['description']): string {
  const bits = bitsPerByte ?? bitsPerDimension;
  if (bits === undefined) return 'Nothing was measured while it was trained.';
  if (codec.kind === 'image') {
    const on = provenance.validation ?? 'images held out from training';
    return `**${bits.toFixed(3)} bits per channel value**, while it was trained, on ${on}. Stored plainly a value has ${Math.log2(codec.levels).toFixed(3)} bits.
Such numbers can be compared on the same images only, in the same size and with the same levels.`;
  }
  return `**${bits.toFixed(3)} bits per byte**, while it was trained, on fixed windows of ${provenance.validation ?? 'text held out from training'}, without
file names. As it is stored a byte has 8 bits. Such numbers can be compared on the same text only.`;
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

/** Fields of configurations that follow from the data and its codec. */
const byData = ['vocabularySize', 'startSymbol', 'width', 'height', 'channels', 'levels'];

function codecOptions(codec: ModelDescription['codec']): readonly (readonly [string, string | number])[] {
  if (codec.kind === 'bpe') return [['tokenizer', codec.file]];
  if (codec.kind !== 'image') return [['codec', codec.kind]];
  const { width, height, channels, levels, rule } = codec;
  return [
    ['size', `${width}x${height}`],
    ['channels', channels],
    ['levels', levels],
    ['rule', rule ?? 'crop'],
  ];
}

/** The command that makes it again, where the options are known. */
function howTrained({ architecture, codec, config, provenance }: CardFacts['description']): string {
  const { totalSteps, decayStart } = provenance;
  if (totalSteps === undefined) return 'With which options is not recorded.';
  const wishes = Object.fromEntries(Object.entries(config).filter(([name]) => !byData.includes(name)));
  const options: readonly (readonly [string, string | number | undefined])[] = [
    ['data', 'PATH...'],
    ['out', 'DIR'],
    ...codecOptions(codec),
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
  // Most runs have none, and are none the less recorded completely.
  const all = [...options, ['binarize', provenance.binarization] as const];
  const words = all.flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${value}`]));
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
