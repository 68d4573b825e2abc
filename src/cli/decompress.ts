// `chainrule decompress`: the file that compress was given, byte for byte, or a reason why it cannot be had here.
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { messageOf, UserError } from '../base/errors.ts';
import { writeFileAtomic } from '../formats/atomicFile.ts';
import { decompress as decompressText } from '../likelihood/compressedFile.ts';
import { type CompressedParts, readCompressed } from '../likelihood/compressedHeader.ts';
import { withCodingModel } from './codingModel.ts';
import { CodingProgress } from './codingProgress.ts';
import type { Command, CommandContext } from './command.ts';
import { findModel, usualPlaces } from './findModel.ts';
import { modelOptions } from './openModel.ts';
import { openRuntime } from './openRuntime.ts';
import { checkOutput, onlyFile, outOption } from './outputFile.ts';

const usage = `chainrule decompress FILE --out OUT [--model DIR | --models DIR...] [--force] [--anyway] [--json]

  FILE          what compress wrote
  --out OUT     where the text goes
  --model DIR   the model folder it was written with; without it the model is looked for by its hash
  --models DIR  where to look first, a folder of model folders; may be given several times. Then: the shipped model, and those that
                the extension trained on this machine
  --force       replaces OUT
  --anyway      goes on where the runtime, its version, threads or numbers differ: the checksum tells whether it went well
  --threads N --variant V --runtime R   default: as it was written
  --json        one line {"path","bytes","compressedBytes","model"}`;

export const decompress: Command = { summary: 'the file that compress was given, byte for byte', usage, run };

/** Even what surprises a model at every byte does not come to more. */
const maxFileBytes = 2 ** 30;

async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      ...modelOptions,
      models: { type: 'string', multiple: true },
      out: { type: 'string' },
      force: { type: 'boolean', default: false },
      anyway: { type: 'boolean', default: false },
      json: { type: 'boolean' },
    },
    allowPositionals: true,
  });
  const file = onlyFile(positionals, 'decompress');
  const out = outOption(values.out);
  const parts = readParts(file);
  const { settings, model: identity } = parts.header;
  const asWritten = { runtime: settings.runtime, threads: String(settings.threads), variant: settings.weights };
  const wishes = { ...asWritten, ...values };
  const runtime = await openRuntime(wishes, context);
  await checkOutput(out, { input: file, force: values.force });
  const places = [...(values.models ?? []), ...usualPlaces(process.argv[1] ?? '')];
  const dir = values.model ?? (await findModel(identity, settings.weights, places));
  return withCodingModel(dir, runtime, wishes, async (model, here) => {
    const { signal } = context;
    const options = { signal, anyway: values.anyway, ...new CodingProgress('decompressing', context) };
    const bytes = await decompressText(model, parts, here, options).catch((error: unknown) => {
      throw error instanceof UserError ? new UserError(`${file}: ${error.message}`) : error;
    });
    await writeFileAtomic(out, [bytes]);
    const compressedBytes = parts.headerBytes + parts.code.length;
    const record = { path: out, bytes: bytes.length, compressedBytes, model: dir };
    context.out(values.json ? JSON.stringify(record) : `${out}: ${bytes.length} bytes, by ${dir}`);
    return 0;
  });
}

/** Before the runtime opens, which it tells, and so without Node's pool of threads: openNativeRuntime says why. */
function readParts(file: string): CompressedParts {
  return readCompressed(readBounded(file), file);
}

function readBounded(file: string): Uint8Array {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (error) {
    throw new UserError(`expected a compressed file, got ${file}: ${messageOf(error)}`);
  }
  try {
    const found = fstatSync(handle);
    if (!found.isFile()) throw new UserError(`expected a compressed file, got ${file}, which is none; name a file`);
    if (found.size > maxFileBytes) {
      throw new UserError(`${file}: expected at most ${maxFileBytes} bytes, got ${found.size}; check the path`);
    }
    return readFileSync(handle);
  } finally {
    closeSync(handle);
  }
}
