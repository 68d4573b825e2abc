// Installs the editor and the browser that the editor suites run in: `node scripts/editor.mjs`. Does nothing when both are there.
import { ensureDependencies, npm, root } from './dependencies.mjs';

/** What the suites need from this machine; a failure says what to install. */
export async function ensureEditorAndBrowser() {
  ensureDependencies();
  process.chdir(root);
  const { load } = await import('./load.mjs');
  const { ensureBrowser, ensureEditor } = await load('test/e2e/lib/installation.ts');
  return { editor: ensureEditor(npm), browser: ensureBrowser() };
}

if (import.meta.filename === process.argv[1]) {
  try {
    const { editor, browser } = await ensureEditorAndBrowser();
    console.log(`editor: ${editor.entry}\nnode: ${editor.node}\nbrowser: ${browser}`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
