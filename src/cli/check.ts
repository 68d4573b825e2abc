// `chainrule check`: whether a folder is a model: its format, the hashes of its files, that its codec loses nothing, and that
// its two graphs keep the laws on a short input. The exit status is 0 only when everything holds.
import { parseArgs } from 'node:util';
import { UserError } from '../base/errors.ts';
import { Random } from '../base/random.ts';
import { type TextCodec, utf8 } from '../codecs/text.ts';
import { checkLaws, leastSymbols } from '../engine/laws.ts';
import { loadTextModel, type TextModel } from '../engine/loadModel.ts';
import { readConfig } from '../models/registry.ts';
import { openRuntime } from '../runtime/ortNode.ts';
import type { Command, CommandContext } from './command.ts';
import { threadsOf } from './openModel.ts';

const usage = `chainrule check DIR [--threads N] [--json]

Exit status 0 only when the format, the hashes, the codec and the laws of both graphs hold.`;

export const check: Command = { summary: 'whether a folder is a sound model', usage, run };

interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** fp32: kernels round differently for one row and for many. */
const toleranceNats = 1e-4;
const numSymbols = 48;
const text = 'export function add(a: number, b: number): number {\n  return a + b; // größe 日本 🙂\n}\n';

async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { threads: { type: 'string' }, json: { type: 'boolean' } },
    allowPositionals: true,
  });
  const [dir, ...more] = positionals;
  if (dir === undefined || more.length > 0) throw new UserError('expected one model folder');
  const report = ({ what, ok, detail }: Finding) =>
    context.out(values.json ? JSON.stringify({ what, ok, detail }) : `${ok ? 'ok    ' : 'FAILED'} ${what}: ${detail}`);

  const runtime = await openRuntime();
  const model = await loadTextModel(dir, {
    runtime,
    threads: threadsOf(values),
    verify: true,
    readConfig,
    open: 'none',
  });
  try {
    const { architecture, files } = model.description;
    report({ what: 'format and hashes', ok: true, detail: `${architecture}, ${Object.keys(files).length} files` });
    const findings = [checkCodec(model.codec), ...(await checkGraphs(model))];
    for (const finding of findings) report(finding);
    return findings.every(({ ok }) => ok) ? 0 : 1;
  } finally {
    model.dispose();
  }
}

/** Bytes that are no UTF-8 included. */
function checkCodec(codec: TextCodec): Finding {
  const bytes = Uint8Array.of(...utf8(text), 0, 0xff, 0xc3, 0x28, 0xf0, 0x9f);
  const back = codec.decode(codec.encode(bytes));
  const ok = Buffer.compare(bytes, back) === 0;
  return {
    what: 'codec',
    ok,
    detail: `${codec.kind}, ${codec.vocabulary.size} symbols, loses ${ok ? 'nothing' : 'bytes'}`,
  };
}

async function checkGraphs({ model, codec }: TextModel): Promise<Finding[]> {
  if (model.contextLength < leastSymbols) {
    const detail = `expected a context of at least ${leastSymbols} symbols to hold them against, got ${model.contextLength}`;
    return [{ what: 'laws', ok: false, detail: `${detail}; train a model with a longer one` }];
  }
  const length = Math.min(numSymbols, model.contextLength);
  const symbols = codec.encodeText(text.repeat(4)).subarray(0, length);
  const results = await checkLaws(model, symbols, { toleranceNats, random: new Random(1) });
  return results.map(({ law, ok, differenceNats }) => ({
    what: law,
    ok,
    detail: `largest difference ${differenceNats.toExponential(1)} nats over ${symbols.length} symbols`,
  }));
}
