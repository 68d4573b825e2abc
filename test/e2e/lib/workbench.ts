// The editor's window as a person uses it: keys in, what is seen out. Every selector of VS Code's page is in this file.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { eventually, type Patience } from './eventually.ts';
import { root } from './installation.ts';
import { statusItemId } from './product.ts';

const startWithinMs = 60_000;
const paletteWithinMs = 15_000;
const activeGroup = '.editor-group-container.active';

/** The page shows blanks as no-break spaces. */
const plain = (text: string) => text.replaceAll('\u00a0', ' ').replaceAll('\u200b', '');

export class Workbench {
  readonly page: Page;
  readonly editor: Locator;

  constructor(page: Page) {
    this.page = page;
    this.editor = page.locator('.editor-instance .monaco-editor').first();
  }

  /** Waits until the window works: its frame, and the first editor if a file was asked for. */
  async isUp({ withEditor = true } = {}): Promise<void> {
    await this.page.locator('.monaco-workbench').waitFor({ timeout: startWithinMs });
    if (withEditor) await this.editor.locator('.view-line').first().waitFor({ timeout: startWithinMs });
  }

  /** Opens a file of the workspace by its name, and puts the cursor at its end. */
  async open(name: string): Promise<void> {
    const pattern = path.basename(name).replaceAll(/[^\w]/g, (mark) => `\\u{${mark.charCodeAt(0).toString(16)}}`);
    await this.quickOpen(name, new RegExp(`^${pattern}$`, 'u'));
    // Not a view of it, whose tab bears the name, too.
    await this.page
      .locator(`${activeGroup} .tab.active[data-resource-name=${JSON.stringify(path.basename(name))}]`)
      .waitFor();
    await this.focusEnd();
  }

  /** Opens a file that the editor takes for binary or too large, and says yes to its question. */
  async openAnyway(name: string): Promise<void> {
    await this.quickOpen(name, name);
    await this.page
      .locator(`${activeGroup} .tab.active`)
      .filter({ hasText: path.basename(name) })
      .waitFor();
    const question = this.page.locator('.monaco-editor-pane-placeholder .monaco-button').first();
    const text = this.editor.locator('.view-line').first();
    await question.or(text).first().waitFor();
    if (await question.isVisible()) {
      await question.click();
      const editors = this.page.locator('.quick-input-list .monaco-list-row').first();
      await editors.or(text).first().waitFor();
      if (await editors.isVisible()) await this.pick('Text Editor');
    }
    await this.focusEnd();
  }

  /** Puts the cursor at a line and column, both from 1. */
  async goTo(line: number, column: number): Promise<void> {
    await this.press('Control+g');
    const input = this.page.locator('.quick-input-widget input.input');
    await input.waitFor();
    await input.fill(`:${line}:${column}`);
    await this.press('Enter');
    await input.waitFor({ state: 'hidden' });
  }

  /** Takes what the dialog for a path proposes. A dialog that is still filling itself passes over an Enter. */
  async acceptPath(): Promise<void> {
    const input = this.page.locator('.quick-input-widget input.input');
    await input.waitFor();
    await eventually('the dialog proposes a path', async () => (await input.inputValue()) !== '');
    await eventually('the path is taken', async () => {
      await this.press('Enter');
      return input.waitFor({ state: 'hidden', timeout: 2000 }).then(
        () => true,
        () => false,
      );
    });
  }

  async focusEnd(): Promise<void> {
    // The one beside it may show the same file.
    const editor = this.page.locator(`${activeGroup} .editor-instance .monaco-editor`).first();
    await editor.locator('.view-line').first().waitFor();
    await editor.click();
    await this.page.keyboard.press('Control+End');
  }

  type(text: string, delayMs = 0): Promise<void> {
    return this.page.keyboard.type(text, { delay: delayMs });
  }

  press(key: string): Promise<void> {
    return this.page.keyboard.press(key);
  }

  /** Closes the active editor; unsaved text is lost. */
  async discard(): Promise<void> {
    await this.press('Escape');
    const name = await this.page.locator(`${activeGroup} .tab.active`).first().getAttribute('data-resource-name');
    await this.command('View: Revert and Close Editor');
    // What closes late takes the focus away from what is opened next.
    await this.page.locator(`.tab[data-resource-name=${JSON.stringify(name)}]`).waitFor({ state: 'detached' });
  }

  /** The ghost text shown now, lines joined by \n; '' when there is none. */
  async ghostText(): Promise<string> {
    const inline = await this.page.locator('.ghost-text-decoration, .ghost-text-decoration-preview').allTextContents();
    const below = await this.page.locator('.suggest-preview-text .view-line').allTextContents();
    const lines = [inline.join(''), ...below].map(plain);
    return lines.join('\n').replace(/\s+$/, '');
  }

  /** Waits for ghost text (that satisfies `wanted`) and returns it. */
  waitForGhostText(wanted: (text: string) => boolean = () => true, patience: Patience = {}): Promise<string> {
    const shown = async () => {
      const text = await this.ghostText();
      if (text !== '' && wanted(text)) return text;
      if (text !== '') throw new Error(`the ghost text is ${JSON.stringify(text)}`);
      return false;
    };
    return eventually('ghost text appears', shown, patience);
  }

  waitForNoGhostText(patience: Patience = {}): Promise<boolean> {
    return eventually('ghost text goes away', async () => (await this.ghostText()) === '', patience);
  }

  /** Runs a command of the palette by its title. */
  async command(title: string): Promise<void> {
    await this.quickOpen(`>${title}`, title);
  }

  /** Types into the palette and takes the row that bears `row`. A palette that something else closed is opened again. */
  async quickOpen(text: string, row: string | RegExp): Promise<void> {
    const input = this.page.locator('.quick-input-widget input.input');
    const attempt = async () => {
      if (await input.isVisible()) await this.press('Escape');
      await this.press(text.startsWith('>') ? 'F1' : 'Control+p');
      await input.fill(text, { timeout: paletteWithinMs });
      await this.pick(row, paletteWithinMs);
      return true;
    };
    await eventually(`${row} can be picked`, attempt, { timeoutMs: 4 * paletteWithinMs });
  }

  /** Takes the row of an open list that bears this text, or whose name is like this. */
  pick(row: string | RegExp, timeout = 30_000): Promise<void> {
    const rows = this.page.locator('.quick-input-list .monaco-list-row');
    const name = this.page.locator('.label-name').filter({ hasText: row });
    return (typeof row === 'string' ? rows.filter({ hasText: row }) : rows.filter({ has: name }))
      .first()
      .click({ timeout });
  }

  /** Answers a question: the box that bears `question` in its title or below its line. */
  async answer(question: string, text: string): Promise<void> {
    const box = this.page.locator('.quick-input-widget').filter({ hasText: question });
    await box.locator('input.input').fill(text);
    await this.press('Enter');
  }

  /** The rows of an open list. */
  async pickRows(): Promise<string[]> {
    await this.page.locator('.quick-input-list .monaco-list-row').first().waitFor();
    return (await this.page.locator('.quick-input-list .monaco-list-row').allTextContents()).map(plain);
  }

  /** Saves, and waits until the tab shows no unsaved change. */
  async save(): Promise<void> {
    await this.press('Escape');
    await this.press('Control+s');
    await this.page.locator(`${activeGroup} .tab.active.dirty`).waitFor({ state: 'detached' });
  }

  /** The extension's item in the status bar. */
  get statusItem(): Locator {
    return this.page.locator(`.statusbar-item[id$="${statusItemId}"]`).first();
  }

  /** What that item tells screen readers, which is all there is to know; '' before there is one. */
  async status(): Promise<string> {
    if ((await this.statusItem.count()) === 0) return '';
    const label = await this.statusItem.locator('a').first().getAttribute('aria-label', { timeout: 1_000 });
    return plain(label ?? '');
  }

  /** Waits until the status says so. */
  waitForStatus(wanted: RegExp, patience: Patience = {}): Promise<string> {
    const said = async () => {
      const status = await this.status();
      if (!wanted.test(status)) throw new Error(`it says ${JSON.stringify(status)}`);
      return status;
    };
    return eventually(`the status matches ${wanted}`, said, patience);
  }

  /** The icon of that item, such as `loading`. */
  async statusIcons(): Promise<string[]> {
    const classes = await this.statusItem
      .locator('.codicon')
      .evaluateAll((all) => all.map((icon) => String(icon.className)));
    return classes
      .flatMap((names) => names.split(/\s+/))
      .filter((name) => name.startsWith('codicon-'))
      .map((name) => name.slice(8));
  }

  /** The lines that the output panel shows; the panel must be open. */
  async output(): Promise<string> {
    return plain((await this.page.locator('.part.panel .view-line').allTextContents()).join('\n'));
  }

  /** Messages shown in the corner. */
  async notifications(): Promise<string[]> {
    return (await this.page.locator('.notification-toast .notification-list-item-message').allTextContents()).map(
      plain,
    );
  }

  /** Keeps a picture of the window under out/e2e. */
  async screenshot(name: string): Promise<string> {
    const file = path.join(root, 'out', 'e2e', `${name.replace(/[^\w-]+/g, '-')}.png`);
    mkdirSync(path.dirname(file), { recursive: true });
    await this.page.screenshot({ path: file });
    return file;
  }
}
