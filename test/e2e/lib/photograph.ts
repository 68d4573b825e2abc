// Takes a picture of ghost text in a real file, with the extension as it is built in this checkout.
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { type BrowserOptions, launchBrowser } from './browser.ts';
import { root } from './installation.ts';
import { createSandbox, literalTyping, type Settings } from './sandbox.ts';
import { startServer } from './server.ts';
import { Workbench } from './workbench.ts';

export interface Scene {
  readonly picture: string;
  /** Beside the quiet ones and literal typing: no other list may cover the ghost text. */
  readonly settings: Settings;
  readonly file: string;
  readonly text: string;
  readonly typed: string;
  readonly window: BrowserOptions;
}

/** Returns the suggestion that the picture shows. */
export async function photograph(scene: Scene): Promise<string> {
  const sandbox = createSandbox({ settings: { ...literalTyping, ...scene.settings } });
  symlinkSync(root, path.join(sandbox.extensions, 'chainrule.chainrule-development'));
  sandbox.write(scene.file, scene.text);
  const server = await startServer(sandbox);
  const browser = await launchBrowser(sandbox, scene.window);
  try {
    const workbench = new Workbench(await browser.newPage());
    await workbench.page.goto(server.windowAddress(sandbox.workspace, scene.file));
    await workbench.isUp();
    await workbench.waitForStatus(/: ready: ./);
    await workbench.command('View: Close Primary Side Bar');
    await workbench.focusEnd();
    await workbench.type(scene.typed, 20);
    const shown = await workbench.waitForGhostText();
    await workbench.waitForStatus(/: ready: ./);
    await workbench.page.screenshot({ path: scene.picture });
    return shown;
  } finally {
    await browser.close();
    await server.stop();
    sandbox.remove();
  }
}
