// Whether a page can be used by who does not see it, or not all colors, or uses no mouse, as far as axe-core can tell. Its source goes in
// through the browser's debugger, since the policy of a webview's page lets no other script in.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Frame, Locator, Page } from 'playwright-core';
import { root } from './installation.ts';

/** What axe-core tells, as far as it is read here. */
interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly help: string;
  readonly nodes: readonly {
    readonly target: readonly unknown[];
    readonly html: string;
    readonly failureSummary?: string;
  }[];
}

/** The law of many countries, and what axe-core holds for good practice besides. */
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const shownNodes = 5;
const shownHtml = 160;

/** @throws AssertionError that lists what is wrong, and where. `what` names the page and its state. */
export async function checkAccessibility(what: string, page: Page | Frame): Promise<void> {
  const source = readFileSync(path.join(root, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');
  const isThere = await page.evaluate<boolean>('globalThis.axe !== undefined');
  if (!isThere) await page.evaluate(`${source};0`);
  const violations = await page.evaluate<Violation[]>(
    `axe.run(document, { runOnly: ${JSON.stringify(rules)}, resultTypes: ['violations'] }).then(({ violations }) => violations)`,
  );
  assert.equal(violations.map(described).join('\n'), '', `${what}: axe-core finds ${violations.length} violations`);
}

/** The frame that an element of a webview's page is in. */
export async function frameOf(element: Locator): Promise<Frame> {
  const handle = await element.elementHandle();
  return (await handle?.ownerFrame()) ?? assert.fail('the element is in no frame');
}

function described({ id, impact, help, nodes }: Violation): string {
  const places = nodes.slice(0, shownNodes).map(({ target, html, failureSummary = '' }) => {
    const summary = failureSummary.replaceAll(/\s+/g, ' ');
    return `    ${target.join(' ')}: ${html.slice(0, shownHtml)}\n      ${summary}`;
  });
  const more = nodes.length > shownNodes ? [`    and ${nodes.length - shownNodes} more`] : [];
  return [`  ${id} (${impact}): ${help}`, ...places, ...more].join('\n');
}
