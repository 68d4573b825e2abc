// model.json: what a model folder says about itself. The engine needs nothing else to run a model: no recipe is consulted.
import { type JsonObject, type JsonPlace, jsonObject, mismatch, objectAt, parseJson } from '../base/json.ts';
import { type ResizeRule, resizeRules } from '../base/pixels.ts';
import { type ImageShape, maxImageSide } from '../codecs/image.ts';

export const formatVersion = 1;
export const modelFileName = 'model.json';

export interface StateTensor {
  readonly name: string;
  /** 'past' marks the axis along which the state grows. */
  readonly shape: readonly (number | 'past')[];
  /** Appended: step returns the new rows only. Replaced: step returns the whole. */
  readonly kind: 'appended' | 'replaced';
  /** The axis of 'past' of an appended tensor. */
  readonly axis?: number;
  /** Equal parts of a row of an appended tensor, which a cache written in place keeps apart; without it there is one. */
  readonly heads?: number;
}

export type TextCodecDescription =
  | { readonly kind: 'bytes' }
  | { readonly kind: 'characters'; readonly file: 'characters.json' }
  | { readonly kind: 'bpe'; readonly file: 'tokenizer.json' };

/** Without a rule it is `crop`: earlier models do not tell theirs. */
export type ImageCodecDescription = { readonly kind: 'image'; readonly rule?: ResizeRule } & ImageShape;

export type CodecDescription = TextCodecDescription | ImageCodecDescription;

export interface Provenance extends TrainingRecord {
  /** In words: what it was trained on. */
  readonly data: string;
  /** After which the parameters were taken: the step of the best validation. */
  readonly steps: number;
  /** Seen in those steps. */
  readonly symbols: number;
  readonly seed: number;
  /** Whose files it learnt from: elsewhere it serves only when someone asks for that. */
  readonly workspace?: { readonly hash: string; readonly name: string };
}

/** The options that make the same run again. All may be missing: other exporters do not have them. */
export interface TrainingRecord {
  /** In words: what the bits were measured on. */
  readonly validation?: string;
  /** Of the whole run; `steps` of them made these parameters. */
  readonly totalSteps?: number;
  /** The last step at the full rate. */
  readonly decayStart?: number;
  readonly warmupSteps?: number;
  readonly batch?: number;
  readonly accumulation?: number;
  readonly time?: number;
  readonly schedule?: string;
  readonly learningRate?: number;
  readonly optimizer?: string;
  readonly weightDecay?: number;
  readonly clipNorm?: number;
  readonly validateEverySteps?: number;
  readonly threads?: number;
  /** Of images whose values were drawn: how. */
  readonly binarization?: string;
}

export const variantNames = ['int8', 'int4', 'dynamicInt8'] as const;
export type VariantName = (typeof variantNames)[number];

/** The same model with weights of few bits: graphs step.NAME.onnx and so on, over weights.NAME.safetensors. */
export interface VariantDescription {
  readonly name: VariantName;
  /** Bits per byte more than with the weights as they were trained, on text held out; null: not measured. */
  readonly lossBitsPerByte: number | null;
  /** How far two ways to the logarithm of a probability of 1 % and more may lie apart. */
  readonly toleranceNats: number;
}

export interface ModelDescription {
  readonly formatVersion: typeof formatVersion;
  readonly architecture: string;
  /** The architecture's own; only it can say whether it is right: see `readModelFolder`. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly vocabularySize: number;
  /** In symbols; null: unbounded. */
  readonly contextLength: number | null;
  readonly codec: CodecDescription;
  readonly state: readonly StateTensor[];
  readonly provenance: Provenance;
  /** Measured on held-out text; null: not measured. */
  readonly bitsPerByte: number | null;
  /** Measured on held-out images, for each value of a channel. */
  readonly bitsPerDimension?: number;
  /** Absent where there are none. */
  readonly variants?: readonly VariantDescription[];
  /** What belongs to the model -> its sha256 in hexadecimal. Other files may lie beside it. */
  readonly files: Readonly<Record<string, string>>;
}

/** `file` is how messages name it. @throws UserError naming file, field, value and remedy. */
export function parseModelDescription(text: string, file: string): ModelDescription {
  const root = jsonObject(parseJson(text, file, remedy), file, remedy);
  checkVersion(root);
  const description: ModelDescription = {
    formatVersion: root.oneOf('formatVersion', [formatVersion]),
    architecture: root.string('architecture'),
    config: root.record('config'),
    vocabularySize: root.integer('vocabularySize', { min: 2 }),
    contextLength: root.nullable('contextLength', (name) => root.integer(name, { min: 1 })),
    codec: readCodec(root.object('codec')),
    state: root.list('state', readState),
    provenance: readProvenance(root.object('provenance')),
    bitsPerByte: root.nullable('bitsPerByte', (name) => root.number(name, { min: 0 })),
    files: readFiles(root.object('files')),
    ...optionalBits(root),
    ...optionalVariants(root),
  };
  root.rejectUnknownKeys();
  return description;
}

const remedy = 'export the model again or fetch it again';

function checkVersion(root: JsonObject): void {
  const version = root.integer('formatVersion', { min: 1 });
  if (version <= formatVersion) return;
  const newer = jsonObject(
    { formatVersion: version },
    root.place.file,
    'it was written by a newer Chainrule: update the extension',
  );
  throw newer.problem('formatVersion', `at most ${formatVersion}`);
}

function readCodec(codec: JsonObject): CodecDescription {
  const description = codecReaders[codec.oneOf('kind', ['bytes', 'characters', 'bpe', 'image'])](codec);
  codec.rejectUnknownKeys();
  return description;
}

const codecReaders: { readonly [Kind in CodecDescription['kind']]: (codec: JsonObject) => CodecDescription } = {
  bytes: () => ({ kind: 'bytes' }),
  characters: (codec) => ({ kind: 'characters', file: codec.oneOf('file', ['characters.json']) }),
  bpe: (codec) => ({ kind: 'bpe', file: codec.oneOf('file', ['tokenizer.json']) }),
  image: (codec) => ({
    kind: 'image',
    width: codec.integer('width', { min: 1, max: maxImageSide }),
    height: codec.integer('height', { min: 1, max: maxImageSide }),
    channels: codec.oneOf('channels', [1, 3]),
    levels: codec.integer('levels', { min: 2, max: 256 }),
    ...optionalRule(codec),
  }),
};

function optionalRule(codec: JsonObject): { rule?: ResizeRule } {
  const rule = codec.optional('rule', (name) => codec.oneOf(name, resizeRules));
  return rule === undefined ? {} : { rule };
}

function readState(item: unknown, place: JsonPlace): StateTensor {
  const state = objectAt(item, place);
  const shape = state.list('shape', readExtent);
  const kind = state.oneOf('kind', ['appended', 'replaced']);
  const axis = state.optional('axis', (name) => state.integer(name, { min: 0, max: shape.length - 1 }));
  const heads = state.optional('heads', (name) => state.integer(name, { min: 1 }));
  const name = state.string('name');
  state.rejectUnknownKeys();
  if (kind === 'appended' && (axis === undefined || shape[axis] !== 'past')) {
    throw state.problem('axis', "the axis of 'past', since the tensor is appended to");
  }
  if (shape.filter((extent) => extent === 'past').length !== (kind === 'appended' ? 1 : 0)) {
    throw state.problem('shape', kind === 'appended' ? "one 'past'" : "no 'past', since the tensor is replaced");
  }
  if (heads !== undefined && (kind !== 'appended' || !isDivided(shape.at(-1), heads))) {
    throw state.problem('heads', 'a divisor of the last extent of a tensor that is appended to');
  }
  return { name, shape, kind, ...(axis !== undefined && { axis }), ...(heads !== undefined && { heads }) };
}

function isDivided(extent: number | 'past' | undefined, heads: number): boolean {
  return typeof extent === 'number' && extent % heads === 0;
}

function readExtent(item: unknown, place: JsonPlace): number | 'past' {
  if (item === 'past' || (Number.isSafeInteger(item) && (item as number) >= 1)) return item as number | 'past';
  throw mismatch(place, "an integer >= 1 or 'past'", item);
}

function readProvenance(provenance: JsonObject): Provenance {
  const read: Provenance = {
    data: provenance.string('data'),
    steps: provenance.integer('steps', { min: 0 }),
    symbols: provenance.integer('symbols', { min: 0 }),
    seed: provenance.integer('seed'),
    ...readTraining(provenance),
    ...readWorkspace(provenance),
  };
  provenance.rejectUnknownKeys();
  return read;
}

function readWorkspace(provenance: JsonObject): Pick<Provenance, 'workspace'> {
  const workspace = provenance.optional('workspace', (name) => {
    const object = provenance.object(name);
    const read = { hash: object.string('hash'), name: object.string('name') };
    object.rejectUnknownKeys();
    return read;
  });
  return workspace === undefined ? {} : { workspace };
}

function optionalBits(root: JsonObject): Pick<ModelDescription, 'bitsPerDimension'> {
  const bitsPerDimension = root.optional('bitsPerDimension', (name) => root.number(name, { min: 0 }));
  return bitsPerDimension === undefined ? {} : { bitsPerDimension };
}

function optionalVariants(root: JsonObject): Pick<ModelDescription, 'variants'> {
  const variants = root.optional('variants', (name) => root.list(name, readVariant));
  if (variants && new Set(variants.map(({ name }) => name)).size < variants.length)
    throw root.problem('variants', 'each name once');
  return variants === undefined ? {} : { variants };
}

function readVariant(item: unknown, place: JsonPlace): VariantDescription {
  const variant = objectAt(item, place);
  const read = {
    name: variant.oneOf('name', variantNames),
    lossBitsPerByte: variant.nullable('lossBitsPerByte', (name) => variant.number(name)),
    toleranceNats: variant.number('toleranceNats', { min: 0 }),
  };
  variant.rejectUnknownKeys();
  return read;
}

function readTraining(provenance: JsonObject): TrainingRecord {
  const text = (name: string) => provenance.string(name);
  const count = (name: string) => provenance.integer(name, { min: 0 });
  const amount = (name: string) => provenance.number(name, { min: 0 });
  const readers: { readonly [Name in keyof TrainingRecord]-?: (name: string) => NonNullable<TrainingRecord[Name]> } = {
    validation: text,
    totalSteps: count,
    decayStart: count,
    warmupSteps: count,
    batch: count,
    accumulation: count,
    time: count,
    schedule: text,
    learningRate: amount,
    optimizer: text,
    weightDecay: amount,
    clipNorm: amount,
    validateEverySteps: count,
    threads: count,
    binarization: text,
  };
  const entries = Object.entries(readers).map(([name, read]) => [name, provenance.optional<unknown>(name, read)]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as TrainingRecord;
}

function readFiles(files: JsonObject): Record<string, string> {
  const entries = files.keys().map((name) => {
    if (!/^[\w][\w.-]*$/.test(name)) throw files.problem(name, 'a plain file name, no path');
    if (!/^[0-9a-f]{64}$/.test(files.string(name))) throw files.problem(name, 'a sha256 of 64 hexadecimal digits');
    return [name, files.string(name)] as const;
  });
  return Object.fromEntries(entries);
}
