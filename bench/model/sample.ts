// Small files inside this project, written for this and nowhere else: what the card says of them is what `npm test` holds the shipped model to.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { TextModel } from '../../src/engine/loadModel.ts';
import { bitsOf, wholeText } from '../../src/likelihood/bits.ts';

export const sampleFolder = path.join('test', 'shipped', 'heldOut');

export async function sampleBitsPerByte({ model, codec }: Pick<TextModel, 'model' | 'codec'>): Promise<number> {
  const sum = { bits: 0, bytes: 0 };
  for (const name of readdirSync(sampleFolder).sort()) {
    const bytes = readFileSync(path.join(sampleFolder, name));
    const { bits } = await bitsOf(model, wholeText(codec, bytes));
    sum.bits += bits;
    sum.bytes += bytes.length;
  }
  return sum.bits / sum.bytes;
}

/** A line of the card. */
export function sampleNote(weights: string, bitsPerByte: number): string {
  return `The files of \`test/shipped/heldOut\`: ${bitsPerByte.toFixed(3)} bits per byte (${weights}).`;
}

/** What the card says; undefined when it says nothing. */
export function statedSample(card: string): { readonly weights: string; readonly bitsPerByte: number } | undefined {
  const [, bitsPerByte, weights] = /`test\/shipped\/heldOut`: ([\d.]+) bits per byte \((\w+)\)/.exec(card) ?? [];
  return bitsPerByte === undefined || weights === undefined ? undefined : { weights, bitsPerByte: Number(bitsPerByte) };
}
