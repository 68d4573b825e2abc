// What VS Code calls inside its extension host: runs the mocha suites of this folder and writes what happened to a file, since
// nothing but an exit code leaves the editor otherwise.
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';
import { activationSuite } from './activation.ts';
import { completionSuite } from './completion.ts';
import { endingSuite } from './ending.ts';
import { likelihoodToolSuite } from './likelihoodTool.ts';

export interface SuiteResult {
  readonly title: string;
  readonly durationMs: number;
  readonly error?: string;
}

const testTimeoutMs = 30_000;

/** @throws Error when a test failed, so that the editor ends with a failure. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'tdd', timeout: testTimeoutMs, reporter: 'min' });
  const results: SuiteResult[] = [];
  const suites = {
    activation: activationSuite,
    completion: completionSuite,
    likelihoodTool: likelihoodToolSuite,
    ending: endingSuite,
  };
  for (const [title, fill] of Object.entries(suites)) fill(Mocha.Suite.create(mocha.suite, title));
  const failures = await new Promise<number>((resolve) => {
    mocha
      .run(resolve)
      .on('pass', (test) => results.push({ title: test.fullTitle(), durationMs: test.duration ?? 0 }))
      .on('fail', (test, error) =>
        results.push({ title: test.fullTitle(), durationMs: test.duration ?? 0, error: error.stack ?? error.message }),
      );
  });
  const file = process.env['CHAINRULE_SUITE_RESULTS'];
  if (file !== undefined) writeFileSync(file, JSON.stringify(results));
  if (failures > 0) throw new Error(`${failures} of ${results.length} tests failed`);
}
