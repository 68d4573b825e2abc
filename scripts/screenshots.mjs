// Pictures for the README: media/ghost-text-light.png and media/ghost-text-dark.png, taken in the real editor with a real
// model: `npm run screenshots [-- --model folder]`. The default is the model that is shipped.
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './dependencies.mjs';
import { ensureEditorAndBrowser } from './editor.mjs';

const themes = { light: 'Default Light Modern', dark: 'Default Dark Modern' };
const width = 960;
const height = 540;

/** A file of the samples, cut where the picture shows the cursor, and what is typed there. */
const scene = {
  file: 'shapes.ts',
  upTo: 'export function largest',
  typed: 'export function perimeter(shape: Shape): number {\n',
};

const look = {
  'editor.fontSize': 15,
  'editor.minimap.enabled': false,
  'breadcrumbs.enabled': false,
  'workbench.activityBar.location': 'hidden',
  'workbench.layoutControl.enabled': false,
  'window.commandCenter': false,
  'workbench.editor.showTabs': 'multiple',
  'editor.stickyScroll.enabled': false,
  'editor.scrollbar.vertical': 'hidden',
  'workbench.sideBar.location': 'right',
};

async function takePicture(kind, model) {
  const { load } = await import('./load.mjs');
  const { photograph } = await load('test/e2e/lib/photograph.ts');
  const text = readFileSync(path.join(root, 'samples', scene.file), 'utf8');
  const cut = text.indexOf(scene.upTo);
  const picture = path.join(root, 'media', `ghost-text-${kind}.png`);
  mkdirSync(path.dirname(picture), { recursive: true });
  const settings = { ...look, 'workbench.colorTheme': themes[kind] };
  const ghost = await photograph({
    picture,
    settings: model ? { ...settings, 'chainrule.model.path': model } : settings,
    file: scene.file,
    text: cut < 0 ? text : text.slice(0, cut),
    typed: scene.typed,
    window: { width, height, scale: 2, colorScheme: kind },
  });
  console.log(`${path.relative(root, picture)}: the suggestion was ${JSON.stringify(ghost)}`);
}

try {
  const { values } = parseArgs({ options: { model: { type: 'string' } } });
  await ensureEditorAndBrowser();
  const { build } = await import('./build.mjs');
  await build();
  for (const kind of Object.keys(themes)) await takePicture(kind, values.model && path.resolve(values.model));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
