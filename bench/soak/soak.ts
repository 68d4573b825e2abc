// `npm run bench:soak`: requests without end, as of somebody who edits at random, to a forked engine; its memory must stay flat. Some
// requests are cancelled, some places only prepared, and what is computed ahead is interrupted by the next request as often as not.
import { messageOf, UserError } from '../../src/base/errors.ts';
import { Random } from '../../src/base/random.ts';
import { fitLine } from '../statistics.ts';
import { EngineDriver, readDriverOptions } from './driver.ts';
import { Person } from './person.ts';

const usage = `npm run bench:soak -- [--requests N] [--seed N] [--model DIR] [--runtime native|plain] [--threads N]

  --requests N  default 100000: about an hour on two cores
  Exits with 1 when the memory of the engine's process rose higher in the second half than in the first.`;

/** Memory goes up and down by a tenth, over thousands of requests, as what is free is collected: only many places show its height. */
const numSamples = 500;
const samplesPerLine = 10;
/** More than this is a leak: two hundred bytes for each request of 100,000 would be 10 MiB. */
const maxGrowthBytes = 8 * 2 ** 20;
const maxSymbols = 16;

/** Returns the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    return await soak(args);
  } catch (error) {
    console.error(`bench:soak: ${messageOf(error)}\n\n${usage}`);
    return error instanceof UserError ? 2 : 1;
  }
}

async function soak(args: readonly string[]): Promise<number> {
  const { count, seed, ...options } = readDriverOptions(args, 'requests', 100_000);
  const driver = new EngineDriver(options);
  try {
    console.log(`${await driver.ready()}, ${options.runtime} runtime, seed ${seed}`);
    const random = new Random(seed);
    const person = new Person(random, (message) => driver.send(message));
    const outcomes = { suggestion: 0, nothing: 0, failed: 0, cancelled: 0 };
    const samples: { readonly at: number; readonly bytes: number }[] = [];
    if (count < numSamples) throw new UserError(`--requests: expected at least ${numSamples}, got ${count}`);
    const every = Math.floor(count / numSamples);
    const startedAt = performance.now();
    for (let i = 1; i <= count; i++) {
      const { request, answer } = driver.ask(person.question(maxSymbols));
      const cancels = random.nextFloat() < 0.1;
      if (cancels) {
        await waited(random.nextFloat() * 20);
        driver.send({ kind: 'cancel', request });
      }
      const answered = await answer;
      outcomes[answered.kind] += 1;
      if (answered.kind === 'nothing' && answered.reason === 'cancelled') outcomes.cancelled += 1;
      if (answered.kind === 'failed') console.error(`request ${i}: ${answered.reason}`);
      // Long enough for what is computed ahead to end, or not.
      if (random.nextFloat() < 0.3) await waited(random.nextFloat() * 40);
      person.act(answered.kind === 'suggestion' ? answered.texts[0] : undefined);
      if (random.nextFloat() < 0.05) driver.send({ kind: 'prepare', ...person.place, maxSymbols });
      if (i % every > 0) continue;
      const { residentBytes, heapBytes, numDocuments } = await driver.memory();
      samples.push({ at: i, bytes: residentBytes });
      if (samples.length % samplesPerLine > 0) continue;
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      console.log(
        `${String(i).padStart(7)} requests ${String(seconds).padStart(5)} s ${mebibytes(residentBytes)} resident ` +
          `${mebibytes(heapBytes)} heap ${numDocuments} documents`,
      );
    }
    const [first, second] = [samples.slice(0, samples.length >> 1), samples.slice(samples.length >> 1)];
    const highest = (some: typeof samples) => Math.max(...some.map(({ bytes }) => bytes));
    const growth = highest(second) - highest(first);
    const { slope } = fitLine(second.map(({ at, bytes }) => [at, bytes]));
    const isFlat = growth <= maxGrowthBytes && outcomes.failed === 0;
    console.log(`answers: ${JSON.stringify(outcomes)}`);
    console.log(`highest: first half ${mebibytes(highest(first))}, second half ${mebibytes(highest(second))}`);
    console.log(`a line through the second half rises by ${mebibytes(slope * (count / 2))}`);
    console.log(isFlat ? 'flat' : 'NOT flat, or a request failed');
    return isFlat ? 0 : 1;
  } finally {
    await driver.end();
  }
}

function waited(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1).padStart(7)} MiB`;
}
