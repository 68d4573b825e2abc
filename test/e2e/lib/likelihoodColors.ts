// The colors of likelihoods in text editors, and the status item of them, as the page shows them.
import type { Locator } from 'playwright-core';
import { eventually } from './eventually.ts';
import type { Workbench } from './workbench.ts';

const colored = '.view-overlays .cdr[class*="ced-"]';

/** The ways in which text is colored now: background and line, as the page computed them. `within`: of these editors alone. */
export function colorings(workbench: Workbench, within = ''): Promise<string[]> {
  const read = `[...document.querySelectorAll(${JSON.stringify(`${within} ${colored}`)})].map((element) => {
    const { backgroundColor, borderBottomStyle, borderBottomWidth } = getComputedStyle(element);
    return backgroundColor + ' ' + borderBottomStyle + ' ' + borderBottomWidth;
  })`;
  return workbench.page.evaluate<string[]>(read);
}

export async function kindsOf(workbench: Workbench, within = ''): Promise<number> {
  return new Set(await colorings(workbench, within)).size;
}

export function statusItem(workbench: Workbench, id: string): Locator {
  return workbench.page.locator(`.statusbar-item[id$="${id}"]`);
}

/** Waits until the status item tells the bits of the whole, and returns what it tells. */
export function measured(workbench: Workbench): Promise<string> {
  const figure = statusItem(workbench, 'chainrule.likelihood').locator('a').first();
  return eventually(
    'the whole is measured',
    async () => {
      const label = (await figure.getAttribute('aria-label', { timeout: 1000 })) ?? '';
      if (!/bits per byte: /.test(label)) throw new Error(`it says ${JSON.stringify(label)}`);
      return label;
    },
    { timeoutMs: 60_000 },
  );
}
