// "Explain the Present Suggestion" in the real editor: of ghost text as it stands there, in one line and in several, from the palette and
// from the menu; in four themes, and as far as axe-core can tell for everybody.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FrameLocator } from 'playwright-core';
import { checkAccessibility, frameOf } from './lib/accessibility.ts';
import { eventually, eventuallyEquals } from './lib/eventually.ts';
import { openEditor } from './lib/fixture.ts';
import { commands } from './lib/product.ts';
import { corpusUpTo } from './lib/testModel.ts';
import { themes, useTheme } from './lib/themes.ts';
import { View } from './lib/views.ts';

const before = corpusUpTo('days.ts', 'case 2:\n      ');
const typed = 'retu';
const bodyClass = {
  dark: /vscode-dark/,
  light: /vscode-light/,
  contrastDark: /vscode-high-contrast(?!-light)/,
  contrastLight: /vscode-high-contrast-light/,
} as const;

test('a suggestion explained', async (t) => {
  const editor = await openEditor(t, {
    files: { 'days.ts': before },
    settings: { 'chainrule.completion.multiline': 'auto' },
  });
  const { workbench, sandbox } = editor;
  await editor.ready();
  const view = new View(workbench);
  const page: FrameLocator = workbench.page
    .frameLocator('iframe.webview.ready:visible')
    .frameLocator('iframe#active-frame');
  const suggestion = () => page.locator('.suggestion').textContent({ timeout: 1000 });

  await editor.test('without a suggestion it says what to do', async () => {
    await workbench.command(commands.explainSuggestion);
    await eventually('it is said', async () =>
      (await workbench.notifications()).some((one) => /No suggestion is shown at the cursor/.test(one)),
    );
    await workbench.command('Notifications: Clear All Notifications');
    await workbench.focusEnd();
  });

  await editor.test('what is shown is told token by token, with its probability as a whole', async () => {
    await workbench.type(typed);
    const ghost = await workbench.waitForGhostText();
    await workbench.command(commands.explainSuggestion);
    const headline = await view.waitForHeadline(/^\d+ tokens?, [\d.]+ bits in all: probability [\d.]+ %$/);
    assert.equal(await suggestion(), ghost);
    // Its model has a symbol for every byte.
    const rows = page.locator('.explained tbody tr');
    assert.equal(await rows.locator('.bar').count(), ghost.length + 1, headline);
    assert.equal(await page.locator('.explained tbody tr.after').count(), 1);
    const facts = await view.facts();
    assert.match(facts['Prompt'] ?? '', /^\d+ tokens, the text before the cursor$/);
    assert.match(facts['Probability as a whole'] ?? '', /%$/);
    assert.equal(await rows.first().locator('li').count(), 10, 'as many alternatives');
  });

  await editor.test('by keyboard alone: what is less likely opens', async () => {
    const more = page.locator('.explained details summary').first();
    await more.focus();
    await workbench.press('Enter');
    await eventuallyEquals('the list is open', () => page.locator('.explained details[open]').count(), 1);
  });

  await editor.test('four themes, and axe-core in each', async () => {
    for (const kind of themes) {
      await useTheme(workbench, kind);
      await eventually(`the page has the theme ${kind}`, async () =>
        bodyClass[kind].test((await page.locator('body').getAttribute('class')) ?? ''),
      );
      await workbench.screenshot(`explain-${kind}`);
      await checkAccessibility(`a suggestion explained, ${kind}`, await frameOf(page.locator('main')));
    }
  });

  await editor.test('hidden and shown again it is whole; several lines, from the menu', async () => {
    await workbench.command('View: Close Editor');
    await workbench.discard();
    sandbox.write('days.ts', corpusUpTo('days.ts', 'switch (day) {'));
    await workbench.open('days.ts');
    await workbench.type(' ');
    await workbench.press('Backspace');
    await workbench.command(commands.completeHere);
    const ghost = await workbench.waitForGhostText();
    await workbench.command('Chainrule: Show Menu');
    await workbench.pick('Explain the Present Suggestion');
    await view.waitForHeadline(/bits in all/);
    const text = (await suggestion()) ?? '';
    assert.ok(text.includes(ghost.trim().split('\n')[0] ?? ''), `${JSON.stringify(text)} for ${JSON.stringify(ghost)}`);
    await workbench.command('View: Toggle Maximize Editor Group');
    await workbench.command('View: Toggle Maximize Editor Group');
    await eventuallyEquals('it is whole', suggestion, text);
  });
});
