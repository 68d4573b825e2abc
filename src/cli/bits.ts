// `chainrule bits`: the exact information of files under a model, as JSON lines: the codec's own segmentation, no header in
// the context, the end symbol counted. A folder means every regular file below it, sorted, without ignore rules.
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { CancelledError, messageOf, throwIfCancelled, UserError } from '../base/errors.ts';
import type { TextModel } from '../engine/loadModel.ts';
import { bitsOf, bitsPerByte, wholeText } from '../likelihood/bits.ts';
import type { Command, CommandContext } from './command.ts';
import { modelOptions, modelUsage, withModel } from './openModel.ts';

const usage = `chainrule bits --model DIR PATH... [--json]

${modelUsage}
  PATH          a file, or a folder: every regular file below it, sorted, whatever is ignored
  --json        changes nothing: stdout is JSON lines anyway

Prints {"path","bytes","bits","bitsPerByte"} per file, or {"path","error"}; then {"total":true,"files","bytes","bits","bitsPerByte"}.`;

export const bits: Command = { summary: 'bits of files under a model, as JSON lines', usage, run };

/** What is encoded at once; longer files are refused. */
const maxFileBytes = 256 * 2 ** 20;

async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { ...modelOptions, json: { type: 'boolean' } },
    allowPositionals: true,
  });
  if (positionals.length === 0) throw new UserError('expected a file or a folder');
  return withModel(values, 'score', async (model) => {
    const total = { files: 0, bytes: 0, bits: 0 };
    let status = 0;
    for (const root of positionals) {
      for await (const file of filesBelow(root)) {
        throwIfCancelled(context.signal);
        try {
          if (file.error !== undefined) throw new UserError(file.error);
          const measured = await measure(model, file.path, context.signal);
          context.out(JSON.stringify({ path: file.path, ...measured }));
          total.files += 1;
          total.bytes += measured.bytes;
          total.bits += measured.bits;
          context.progress(`${total.files} files, ${bitsPerByte(total.bits, total.bytes).toFixed(4)} bits per byte`);
        } catch (error) {
          if (error instanceof CancelledError) throw error;
          context.out(JSON.stringify({ path: file.path, error: messageOf(error) }));
          status = 1;
        }
      }
    }
    context.out(JSON.stringify({ total: true, ...total, bitsPerByte: finite(bitsPerByte(total.bits, total.bytes)) }));
    return status;
  });
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
