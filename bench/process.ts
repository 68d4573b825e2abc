// The benchmark as a process: what it needs of scripts/, and its exit status.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf } from '../src/base/errors.ts';
import type { Scripts } from './context.ts';
import { main } from './main.ts';

const scripts: Scripts = {
  async makePackage(options) {
    const address = pathToFileURL(path.resolve('scripts', 'package.mjs')).href;
    const { makePackage } = (await import(address)) as Pick<Scripts, 'makePackage'>;
    return makePackage(options);
  },
  /** In a process of its own, since npm writes to stdout, which is for the figures. */
  ensureEditorAndBrowser() {
    const { status } = spawnSync(process.execPath, ['scripts/editor.mjs'], { stdio: ['ignore', 2, 2] });
    if (status !== 0)
      throw new Error('bench: no editor or no browser; repair: see above, then node scripts/editor.mjs');
  },
};

main(process.argv.slice(2), scripts).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    console.error(messageOf(error));
    process.exitCode = 1;
  },
);
