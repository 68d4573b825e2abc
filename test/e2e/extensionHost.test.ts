// Inside the extension host: the mocha suites of test/e2e/suite, started as any VS Code extension's are. A desktop VS Code runs
// them where there is one; elsewhere a stand-in with the same arguments does.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { runTests } from '@vscode/test-electron';
import { installedExtension, prepared } from './lib/fixture.ts';
import type { SuiteResult } from './suite/index.ts';

/** CHAINRULE_CODE names a desktop VS Code's executable; by default the places where its installers put it are tried. */
function desktopCode(): string | undefined {
  const places = [
    process.env['CHAINRULE_CODE'] ?? '',
    ...(process.env['DISPLAY'] ? ['/usr/share/code/code'] : []),
    '/Applications/Visual Studio Code.app/Contents/MacOS/Electron',
    path.join(process.env['LOCALAPPDATA'] ?? '', 'Programs', 'Microsoft VS Code', 'Code.exe'),
  ];
  return places.find((place) => place !== '' && existsSync(place));
}

test('inside the extension host', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'chainrule-suite-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const results = path.join(folder, 'results.json');
  const run = runTests({
    vscodeExecutablePath: desktopCode() ?? prepared.shim,
    extensionDevelopmentPath: installedExtension(),
    extensionTestsPath: prepared.suite,
    launchArgs: [path.resolve('samples'), '--disable-extensions'],
    extensionTestsEnv: { CHAINRULE_SUITE_RESULTS: results, CHAINRULE_E2E_MODEL: prepared.model },
  });
  const ended: unknown = await run.catch((error: unknown) => error);
  assert.ok(existsSync(results), `the suites wrote no results: ${ended}`);
  for (const { title, durationMs, error } of JSON.parse(readFileSync(results, 'utf8')) as SuiteResult[]) {
    await t.test(`${title} (${durationMs.toFixed(0)} ms)`, () => assert.equal(error, undefined, error));
  }
  assert.equal(ended, 0);
});
