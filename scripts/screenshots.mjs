// Pictures for the README, taken in the real editor: `npm run screenshots [-- --only ghost-text|training|likelihood] [-- --model folder]`.
// media/ghost-text-*.png with a real model, the one that is shipped unless another is named. Of the scenes below, the model itself
// chooses: what it says for sure makes the picture, so that a small model is shown at what it can do. media/training-*.png shows the
// two training views: a CharRNN that learns this project's own source for a minute, a PixelCNN that learns rings. media/likelihood-*.png
// shows the likelihood view of a sample under the model.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './dependencies.mjs';
import { ensureEditorAndBrowser } from './editor.mjs';

const themes = { light: 'Light Modern', dark: 'Dark Modern' };
const width = 960;
const height = 540;

/**
 * Each is a file of the samples up to `upTo` (all of it without), what stands there before the cursor, and what is typed, with
 * no bracket or quote that the editor would close. The most telling first.
 */
const scenes = [
  {
    file: 'shapes.ts',
    language: 'typescript',
    before: `
export function smallest(shapes: readonly Shape[]): Shape | undefined {
  let best: Shape | undefined;
  for (const shape of shapes) {
    `,
    typed: 'if',
  },
  {
    file: 'shapes.ts',
    language: 'typescript',
    upTo: 'export function totalArea',
    before: `export function perimeter(shape: Shape): number {
  switch (shape.kind) {
    case 'circle':
      return 2 * Math.PI * shape.radius;
    `,
    typed: 'case',
  },
  {
    file: 'word_count.py',
    language: 'python',
    upTo: 'def main',
    before: `def longest(text):
    """The length of the longest word; 0 for an empty text."""
    `,
    typed: 'lengths =',
  },
  {
    file: 'shapes.ts',
    language: 'typescript',
    upTo: 'export function largest',
    before: `export function averageArea(shapes: readonly Shape[]): number {
  let total = 0;
  `,
    typed: 'for',
  },
  { file: 'word_count.py', language: 'python', upTo: 'if __name__', before: '', typed: 'if __na' },
  {
    file: 'shapes.ts',
    language: 'typescript',
    upTo: 'export type Shape',
    before: 'export interface Square {\n  ',
    typed: 'readonly',
  },
  {
    file: 'queue.go',
    language: 'go',
    upTo: 'func (q *Queue) grow',
    before: `// Drain takes all values, in their order.
func (q *Queue) Drain() ([]string, error) {
	var values []string
	for q.count > 0 {
		value, err := q.Pop()
		`,
    typed: 'if err',
  },
];
const leastLength = 8;
/** A mean for each character of the suggestion: about nine in ten. */
const sureLogProbNats = -0.1;

const look = {
  'editor.fontSize': 15,
  // What is being written has no closing brackets yet, which would be red.
  'editor.bracketPairColorization.enabled': false,
  // Room below the cursor for ghost text of several lines.
  'editor.cursorSurroundingLines': 7,
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

/** The text of the file before anything is typed. */
function textOf({ file, upTo, before }) {
  const text = readFileSync(path.join(root, 'samples', file), 'utf8');
  const end = upTo === undefined ? text.length : text.indexOf(upTo);
  if (end < 0) throw new Error(`samples/${file}: expected ${JSON.stringify(upTo)} in it; repair: choose another scene`);
  return text.slice(0, end) + before;
}

/** The scenes in which the model has something to say: the first that it is sure of, then by how sure it is. */
function chooseScenes(model) {
  const cases = path.join(root, 'out', `screenshots-${process.pid}.jsonl`);
  const lines = scenes.map((scene, id) => {
    const { file, language, typed } = scene;
    return JSON.stringify({ id, path: file, language, prefix: textOf(scene) + typed });
  });
  writeFileSync(cases, lines.join('\n'));
  const cli = [path.join('dist', 'cli.js'), 'complete', '--reviewed', '--max-symbols', '64'];
  const { stdout, stderr, status } = spawnSync(process.execPath, [...cli, '--model', model, '--cases', cases], {
    cwd: root,
    encoding: 'utf8',
  });
  rmSync(cases);
  if (status !== 0) throw new Error(`asking the model failed: ${stderr}${stdout}`);
  const answers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const telling = answers
    .filter(({ text }) => text.trim().length >= leastLength)
    .map(({ id, text, logProbNats }) => ({ scene: scenes[id], mean: logProbNats / text.length }))
    .sort((a, b) => b.mean - a.mean);
  const sure = telling.filter(({ mean }) => mean >= sureLogProbNats);
  const first = scenes.find((scene) => sure.some((one) => one.scene === scene));
  return [...new Set([first, ...telling.map(({ scene }) => scene)])].filter(Boolean);
}

async function takePicture(kind, scene, model) {
  const { load } = await import('./load.mjs');
  const { photograph } = await load('test/e2e/lib/photograph.ts');
  const picture = path.join(root, 'media', `ghost-text-${kind}.png`);
  mkdirSync(path.dirname(picture), { recursive: true });
  const ghost = await photograph({
    picture,
    settings: { ...look, 'workbench.colorTheme': themes[kind], 'chainrule.model.path': model },
    file: scene.file,
    text: textOf(scene),
    typed: scene.typed,
    window: { width, height, scale: 2, colorScheme: kind },
  });
  console.log(`${path.relative(root, picture)}: ${scene.file}, ${JSON.stringify(scene.typed + ghost)}`);
}

/** Both of one scene; the next one where the editor shows nothing. */
async function takePictures(model) {
  const chosen = chooseScenes(model);
  for (const [index, scene] of chosen.entries()) {
    try {
      for (const kind of Object.keys(themes)) await takePicture(kind, scene, model);
      return;
    } catch (error) {
      if (index === chosen.length - 1) throw error;
      console.error(`${scene.file}, ${JSON.stringify(scene.typed)}: ${error.message}`);
    }
  }
  throw new Error(`${model}: nothing to show in any scene; repair: --model <a better one>, or add a scene here`);
}

async function takeTrainingPictures() {
  const { load } = await import('./load.mjs');
  const { photographTraining } = await load('test/e2e/lib/photographTraining.ts');
  for (const kind of Object.keys(themes)) {
    for (const learner of ['text', 'images']) {
      const picture = path.join(root, 'media', `training-${learner}-${kind}.png`);
      const headline = await photographTraining({
        picture,
        learner,
        settings: { ...look, 'workbench.colorTheme': themes[kind] },
        window: { width, height: 760, scale: 2, colorScheme: kind },
      });
      console.log(`${path.relative(root, picture)}: ${headline}`);
    }
  }
}

async function takeLikelihoodPictures(model) {
  const { load } = await import('./load.mjs');
  const { photographLikelihood } = await load('test/e2e/lib/photographLikelihood.ts');
  for (const kind of Object.keys(themes)) {
    const picture = path.join(root, 'media', `likelihood-${kind}.png`);
    const headline = await photographLikelihood({
      picture,
      file: 'shapes.ts',
      pointer: { x: 150, y: 90 },
      settings: { ...look, 'editor.fontSize': 13, 'workbench.colorTheme': themes[kind], 'chainrule.model.path': model },
      window: { width: 1200, height: 760, scale: 2, colorScheme: kind },
    });
    console.log(`${path.relative(root, picture)}: ${headline}`);
  }
}

try {
  const { values } = parseArgs({ options: { model: { type: 'string' }, only: { type: 'string' } } });
  const wants = (name) => (values.only ?? name) === name;
  const model = path.resolve(values.model ?? path.join(root, 'models', 'default'));
  if (!existsSync(model)) throw new Error(`${model}: no model there; repair: --model <a model folder>`);
  await ensureEditorAndBrowser();
  const { build } = await import('./build.mjs');
  await build();
  if (wants('ghost-text')) await takePictures(model);
  if (wants('training')) await takeTrainingPictures();
  if (wants('likelihood')) await takeLikelihoodPictures(model);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
