// `chainrule complete`: cases in, completions out, one JSON line each and in order. The text is the continuation as
// the editor's is decoded, copies of what the case repeats mixed in, healed at the cursor and stopped, with nothing dropped;
// `--reviewed` answers as the editor would.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { CancelledError, messageOf, throwIfCancelled, UserError } from '../base/errors.ts';
import { type JsonObject, jsonObject, parseJson } from '../base/json.ts';
import { Completer, type CompletionRequest } from '../completion/completer.ts';
import type { Command, CommandContext } from './command.ts';
import { countOption } from './numbers.ts';
import { modelOptions, modelUsage, withModel } from './openModel.ts';

const usage = `chainrule complete --model DIR --cases FILE.jsonl [--max-symbols N] [--line] [--reviewed] [--json]

${modelUsage}
  --cases FILE     one {"id","language","path","prefix","suffix"} per line; only id and prefix are required
  --max-symbols N  the most symbols of a completion (default 128); never more than half of the model's context
  --line           stop at the first line end
  --reviewed       answer as the editor would: stop at the end of a block, drop what is not worth showing
  --json           changes nothing: stdout is JSON lines anyway

Prints {"id","text","logProbNats","symbols","prefillMs","decodeMs","reusedSymbols"} per case, or {"id","error"}.`;

export const complete: Command = { summary: 'completes the cases of a file, as JSON lines', usage, run };

type Case = Pick<CompletionRequest, 'path' | 'languageId' | 'before' | 'after'>;

async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...modelOptions,
      cases: { type: 'string' },
      'max-symbols': { type: 'string' },
      line: { type: 'boolean' },
      reviewed: { type: 'boolean' },
      json: { type: 'boolean' },
    },
  });
  const file = values.cases;
  if (file === undefined) throw new UserError('expected --cases FILE.jsonl');
  const maxSymbols = countOption(values, 'max-symbols', { least: 1, most: 100_000 }) ?? 128;
  const multiline = values.line ? 'never' : values.reviewed ? 'auto' : 'unbounded';
  return withModel(values, context, 'step', async (model) => {
    const completer = new Completer(model, { review: values.reviewed ? 'editor' : 'none' });
    let status = 0;
    try {
      for await (const { line, number } of linesOf(file)) {
        throwIfCancelled(context.signal);
        let id: string | number | null = null;
        try {
          const fields = jsonObject(parseJson(line, `${file}:${number}`), `${file}:${number}`);
          id = readId(fields);
          const settings = { document: String(id), maxSymbols, multiline, deadlineMs: Infinity } as const;
          const result = await completer.complete({ ...readCase(fields), ...settings }, context.signal);
          context.out(JSON.stringify({ id, ...answerOf(result) }));
        } catch (error) {
          if (error instanceof CancelledError) throw error;
          context.out(JSON.stringify({ id, error: messageOf(error) }));
          status = 1;
        }
      }
    } finally {
      completer.dispose();
    }
    return status;
  });
}

function answerOf(result: Awaited<ReturnType<Completer['complete']>>) {
  if (result.kind === 'nothing') return { text: '', nothing: result.reason, logProbNats: 0, symbols: 0 };
  const { text, logProbNats, symbols, prefillMs, decodeMs, reusedSymbols } = result;
  return { text, logProbNats, symbols, prefillMs: rounded(prefillMs), decodeMs: rounded(decodeMs), reusedSymbols };
}

function readId(fields: JsonObject): string | number {
  const id = fields.raw('id');
  if (typeof id !== 'string' && typeof id !== 'number') throw fields.problem('id', 'a string or a number');
  return id;
}

function readCase(fields: JsonObject): Case {
  const text = (name: string) => fields.optional(name, (one) => fields.nullable(one, () => fields.string(one))) ?? '';
  return { path: text('path'), languageId: text('language'), before: fields.string('prefix'), after: text('suffix') };
}

async function* linesOf(file: string): AsyncGenerator<{ line: string; number: number }> {
  const stream = createReadStream(file, 'utf8');
  // An error before the first line would otherwise end the iteration without a word.
  const failed = new Promise<never>((_, reject) => stream.once('error', reject));
  failed.catch(() => undefined);
  const lines = createInterface({ input: stream, crlfDelay: Infinity })[Symbol.asyncIterator]();
  try {
    for (let number = 1; ; number++) {
      const { value, done } = await Promise.race([lines.next(), failed]);
      if (done) return;
      if (value.trim() !== '') yield { line: value, number };
    }
  } catch (error) {
    throw new UserError(`${file}: cannot be read: ${messageOf(error)}`);
  } finally {
    stream.destroy();
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
