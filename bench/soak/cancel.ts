// `npm run bench:cancel`: how soon a forked engine is free when it is told to stop, at random moments of its work: while it catches up,
// while it decodes, and while it works ahead. From the message to the answer, the wire included; of a request that supersedes another,
// the answer to the other; of work ahead, the answer to a request of a few symbols in another document, its own 3 ms or so included.
import { messageOf, UserError } from '../../src/base/errors.ts';
import { Random } from '../../src/base/random.ts';
import { percentile } from '../statistics.ts';
import { EngineDriver, readDriverOptions } from './driver.ts';
import { Person } from './person.ts';

const usage = `npm run bench:cancel -- [--times N] [--seed N] [--model DIR] [--runtime native|plain] [--threads N]

  --times N  default 1000
  Exits with 1 when the engine was not free within 50 ms each time.`;

const limitMs = 50;
const maxSymbols = 64;
/** A cold request of the default model, with its decoding, takes about so long. */
const longestWaitMs = 100;
/** The mirror's own numbers are smaller. */
const shortDocument = 1_000_000;

/** Returns the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    return await cancelOften(args);
  } catch (error) {
    console.error(`bench:cancel: ${messageOf(error)}\n\n${usage}`);
    return error instanceof UserError ? 2 : 1;
  }
}

async function cancelOften(args: readonly string[]): Promise<number> {
  const { count, seed, ...options } = readDriverOptions(args, 'times', 1000);
  const driver = new EngineDriver(options);
  const times: Record<'cancelled' | 'superseded' | 'ahead', number[]> = { cancelled: [], superseded: [], ahead: [] };
  try {
    console.log(`${await driver.ready()}, ${options.runtime} runtime, ${options.threads} threads, seed ${seed}`);
    const random = new Random(seed);
    const person = new Person(random, (message) => driver.send(message));
    driver.send({ kind: 'open', document: shortDocument, version: 0, languageId: 'plaintext', path: '', text: 'a' });
    const before = await driver.memory();
    while (Object.values(times).reduce((sum, { length }) => sum + length, 0) < count) {
      // Places that the cache does not know, so that there is something to interrupt.
      person.jump();
      const kind = (['cancelled', 'superseded', 'ahead'] as const)[random.nextInteger(3)]!;
      const delayMs = random.nextFloat() * longestWaitMs;
      if (kind === 'ahead') {
        driver.send({ kind: 'prepare', ...person.place, maxSymbols });
        await waited(delayMs);
        const startedAt = performance.now();
        await driver.ask(short(times.ahead.length)).answer;
        times.ahead.push(performance.now() - startedAt);
        continue;
      }
      const { request, answer } = driver.ask(person.question(maxSymbols));
      let answeredAt = 0;
      const answered = answer.then((message) => {
        answeredAt = performance.now();
        return message;
      });
      await waited(delayMs);
      // It was too late for this one.
      if (answeredAt > 0) continue;
      const startedAt = performance.now();
      if (kind === 'cancelled') driver.send({ kind: 'cancel', request });
      const newer = kind === 'superseded' ? driver.ask(person.question(1)) : undefined;
      const { kind: answerKind } = await answered;
      if (answerKind === 'nothing') times[kind].push(answeredAt - startedAt);
      await newer?.answer;
    }
    const after = await driver.memory();
    console.log(`memory before ${before.residentBytes >> 20} MiB, after ${after.residentBytes >> 20} MiB`);
  } finally {
    await driver.end();
  }
  let isSoon = true;
  for (const [kind, some] of Object.entries(times)) {
    if (some.length === 0) continue;
    const [p50, p95, p99, most] = [0.5, 0.95, 0.99, 1].map((share) => percentile(some, share));
    isSoon &&= most! <= limitMs;
    const shown = [p50, p95, p99, most].map((ms) => ms!.toFixed(1).padStart(6)).join(' ');
    console.log(`${kind.padEnd(10)} ${String(some.length).padStart(5)} times; ms p50 p95 p99 most ${shown}`);
  }
  console.log(isSoon ? `free within ${limitMs} ms each time` : `NOT free within ${limitMs} ms each time`);
  return isSoon ? 0 : 1;
}

/** Another one each time, so that no answer is known. */
function short(number: number): Parameters<EngineDriver['ask']>[0] {
  const place = { document: shortDocument, version: 0, offset: 1, replaceLength: 0, replacement: ` ${number}` };
  const editor = { multiline: 'never', insertSpaces: true, tabSize: 2 } as const;
  return { ...place, ...editor, maxSymbols: 1, maxSuggestions: 1, deadlineMs: 5000 };
}

function waited(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
