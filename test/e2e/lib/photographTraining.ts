// Takes a picture of a training view in the real editor, with the extension as it is built in this checkout, while it learns.
import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { type BrowserOptions, launchBrowser } from './browser.ts';
import { eventually } from './eventually.ts';
import { root } from './installation.ts';
import { imageFiles } from './learningData.ts';
import { commands } from './product.ts';
import { createSandbox, type Sandbox, type Settings } from './sandbox.ts';
import { startServer } from './server.ts';
import { View } from './views.ts';
import { Workbench } from './workbench.ts';

export interface TrainingScene {
  readonly picture: string;
  readonly learner: 'text' | 'images';
  readonly settings: Settings;
  readonly window: BrowserOptions;
}

/** Long enough for curves and samples; the budget is the shortest. */
const patience = { timeoutMs: 240_000 };
const stepsBefore = { text: 100, images: 300 } as const;

/** Returns what the view said when the picture was taken. */
export async function photographTraining(scene: TrainingScene): Promise<string> {
  const sandbox = createSandbox({ settings: scene.settings });
  symlinkSync(root, path.join(sandbox.extensions, 'chainrule.chainrule-development'));
  fill(sandbox, scene.learner);
  const server = await startServer(sandbox);
  const browser = await launchBrowser(sandbox, scene.window);
  try {
    const workbench = new Workbench(await browser.newPage());
    await workbench.page.goto(server.windowAddress(sandbox.workspace));
    await workbench.isUp({ withEditor: false });
    await workbench.waitForStatus(/Chainrule/);
    await workbench.command('View: Close Primary Side Bar');
    const view = new View(workbench);
    await workbench.command(scene.learner === 'text' ? commands.trainCharRnn : commands.trainPixelCnn);
    await view.waitForHeadline(/^Ready/, patience);
    await view.choose('2 minutes');
    await view.press('Start Training');
    const learnt = async () => {
      const [, step = ''] = /^Step ([\d,]+): /.exec(await view.headline()) ?? [];
      return Number(step.replaceAll(',', '')) >= stepsBefore[scene.learner] && (await view.headline());
    };
    const headline = await eventually('it has learnt a little', learnt, patience);
    await workbench.page.screenshot({ path: scene.picture });
    return headline;
  } finally {
    await browser.close();
    await server.stop();
    sandbox.remove();
  }
}

function fill(sandbox: Sandbox, learner: TrainingScene['learner']): void {
  if (learner === 'images') {
    for (const [name, bytes] of Object.entries(imageFiles(300, 28))) sandbox.write(`rings/${name}`, bytes);
    return;
  }
  const source = path.join(root, 'src');
  for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (/\.(ts|md)$/.test(name)) sandbox.write(name, readFileSync(path.join(source, name)));
  }
}
