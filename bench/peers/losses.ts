// What a form of the weights costs in likelihood: a speed says little without it. Asked of the default model about this repository's
// own sources, each file as one document from its beginning.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { documentSymbols } from '../../src/codecs/layout.ts';
import type { TextCodec } from '../../src/codecs/text.ts';
import { readModelFolder } from '../../src/formats/modelFolder.ts';
import { mean } from '../statistics.ts';
import { type Programs, startOurs, startPeer } from './contenders.ts';
import type { LineProcess } from './lineProcess.ts';
import type { PeerModel } from './models.ts';
import { counterparts, type VariantName } from './variants.ts';

const textFolder = path.join('src', 'engine');
const longest = 900;

/** One line for ours and one for llama.cpp. */
export async function lossOfForms(
  programs: Programs,
  model: PeerModel,
  variants: readonly VariantName[],
  room: number,
): Promise<string[]> {
  const { codec } = await readModelFolder(model.dir, { verify: false });
  if (codec.kind === 'image') return [];
  const lines = textLines(codec).map((symbols) => `score ${symbols.join(' ')}`);
  const lossOf = async (start: (threads: number) => Promise<LineProcess>) => {
    const child = await start(1);
    try {
      const losses = [];
      for (const line of lines) losses.push(await child.number(line));
      return mean(losses);
    } finally {
      child.dispose();
    }
  };
  const ours = new Map<string, number>();
  const theirs = new Map<string, number>();
  for (const variant of ['fp32' as const, ...variants.filter((name) => name !== 'fp32')]) {
    ours.set(variant, await lossOf(startOurs(programs, model, variant)));
    const form = counterparts[variant].llama;
    if (!theirs.has(form)) theirs.set(form, await lossOf(await startPeer(programs, model, 'llama.cpp', variant, room)));
  }
  const text = `on the first ${longest} symbols of the files in ${textFolder}`;
  return [
    `Loss in nats per symbol ${text}: ours ${formatLosses(ours)}.`,
    `The same of llama.cpp: ${formatLosses(theirs)}.`,
  ];
}

function textLines(codec: TextCodec): Int32Array[] {
  return readdirSync(textFolder)
    .sort()
    .map((name) => {
      const file = path.join(textFolder, name);
      const text = codec.encodeText(readFileSync(file, 'utf8'));
      return documentSymbols(codec, { path: file, text, ended: false }).slice(0, longest);
    });
}

/** The first as it is, the others beside it. */
export function formatLosses(losses: ReadonlyMap<string, number>): string {
  const [first] = losses.values();
  return [...losses]
    .map(([name, loss]) =>
      loss === first
        ? `${name} ${loss.toFixed(4)}`
        : `${name} ${loss >= first! ? '+' : ''}${(loss - first!).toFixed(4)}`,
    )
    .join(', ');
}
