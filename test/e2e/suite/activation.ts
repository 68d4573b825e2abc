// The extension in its host: that it starts, and that it is what its manifest says.
import assert from 'node:assert/strict';
import type { Suite } from 'mocha';
import * as vscode from 'vscode';
import { addTest, ownExtension, state } from './host.ts';

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly default: unknown }>> };
  };
}

export function activationSuite(suite: Suite): void {
  addTest(suite, 'starts', async () => {
    const startedAt = performance.now();
    await ownExtension().activate();
    console.log(`[chainrule] activated, or waited for it, in ${(performance.now() - startedAt).toFixed(1)} ms`);
    assert.ok(ownExtension().isActive);
  });

  addTest(suite, 'registers the commands of its manifest, and no other under its name', async () => {
    const registered = await vscode.commands.getCommands(true);
    const own = registered.filter((id) => id.startsWith('chainrule.') && !id.startsWith('chainrule.internal.'));
    assert.deepEqual(
      own.sort(),
      manifest()
        .contributes.commands.map(({ command }) => command)
        .sort(),
    );
  });

  addTest(suite, 'has the defaults of its manifest', () => {
    const configuration = vscode.workspace.getConfiguration();
    const { properties } = manifest().contributes.configuration;
    assert.ok(Object.keys(properties).length > 0);
    for (const [key, property] of Object.entries(properties)) {
      assert.ok(key.startsWith('chainrule.'), key);
      assert.deepEqual(configuration.inspect(key)?.defaultValue, property.default, key);
    }
  });

  addTest(suite, 'starts no engine before a document is open', async () => {
    assert.equal((await state()).pid, undefined);
  });
}

function manifest(): Manifest {
  return ownExtension().packageJSON as Manifest;
}
