// Takes a picture of the likelihood view of a sample in the real editor, with the extension as it is built in this checkout.
import { readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { type BrowserOptions, launchBrowser } from './browser.ts';
import { eventually } from './eventually.ts';
import { root } from './installation.ts';
import { commands } from './product.ts';
import { createSandbox, type Settings } from './sandbox.ts';
import { startServer } from './server.ts';
import { View } from './views.ts';
import { Workbench } from './workbench.ts';

export interface LikelihoodScene {
  readonly picture: string;
  /** Of the samples. */
  readonly file: string;
  /** Where the mouse is, in the heat map. */
  readonly pointer: { readonly x: number; readonly y: number };
  readonly settings: Settings;
  readonly window: BrowserOptions;
}

const patience = { timeoutMs: 120_000 };

/** Returns what the view said when the picture was taken. */
export async function photographLikelihood(scene: LikelihoodScene): Promise<string> {
  const sandbox = createSandbox({ settings: scene.settings });
  symlinkSync(root, path.join(sandbox.extensions, 'chainrule.chainrule-development'));
  sandbox.write(scene.file, readFileSync(path.join(root, 'samples', scene.file)));
  const server = await startServer(sandbox);
  const browser = await launchBrowser(sandbox, scene.window);
  try {
    const workbench = new Workbench(await browser.newPage());
    await workbench.page.goto(server.windowAddress(sandbox.workspace, scene.file));
    await workbench.isUp();
    await workbench.waitForStatus(/: ready: ./);
    await workbench.command('View: Close Primary Side Bar');
    await workbench.focusEnd();
    await workbench.command(commands.openLikelihoodView);
    const view = new View(workbench);
    const headline = await view.waitForHeadline(/bits per byte: /, patience);
    await view.press('Prove It');
    await eventually('it is proven', async () => /came back byte for byte/.test(await view.text()), patience);
    await view.root.locator('.heat-map').hover({ position: scene.pointer });
    await view.root.locator('.tooltip.shown').waitFor();
    await workbench.page.screenshot({ path: scene.picture });
    return headline;
  } finally {
    await browser.close();
    await server.stop();
    sandbox.remove();
  }
}
