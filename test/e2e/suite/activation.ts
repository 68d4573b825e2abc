import assert from 'node:assert/strict';
import Mocha from 'mocha';
import * as vscode from 'vscode';
export function activationSuite(parent: Mocha.Suite): void {
  const suite = Mocha.Suite.create(parent, 'activation');
  suite.addTest(
    new Mocha.Test('activates', async () => {
      const extension = vscode.extensions.getExtension('chainrule.chainrule');
      assert.ok(extension);
      await extension.activate();
      assert.ok(extension.isActive);
    }),
  );
}
