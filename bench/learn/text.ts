// CharRNN on a text against the same model in PyTorch, which learns at the same time on as many threads: same width, same rows, same
// rates, both keep what was best on the held-out tenth. The seconds that validation takes count for both.
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { jsonObject, parseJson } from '../../src/base/json.ts';
import { charRnn } from '../../src/models/charRnn.ts';
import { presetOf } from '../../src/train/presets.ts';
import { findPyTorch } from '../peers/pytorch.ts';
import { type Learnt, type Measured, totalBits, train } from './chainrule.ts';
import type { LearnWishes } from './main.ts';

const trainShare = 0.9;

export async function text(file: string, wishes: LearnWishes): Promise<void> {
  const characters = [...(await readFile(file, 'utf8'))];
  const cut = Math.floor(characters.length * trainShare);
  const [trainFile, validFile] = ['train.txt', 'valid.txt'].map((name) => path.join(wishes.folder, name)) as [
    string,
    string,
  ];
  await writeFile(trainFile, characters.slice(0, cut).join(''));
  const valid = characters.slice(cut).join('');
  await writeFile(validFile, valid);
  const out = path.join(wishes.folder, 'model');
  const python = findPyTorch(wishes.python);
  const [ours, theirs] = await Promise.all([
    train('charRnn', ['--data', trainFile, '--validation', validFile, '--out', out], wishes),
    python === undefined ? undefined : peer(python, trainFile, validFile, wishes),
  ]);
  // Of the model that is kept, over the whole text and its end.
  const exact = (await totalBits(['--model', out, validFile])).number('bits');
  const natsPerCharacter = (exact * Math.LN2) / [...valid].length;
  const natsPerByte = (bits: number) => (bits * Math.LN2 * Buffer.byteLength(valid)) / [...valid].length;
  console.log(
    `CharRNN (${wishes.preset}${wishes.config ?? ''}), ${wishes.minutes} min, ${wishes.threads} thread(s) each, at the same time:`,
  );
  print('Chainrule', ours, natsPerByte);
  console.log(`Chainrule: ${natsPerCharacter.toFixed(4)} nats per held-out character`);
  if (!theirs) return console.log('PyTorch: not found (pip install torch, or --python FILE)');
  print(`PyTorch ${theirs.version}`, theirs, (nats) => nats);
  console.log(`PyTorch: ${Math.min(...theirs.curve.map(({ bits }) => bits)).toFixed(4)} nats per held-out character`);
}

function print(name: string, { curve, steps, symbolsSeen }: Learnt, nats: (bits: number) => number): void {
  console.log(`${name}: ${steps} steps, ${symbolsSeen} characters seen`);
  for (const { minutes, step, bits } of curve)
    console.log(`  ${minutes.toFixed(1)} min, step ${step}: ${nats(bits).toFixed(4)}`);
}

/** Its curve is in nats for each character. */
async function peer(
  python: string,
  trainFile: string,
  validFile: string,
  { minutes, threads, preset, config, learningRate }: LearnWishes,
): Promise<Learnt & { readonly version: string }> {
  const chosen = presetOf(charRnn.name, preset);
  const wished = config === undefined ? {} : (parseJson(config, '--config', '') as object);
  const task = {
    ...{ config: { ...charRnn.defaultConfig, ...chosen.config, ...wished }, batch: chosen.batch, time: chosen.time },
    ...{ train: trainFile, valid: validFile, minutes, threads, warmupSteps: chosen.warmupSteps },
    ...{ decayFraction: chosen.decayFraction, weightDecay: chosen.weightDecay, clipNorm: chosen.clipNorm },
    learningRate: learningRate === undefined ? chosen.learningRate : Number(learningRate),
  };
  const script = path.join('bench', 'peers', 'charRnnLearn.py');
  const child = spawn(python, [script, JSON.stringify(task)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const curve: Measured[] = [];
  let last = { version: '', steps: 0, symbolsSeen: 0 };
  for await (const line of createInterface({ input: child.stdout })) {
    const event = jsonObject(parseJson(line, script, ''), script, '');
    if (event.string('kind') === 'validation') {
      curve.push({ minutes: event.number('minutes'), step: event.integer('step'), bits: event.number('nats') });
      console.error(`PyTorch: ${curve.at(-1)!.minutes.toFixed(1)} min, ${curve.at(-1)!.bits.toFixed(4)} nats`);
    } else {
      last = { version: event.string('version'), steps: event.integer('step'), symbolsSeen: event.integer('symbols') };
    }
  }
  if ((await ended) !== 0) throw new Error(`${script} failed; what it said is above`);
  return { curve, ...last };
}
