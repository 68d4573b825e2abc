// The end: the engine goes with the extension. These tests are the last, since nothing of the extension works after them.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Suite } from 'mocha';
import { eventually } from '../lib/eventually.ts';
import { isAlive } from '../lib/processes.ts';
import { addTest, ownExtension, state } from './host.ts';

interface Entry {
  deactivate(): Promise<void> | undefined;
}

export function endingSuite(suite: Suite): void {
  addTest(suite, 'deactivating ends the engine, and nothing of it stays open', async () => {
    const { pid } = await state();
    const before = openProcesses();
    assert.ok(pid !== undefined && isAlive(pid));
    // The host loaded this very module, so that this is the extension that runs.
    const { extensionPath } = ownExtension();
    const load = createRequire(path.join(extensionPath, 'package.json'));
    const { deactivate } = load('./dist/extension.js') as Entry;
    await deactivate();
    assert.equal(isAlive(pid), false);
    // Other extensions have processes of their own here.
    await eventually('its handle is closed', () => openProcesses() === before - 1);
  });
}

function openProcesses(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'ProcessWrap').length;
}
