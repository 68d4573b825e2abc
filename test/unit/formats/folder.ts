// A temporary folder for each test that wants one, removed when the test ends.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';

export function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'chainrule-test-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
