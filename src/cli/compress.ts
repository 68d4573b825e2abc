// `chainrule compress`: a file in as many bits as its model says, which only that model can read. It shows that likelihoods are exact; it is
// slow, since the model is asked symbol by symbol as decompress has to.
import { readFile, stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { messageOf, UserError } from '../base/errors.ts';
import { writeFileAtomic } from '../formats/atomicFile.ts';
import { bitsPerByte } from '../likelihood/bits.ts';
import { compress as compressText, decompress } from '../likelihood/compressedFile.ts';
import { maxTextBytes, readCompressed } from '../likelihood/compressedHeader.ts';
import { withCodingModel } from './codingModel.ts';
import { CodingProgress } from './codingProgress.ts';
import type { Command, CommandContext } from './command.ts';
import { modelOptions } from './openModel.ts';
import { openRuntime } from './openRuntime.ts';
import { checkOutput, onlyFile, outOption } from './outputFile.ts';

const usage = `chainrule compress FILE --model DIR --out OUT [--prove] [--force] [--json]

  FILE          any file, text or not; at most ${maxTextBytes / 2 ** 20} MB, a few kilobytes a second
  --model DIR   a model folder, of text
  --out OUT     where it goes
  --prove       decompresses it again, in memory, before it is written
  --force       replaces OUT
  --threads N   default 1; whoever decompresses needs the same
  --variant V   its weights: fp32 (default), int8, int4 or dynamicInt8
  --runtime R   native, plain or auto (default: native where a test of it passes)
  --json        one line {"path","bytes","compressedBytes","headerBytes","symbols","bits","bitsPerByte","proved"}

The size is the header, at most 96 bytes, and the file's bits under the model, as bits and the likelihood view tell them. The header names
the model by its hash, the runtime, its version, the threads and the kind of processor: only the same give the same numbers.`;

export const compress: Command = { summary: 'a file in as many bits as its model says', usage, run };

async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      ...modelOptions,
      out: { type: 'string' },
      prove: { type: 'boolean', default: false },
      force: { type: 'boolean', default: false },
      json: { type: 'boolean' },
    },
    allowPositionals: true,
  });
  const file = onlyFile(positionals, 'compress');
  const out = outOption(values.out);
  if (values.model === undefined) throw new UserError('expected --model DIR, a model folder');
  // Before any file is read: openNativeRuntime says why.
  const runtime = await openRuntime(values, context);
  await checkOutput(out, { input: file, force: values.force });
  const bytes = await readText(file);
  return withCodingModel(values.model, runtime, values, async (model, settings) => {
    const { signal } = context;
    const made = await compressText(model, bytes, settings, { signal, ...new CodingProgress('compressing', context) });
    if (values.prove) {
      const decompressing = { signal, ...new CodingProgress('decompressing', context) };
      // It compares the digest of what comes out.
      await decompress(model, readCompressed(made.file, out), settings, decompressing);
    }
    await writeFileAtomic(out, [made.file]);
    const { headerBytes, numSymbols, bits } = made;
    const rate = bitsPerByte(bits, bytes.length);
    const record = {
      ...{ path: out, bytes: bytes.length, compressedBytes: made.file.length, headerBytes, symbols: numSymbols, bits },
      ...{ bitsPerByte: Number.isFinite(rate) ? rate : null, proved: values.prove },
    };
    const inWords = `${out}: ${made.file.length} of ${bytes.length} bytes; a header of ${headerBytes} and ${bits.toFixed(1)} bits`;
    context.out(values.json ? JSON.stringify(record) : inWords + (values.prove ? '; proved' : ''));
    return 0;
  });
}

async function readText(file: string): Promise<Uint8Array> {
  const found = await stat(file).catch((error: unknown) => {
    throw new UserError(`expected a file, got ${file}: ${messageOf(error)}`);
  });
  if (!found.isFile()) throw new UserError(`expected a file, got ${file}, which is none; name a file`);
  if (found.size > maxTextBytes) {
    throw new UserError(`${file}: expected at most ${maxTextBytes} bytes, got ${found.size}; split the file`);
  }
  return readFile(file);
}
