// `chainrule check`: whether a folder is a model: its format, the hashes of its files, that its codec loses nothing, and that
// its two graphs keep the laws on a short input. The exit status is 0 only when everything holds.
import { parseArgs } from 'node:util';
import { UserError } from '../base/errors.ts';
import type { AutoregressiveModel } from '../base/model.ts';
import { Random } from '../base/random.ts';
import type { ImageCodec } from '../codecs/image.ts';
import { type TextCodec, utf8 } from '../codecs/text.ts';
import { checkLaws, type LawOptions, leastSuggested, leastSymbols } from '../engine/laws.ts';
import { loadImageModel } from '../engine/loadImageModel.ts';
import { loadTextModel } from '../engine/loadModel.ts';
import { fp32ToleranceNats, toleranceNats } from '../engine/variants.ts';
import { readConfig } from '../models/registry.ts';
import type { Command, CommandContext } from './command.ts';
import { isImageModel, threadsOf, variantOf, variantOption } from './openModel.ts';
import { openRuntime, runtimeOption } from './openRuntime.ts';

const usage = `chainrule check DIR [--variant V] [--threads N] [--runtime auto|native|plain] [--json]

Exit status 0 only when the format, the hashes, the codec and the laws of both graphs hold, with the weights of the variant
(fp32, int8, int4, dynamicInt8 or fastest; default fp32) within the tolerance that model.json states for them.`;

export const check: Command = { summary: 'whether a folder is a sound model', usage, run };

interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
}

const numSymbols = 48;
const text = 'export function add(a: number, b: number): number {\n  return a + b; // größe 日本 🙂\n}\n';

async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { threads: { type: 'string' }, ...variantOption, ...runtimeOption, json: { type: 'boolean' } },
    allowPositionals: true,
  });
  const [dir, ...more] = positionals;
  if (dir === undefined || more.length > 0) throw new UserError('expected one model folder');
  const report = ({ what, ok, detail }: Finding) =>
    context.out(values.json ? JSON.stringify({ what, ok, detail }) : `${ok ? 'ok    ' : 'FAILED'} ${what}: ${detail}`);

  const options = { runtime: await openRuntime(values, context), threads: threadsOf(values), verify: true, readConfig };
  const loaded = (await isImageModel(dir))
    ? await loadImageModel(dir, options)
    : await loadTextModel(dir, { ...options, open: 'none', variant: variantOf(values) });
  const { model, codec, description } = loaded;
  try {
    const { architecture, files } = description;
    report({ what: 'format and hashes', ok: true, detail: `${architecture}, ${Object.keys(files).length} files` });
    const limits: Omit<LawOptions, 'random'> =
      'weights' in loaded && loaded.weights.decode !== 'fp32'
        ? { toleranceNats: toleranceNats(description, loaded.weights), leastLogProb: leastSuggested }
        : { toleranceNats: fp32ToleranceNats };
    const length = Math.min(numSymbols, model.contextLength);
    const [finding, symbols] =
      codec.kind === 'image'
        ? [checkImageCodec(codec), anImage(codec).subarray(0, length)]
        : [checkCodec(codec), codec.encodeText(text.repeat(4)).subarray(0, length)];
    const findings = [finding, ...(await checkGraphs(model, symbols, limits))];
    for (const one of findings) report(one);
    return findings.every(({ ok }) => ok) ? 0 : 1;
  } finally {
    loaded.dispose();
  }
}

/** What is decoded is encoded as it was. */
function checkImageCodec(codec: ImageCodec): Finding {
  const symbols = anImage(codec);
  const ok = codec.encode(codec.decode(symbols)).every((symbol, i) => symbol === symbols[i]);
  const { width, height, channels, levels } = codec;
  return { what: 'codec', ok, detail: `${width} x ${height} x ${channels}, ${levels} levels` };
}

function anImage({ width, height, channels, levels }: ImageCodec): Int32Array {
  const random = new Random(1);
  return Int32Array.from({ length: width * height * channels }, () => random.nextInteger(levels));
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

async function checkGraphs(
  model: AutoregressiveModel,
  symbols: Int32Array,
  limits: Omit<LawOptions, 'random'>,
): Promise<Finding[]> {
  if (model.contextLength < leastSymbols) {
    const detail = `expected a context of at least ${leastSymbols} symbols to hold them against, got ${model.contextLength}`;
    return [{ what: 'laws', ok: false, detail: `${detail}; train a model with a longer one` }];
  }
  const results = await checkLaws(model, symbols, { ...limits, random: new Random(1) });
  return results.map(({ law, ok, differenceNats }) => ({
    what: law,
    ok,
    detail: `largest difference ${differenceNats.toExponential(1)} nats over ${symbols.length} symbols`,
  }));
}
