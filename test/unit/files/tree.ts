// Folders made for a test: paths and their contents; `null` makes an empty folder.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';

export type Tree = Readonly<Record<string, string | Uint8Array | null>>;

export function makeTree(context: TestContext, tree: Tree): string {
  const root = mkdtempSync(path.join(tmpdir(), 'chainrule-files-'));
  context.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(tree)) {
    const file = path.join(root, name);
    mkdirSync(content === null ? file : path.dirname(file), { recursive: true });
    if (content !== null) writeFileSync(file, content);
  }
  return root;
}
