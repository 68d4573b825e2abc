// `chainrule bits`: the exact information of files under a model, as JSON lines: the codec's own segmentation, no header in
// the context, the end symbol counted; of images what the codec keeps of them. A folder means every regular file below it, sorted,
// without ignore rules.
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { CancelledError, messageOf, throwIfCancelled, UserError } from '../base/errors.ts';
import type { ImageModel } from '../engine/loadImageModel.ts';
import type { TextModel } from '../engine/loadModel.ts';
import { idxImages, isIdxName } from '../files/images/idx.ts';
import { readShaped } from '../files/images/readShaped.ts';
import { bitsOf, bitsPerByte, wholeText } from '../likelihood/bits.ts';
import { type Binarization, heldOutDraws, imageSymbols } from '../train/imageRows.ts';
import type { Command, CommandContext } from './command.ts';
import { countOption, type OptionValues } from './numbers.ts';
import { modelOptions, modelUsage, withAnyModel } from './openModel.ts';

const usage = `chainrule bits --model DIR PATH... [--json]
chainrule bits --model DIR [--binarize sampled] [--limit N] PATH...

${modelUsage}
  PATH          a file, or a folder: every regular file below it, sorted, whatever is ignored
  --json        changes nothing: stdout is JSON lines anyway
  --binarize    of a model of images: sampled draws each value, with the seed that training holds out with
  --limit N     of a model of images: at most so many of each IDX file

Prints {"path","bytes","bits","bitsPerByte"} per file, or {"path","error"}; then {"total":true,"files","bytes","bits","bitsPerByte"}.
Of images {"path","images","dimensions","bits","bitsPerDimension","natsPerImage"}, and the total alike; images of another size are
brought to the model's as those were that it learnt from.`;

export const bits: Command = { summary: 'bits of files under a model, as JSON lines', usage, run };

/** What is encoded at once; longer files are refused. */
const maxFileBytes = 256 * 2 ** 20;

async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      ...modelOptions,
      binarize: { type: 'string' },
      limit: { type: 'string' },
      json: { type: 'boolean' },
    },
    allowPositionals: true,
  });
  if (positionals.length === 0) throw new UserError('expected a file or a folder');
  return withAnyModel(values, context, 'score', {
    text: (model) => measureTexts(model, positionals, context),
    image: (model) => measureImages(model, positionals, values, context),
  });
}

async function measureTexts(model: TextModel, roots: readonly string[], context: CommandContext): Promise<number> {
  const total = { files: 0, bytes: 0, bits: 0 };
  const status = await measureEach(roots, context, async (file) => {
    const measured = await measure(model, file, context.signal);
    total.files += 1;
    total.bytes += measured.bytes;
    total.bits += measured.bits;
    context.progress(`${total.files} files, ${bitsPerByte(total.bits, total.bytes).toFixed(4)} bits per byte`);
    return measured;
  });
  context.out(JSON.stringify({ total: true, ...total, bitsPerByte: finite(bitsPerByte(total.bits, total.bytes)) }));
  return status;
}

async function measureImages(
  { model, codec }: ImageModel,
  roots: readonly string[],
  values: OptionValues,
  context: CommandContext,
): Promise<number> {
  const binarization = binarizationOf(values);
  const limit = countOption(values, 'limit', { least: 1, most: 1e9 }) ?? Number.POSITIVE_INFINITY;
  const total = { images: 0, dimensions: 0, bits: 0 };
  const rated = (sum: typeof total) => ({
    ...sum,
    bitsPerDimension: finite(sum.bits / sum.dimensions),
    natsPerImage: finite((sum.bits * Math.LN2) / sum.images),
    binarization,
  });
  const add = async (sum: typeof total, data: Uint8Array, number: number) => {
    const symbols = imageSymbols(codec, data, binarization === 'sampled' ? heldOutDraws(number) : undefined);
    const { bits } = await bitsOf(model, symbols, { signal: context.signal });
    for (const one of [sum, total]) {
      one.images += 1;
      one.dimensions += symbols.length;
      one.bits += bits;
    }
    context.progress(`${total.images} images, ${((total.bits * Math.LN2) / total.images).toFixed(2)} nats each`);
  };
  const status = await measureEach(roots, context, async (file) => {
    const sum = { images: 0, dimensions: 0, bits: 0 };
    if (!isIdxName(file)) {
      await add(sum, (await readShaped(file, codec)).data, total.images);
      return rated(sum);
    }
    for (const { width, height, channels, data } of idxImages(file, await readFile(file))) {
      if (sum.images >= limit) break;
      if (width !== codec.width || height !== codec.height || channels !== codec.channels) {
        throw new UserError(`expected images of ${codec.width} x ${codec.height}, got ${width} x ${height}`);
      }
      await add(sum, data, sum.images);
    }
    return rated(sum);
  });
  context.out(JSON.stringify({ total: true, ...rated(total) }));
  return status;
}

function binarizationOf({ binarize }: OptionValues): Binarization {
  if (binarize === undefined || binarize === 'none') return 'none';
  if (binarize === 'sampled') return 'sampled';
  throw new UserError(`--binarize: expected sampled or none, got ${String(binarize)}`);
}

/** A line for each file; what cannot be measured makes the status 1 and ends nothing. */
async function measureEach(
  roots: readonly string[],
  context: CommandContext,
  measureFile: (file: string) => Promise<object>,
): Promise<number> {
  let status = 0;
  for (const root of roots) {
    for await (const file of filesBelow(root)) {
      throwIfCancelled(context.signal);
      try {
        if (file.error !== undefined) throw new UserError(file.error);
        context.out(JSON.stringify({ path: file.path, ...(await measureFile(file.path)) }));
      } catch (error) {
        if (error instanceof CancelledError) throw error;
        context.out(JSON.stringify({ path: file.path, error: messageOf(error) }));
        status = 1;
      }
    }
  }
  return status;
}

async function measure({ model, codec }: TextModel, file: string, signal: AbortSignal) {
  const { size } = await stat(file);
  if (size > maxFileBytes) throw new UserError(`expected at most ${maxFileBytes} bytes, got ${size}; split the file`);
  const bytes = await readFile(file);
  const { bits } = await bitsOf(model, wholeText(codec, bytes), { signal });
  return { bytes: bytes.length, bits, bitsPerByte: finite(bitsPerByte(bits, bytes.length)) };
}

/** JSON has no NaN: an empty file has no bits per byte. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

interface FoundFile {
  readonly path: string;
  /** Why it cannot be measured. */
  readonly error?: string;
}

/** Links inside a folder are not followed, so that nothing is counted twice and no loop is entered. */
async function* filesBelow(root: string): AsyncGenerator<FoundFile> {
  try {
    const found = await stat(root);
    if (found.isFile()) return yield { path: root };
    if (!found.isDirectory()) return yield { path: root, error: 'expected a file or a folder, got neither' };
    const names = new Map<string, string | undefined>();
    await gatherNames(root, '', names);
    for (const name of [...names.keys()].sort()) {
      const error = names.get(name);
      yield { path: path.join(root, name), ...(error !== undefined && { error }) };
    }
  } catch (error) {
    yield { path: root, error: messageOf(error) };
  }
}

/**
 * Names relative to the root, with forward slashes; with an error, a folder that cannot be read. Not readdir's own recursion,
 * which follows links, into loops too.
 */
async function gatherNames(root: string, folder: string, names: Map<string, string | undefined>): Promise<void> {
  try {
    for (const entry of await readdir(path.join(root, folder), { withFileTypes: true })) {
      if (entry.isDirectory()) await gatherNames(root, `${folder}${entry.name}/`, names);
      else if (entry.isFile()) names.set(folder + entry.name, undefined);
    }
  } catch (error) {
    names.set(folder, messageOf(error));
  }
}
