// The extension's webviews as a person uses them: what they say, what is pressed there.
import type { FrameLocator, Locator } from 'playwright-core';
import { eventually, type Patience } from './eventually.ts';
import type { Workbench } from './workbench.ts';

/** The page of the webview that is shown. */
function shownPage({ page }: Workbench): FrameLocator {
  return page.frameLocator('iframe.webview.ready:visible').frameLocator('iframe#active-frame');
}

async function textOf(place: Locator): Promise<string> {
  return (await place.textContent({ timeout: 1000 })) ?? '';
}

export class View {
  readonly #page: FrameLocator;

  constructor(workbench: Workbench) {
    this.#page = shownPage(workbench);
  }

  get root(): Locator {
    return this.#page.locator('main');
  }

  locator(selector: string): Locator {
    return this.#page.locator(selector);
  }

  title(): Promise<string> {
    return textOf(this.#page.locator('h1'));
  }

  /** The sentence that screen readers are told. */
  headline(): Promise<string> {
    return textOf(this.#page.locator('.headline'));
  }

  waitForHeadline(wanted: RegExp, patience: Patience = {}): Promise<string> {
    const said = async () => {
      const headline = await this.headline();
      if (!wanted.test(headline)) throw new Error(`it says ${JSON.stringify(headline)}`);
      return headline;
    };
    return eventually(`the view says ${wanted}`, said, patience);
  }

  /** Rows of label and value. */
  async facts(): Promise<Record<string, string>> {
    const labels = await this.#page.locator('.fact dt').allInnerTexts();
    const values = await this.#page.locator('.fact dd').allInnerTexts();
    return Object.fromEntries(labels.map((label, i) => [label, values[i] ?? '']));
  }

  async press(button: string): Promise<void> {
    await this.#page.getByRole('button', { name: button, exact: true }).click();
  }

  async choose(label: string): Promise<void> {
    await this.#page.getByLabel(label, { exact: true }).check();
  }

  async select(label: string, option: string): Promise<void> {
    await this.#page.getByLabel(label, { exact: true }).selectOption({ label: option });
  }

  numImages(): Promise<number> {
    return this.#page.locator('img').count();
  }

  text(): Promise<string> {
    return textOf(this.root);
  }
}
