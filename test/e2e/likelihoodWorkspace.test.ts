// The likelihood of a workspace and the bits of a change in the real editor, on a small git repository that is made here: scored, walked
// with mouse and keyboard, exported, scored again, brought back by a reload, in four themes.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { FrameLocator } from 'playwright-core';
import { checkAccessibility, frameOf } from './lib/accessibility.ts';
import { eventually, eventuallyEquals } from './lib/eventually.ts';
import { type Editor, openEditor } from './lib/fixture.ts';
import { textFiles } from './lib/learningData.ts';
import { commands } from './lib/product.ts';
import { themes, useTheme } from './lib/themes.ts';
import { View } from './lib/views.ts';

const patience = { timeoutMs: 120_000 };
const days = `export function dayName(day: number): string {
  switch (day) {
    case 1:
      return 'monday';
    case 2:
      return 'tuesday';
    case 3:
      return 'wednesday';
    default:
      return 'sunday';
  }
}
`;
const hostile = 'src/<img src=x onerror=alert(1)>.ts';
const turned = 'src/a\u202egnp.ts';

function files(): Record<string, string | Uint8Array> {
  const notes = Object.fromEntries(Object.entries(textFiles(12, 30)).map(([name, text]) => [`notes/${name}`, text]));
  const colors = `def shade(level):\n    if level > 3:\n        return 'dark'\n    return 'light'\n`;
  return {
    'README.md': '# Days\n\nNames of days, and notes about them.\n',
    ...notes,
    ...Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`src/days/day${i}.ts`, days.repeat(1 + (i % 4))])),
    ...Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`src/colors/shade${i}.py`, colors.repeat(1 + i)])),
    [hostile]: days,
    [turned]: `// ${'x\u202ey'.repeat(4)}\n${days}`,
    'src/odd.ts': `const zqx = "\u{1F642} %$#@!~ ${'9f3k'.repeat(12)}";\n`,
    'data/blob.bin': new Uint8Array(300),
    'data/broken.txt': new Uint8Array([0x61, 0xff, 0xfe, 0xc3, 0x28, 0x80, 0x81, 0x0a]),
    '.env': 'TOKEN=1\n',
    'build/out.js': 'x\n',
    '.gitignore': 'build/\n',
    'old.txt': 'monday belongs to the gray dog\n'.repeat(3),
    'gone.txt': 'tuesday belongs to the green dog\n',
  };
}

function git(editor: Editor, ...args: string[]): void {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', '-c', 'commit.gpgsign=false'];
  execFileSync('git', [...identity, ...args], {
    cwd: editor.sandbox.workspace,
    env: { ...process.env, HOME: editor.sandbox.home },
    stdio: 'pipe',
  });
}

function pageOf({ workbench }: Editor): FrameLocator {
  return workbench.page.frameLocator('iframe.webview.ready:visible').frameLocator('iframe#active-frame');
}

async function inEveryTheme(editor: Editor, name: string): Promise<void> {
  const body = pageOf(editor).locator('body');
  for (const theme of themes) {
    await useTheme(editor.workbench, theme, body);
    await editor.workbench.screenshot(`${name}-${theme}`);
    await checkAccessibility(`${name} in ${theme}`, await frameOf(body));
  }
}

test('likelihood of a workspace, bits of a change', async (t) => {
  // Without a file: a window that is opened with one shows that again after a reload, in place of what was open.
  const editor = await openEditor(t, {
    settings: { 'git.enabled': true, 'workbench.colorTheme': 'Dark Modern' },
  });
  const { workbench, sandbox } = editor;
  const view = new View(workbench);
  const frame = () => pageOf(editor);
  /** The text that the page has of each changed file. */
  const changedFiles = async (): Promise<Record<string, string>> => {
    const sections = await frame().locator('.changed-file').allInnerTexts();
    return Object.fromEntries(sections.map((text) => [text.split('\n', 1)[0] ?? '', text]));
  };
  const activeTab = () => workbench.page.locator('.tab.active').first().getAttribute('data-resource-name');
  for (const [name, contents] of Object.entries(files())) sandbox.write(name, contents);
  git(editor, 'init', '-q', '-b', 'main');
  git(editor, 'add', '-A');
  git(editor, 'rm', '-q', '--cached', '.env');
  git(editor, 'commit', '-q', '-m', 'first');
  /** The browser's own reload would lose what the editor has not stored yet. */
  const reload = async () => {
    await workbench.command('Developer: Reload Window');
    await view.root.waitFor({ state: 'detached' });
    await workbench.isUp({ withEditor: false });
  };
  await workbench.command('View: Close Primary Side Bar');

  await editor.test('the workspace is scored: files, folders, what is left out and why', async () => {
    await workbench.command(commands.likelihoodOfWorkspace);
    const headline = await view.waitForHeadline(/^\d+ files, .*: [\d.]+ bits per byte/, patience);
    // Those whose content another has.
    assert.match(headline, /; 6 not computed again$/);
    const text = await view.text();
    assert.match(text, /build/);
    assert.match(text, /\.env/);
    assert.match(text, /data\/blob\.bin/);
    assert.match(text, /data\/broken\.txt/);
    assert.equal(await frame().locator('img').count(), 0, 'names are text');
    const names = (
      await frame()
        .locator('.treemap .cell')
        .evaluateAll((cells) => cells.map(({ ariaLabel }) => ariaLabel))
    ).join();
    assert.match(names, /<img src=x onerror=alert\(1\)>\.ts/);
    assert.match(names, /a<U\+202E>gnp\.ts/);
  });

  await editor.test('the treemap by keyboard: into a folder, out of it, and to a file', async () => {
    const cells = frame().locator('.treemap .cell');
    assert.ok((await cells.count()) > 20);
    const folder = frame().locator('.treemap .cell.folder[data-path$="/notes"]').first();
    await folder.focus();
    await folder.press('Enter');
    const crumb = frame().locator('.crumbs [aria-current]');
    await eventuallyEquals('it is the folder', () => crumb.textContent(), 'notes');
    const first = frame().locator('.treemap .cell[tabindex="0"]');
    await first.focus();
    await first.press('ArrowRight');
    await eventually('the focus moved', async () => (await frame().locator('.treemap .cell:focus').count()) === 1);
    await frame().locator('.treemap .cell:focus').press('Backspace');
    await eventuallyEquals('it is the root again', () => crumb.textContent(), 'workspace');
    const file = frame().locator('.treemap .cell.file[data-path$="shade4.py"]').first();
    await file.focus();
    await file.press('Enter');
    await eventuallyEquals('the file is open', activeTab, 'shade4.py');
    await workbench.press('Control+w');
    await view.waitForHeadline(/bits per byte/, patience);
  });

  await editor.test('the table: sorted, filtered, by language, by folder', async () => {
    const rows = frame().locator('table.rows tbody tr[data-index]');
    await view.select('Rows', 'languages');
    await eventually('languages are listed', async () =>
      (await rows.allInnerTexts()).some((row) => /^Python\s/.test(row)),
    );
    await view.select('Rows', 'files');
    await frame().getByLabel('Filter rows by name or language').fill('typescript day');
    await eventuallyEquals('nine are left', () => rows.count(), 9);
    const order = async () => (await rows.locator('th').allInnerTexts()).join(' ');
    await view.press('Name');
    const ascending = await order();
    await view.press('Name');
    await eventually('it is turned round', async () => (await order()) === ascending.split(' ').reverse().join(' '));
    await rows.locator('button').first().focus();
    await frame().locator('table.rows button:focus').press('ArrowDown');
    await eventually(
      'the second has the focus',
      async () => (await frame().locator('tr[data-index="1"] button:focus').count()) === 1,
    );
    await frame().getByLabel('Filter rows by name or language').fill('');
  });

  await editor.test('a second run scores what changed', async () => {
    sandbox.write('src/days/day0.ts', `${days}// changed\n`);
    await view.press('Score Again');
    // In the first run there were few, of the same content as others.
    const headline = await view.waitForHeadline(/; \d\d+ not computed again/, patience);
    const [, all, known] = /^(\d+) files.*; (\d+) not computed/.exec(headline) ?? [];
    assert.equal(Number(all) - Number(known), 1);
  });

  await editor.test('exported as CSV', async () => {
    await view.press('Export CSV...');
    await workbench.page.locator('.quick-input-widget input.input').waitFor();
    await workbench.press('Enter');
    const csv = await eventually('the file is there', () => sandbox.read('likelihood.csv') || undefined);
    assert.match(csv, /"workspace\/src\/odd\.ts","TypeScript",/);
  });

  await editor.test('a reload brings it back as it was looked at', async () => {
    await frame()
      .locator('.treemap .cell.folder[data-path$="/src"]')
      .first()
      .click({ position: { x: 12, y: 8 } });
    const crumb = frame().locator('.crumbs [aria-current]');
    await eventuallyEquals('it is the folder', () => crumb.textContent(), 'src');
    await reload();
    await view.waitForHeadline(/not computed again/, patience);
    await eventuallyEquals('it is the same folder', () => crumb.textContent(), 'src');
    await frame().locator('.crumbs button').first().click();
    await eventuallyEquals('it is the root', () => crumb.textContent(), 'workspace');
  });

  await editor.test('the workspace in four themes', () => inEveryTheme(editor, 'workspace'));

  await editor.test('a change is scored hunk by hunk: staged, not staged, new, renamed, gone, linked', async () => {
    rmSync(path.join(sandbox.workspace, 'likelihood.csv'), { force: true });
    sandbox.write('src/days/day1.ts', days.replace("'tuesday'", "'zqxwv9!'"));
    // Staged, and edited since: one change against the last commit.
    sandbox.write('src/days/day2.ts', `// was staged\n${days.repeat(3)}`);
    git(editor, 'add', 'src/days/day2.ts');
    sandbox.write('src/days/day2.ts', `// was staged\n${days.repeat(3)}// was not staged\n`);
    // Staged and taken back: nothing is left of it.
    sandbox.write('src/days/day4.ts', 'staged\n');
    git(editor, 'add', 'src/days/day4.ts');
    sandbox.write('src/days/day4.ts', days);
    sandbox.write('new.txt', 'monday belongs to the red dog\n');
    sandbox.write('notes/empty.txt', '');
    git(editor, 'mv', 'old.txt', 'renamed.txt');
    git(editor, 'rm', '-q', 'gone.txt');
    rmSync(path.join(sandbox.workspace, 'src/days/day3.ts'));
    sandbox.write('renamed.txt', `${'monday belongs to the gray dog\n'.repeat(3)}sunday belongs to the blue dog\n`);
    sandbox.write('data/blob.bin', new Uint8Array(301));
    symlinkSync('/etc/hostname', path.join(sandbox.workspace, 'link'));
    await workbench.command(commands.bitsOfChange);
    await view.waitForHeadline(/^\d+ hunks in \d+ files: [\d,]+ bits added/, patience);
    await eventually('all files are there', async () => /zqxwv9!/.test(await view.text()));
    const files = await changedFiles();
    assert.match(files['renamed.txt'] ?? '', /renamed.*was old\.txt.*sunday belongs to the blue dog/s);
    assert.match(files['data/blob.bin'] ?? '', /modified.*binary: no text model reads it/s);
    assert.match(files['gone.txt'] ?? '', /deleted.*tuesday belongs to the green dog/s);
    assert.match(files['src/days/day3.ts'] ?? '', /deleted.*dayName/s);
    assert.match(files['.env'] ?? '', /added.*not read: it may hold secrets/s);
    assert.match(files['new.txt'] ?? '', /added.*monday belongs to the red dog/s);
    assert.match(files['notes/empty.txt'] ?? '', /added.*it is empty/s);
    assert.match(files['src/days/day2.ts'] ?? '', /modified.*was staged.*was not staged/s);
    assert.match(files['src/days/day4.ts'] ?? '', /no line changed/);
    assert.match(files['link'] ?? '', /added.*a link/s);
    assert.equal(files['build/out.js'], undefined, 'what git ignores is no change');
  });

  await editor.test(
    'a click goes to the line, in what was too, and what changed since comes with a refresh',
    async () => {
      await frame().getByRole('button', { name: 'New line 6', exact: true }).first().click();
      await eventuallyEquals('the file is open', activeTab, 'day1.ts');
      await eventually('the cursor is there', async () =>
        /Ln 6,/.test((await workbench.page.locator('.statusbar').textContent()) ?? ''),
      );
      await workbench.press('Control+w');
      await frame().getByRole('button', { name: 'Open gone.txt', exact: true }).first().click();
      const shown = () => workbench.page.locator('.editor-instance .view-line').first().textContent();
      await eventually('what was is shown', async () => /tuesday.belongs/.test((await shown()) ?? ''));
      await workbench.press('Control+w');
      await view.select('Hunks', 'most bits per byte first');
      const densities = async () => {
        const facts = await frame().locator('.hunk-facts').allInnerTexts();
        return facts.map((one) => Number(/^added: .*?, ([\d.]+) per byte/.exec(one)?.[1] ?? -1));
      };
      await eventually('they descend', async () => {
        const all = await densities();
        return all.length > 3 && all.every((one, index) => index === 0 || one <= all[index - 1]!);
      });
      await workbench.screenshot('change-sorted');
      sandbox.write('src/odd.ts', 'monday belongs to nobody\n');
      await view.press('Refresh');
      await eventually('it is among them', async () => /monday belongs to nobody/.test(await view.text()), patience);
      await view.select('Hunks', 'in order');
    },
  );

  await editor.test('another model is chosen, and the change is scored by it', async () => {
    const model = () => frame().locator('.model').textContent();
    const before = await model();
    await view.press('Choose Model...');
    await workbench.pick('Built-in model');
    await eventuallyEquals('it is shown', model, 'Model: Built-in model');
    assert.notEqual(before, 'Model: Built-in model');
    await view.waitForHeadline(/^\d+ hunks in \d+ files/, patience);
  });

  await editor.test('the change in four themes', () => inEveryTheme(editor, 'change'));

  await editor.test('right after a window opened, of two repositories', async () => {
    const other = path.join(sandbox.workspace, 'other');
    sandbox.write('other/a.txt', 'monday\n');
    for (const step of [
      ['init', '-q', '-b', 'main'],
      ['add', '-A'],
      ['commit', '-q', '-m', 'first'],
    ]) {
      git(editor, '-C', other, ...step);
    }
    sandbox.write('other/a.txt', 'tuesday\n');
    await reload();
    await view.waitForHeadline(/^\d+ hunks in \d+ files/, patience);
    const files = await eventually('both are there', async () => {
      const all = await changedFiles();
      return 'other/a.txt' in all && 'workspace/new.txt' in all && all;
    });
    assert.match(files['other/a.txt'] ?? '', /modified.*monday.*tuesday/s);
    assert.match(files['workspace/renamed.txt'] ?? '', /was workspace\/old\.txt/);
    await workbench.screenshot('change-two-repositories');
  });

  await editor.test('without git it is said what to do', async () => {
    editor.sandbox.configure({ ...editor.settings, 'git.enabled': false });
    await reload();
    await view.waitForHeadline(/Git is switched off.*git\.enabled/, patience);
    await workbench.screenshot('change-without-git');
  });
});
