// HumanEval-infilling, single lines (Bavarian et al. 2022, arXiv 2207.14255): a line is cut out of a solution and asked for. The file is no part
// of this project: https://github.com/openai/human-eval-infilling has it.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { messageOf, UserError } from '../../src/base/errors.ts';
import { jsonObject, parseJson } from '../../src/base/json.ts';
import { maxAfter, maxBefore } from './cases.ts';
import type { AskedCase } from './lines.ts';

/** Every solution is a module of its own. */
const toldPath = 'solution.py';

/** @throws UserError when the file is not as it should be. */
export function readInfilling(file: string): AskedCase[] {
  const lines = contentOf(file)
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line, i): AskedCase => {
    const place = `${file}:${i + 1}`;
    const remedy = 'take HumanEval-SingleLineInfilling.jsonl as it was published';
    const task = jsonObject(parseJson(line, place, remedy), place, remedy);
    const solution = task.string('canonical_solution').trim();
    if (solution === '' || solution.includes('\n')) throw task.problem('canonical_solution', 'a line');
    return {
      path: toldPath,
      language: 'Python',
      kind: 'line start',
      // The line is asked for with its indentation, as the benchmark has it; both sides are stripped before they are compared.
      before: task.string('prompt').slice(-maxBefore),
      after: `\n${task.string('suffix')}`.slice(0, maxAfter),
      rest: solution,
    };
  });
}

function contentOf(file: string): string {
  try {
    const bytes = readFileSync(file);
    return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  } catch (error) {
    throw new UserError(`--infilling: cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
}
