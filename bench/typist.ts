// Somebody who types the lines of a text into the editor, and how soon ghost text was there, as ghostWatch.js saw it.
import type { Page } from 'playwright-core';
import { throwIfCancelled } from '../src/base/errors.ts';
import type { TypedLine } from './stops.ts';

/** A fast typist's: some 25 characters a second. */
const typingMs = 40;
const noGhostAfterMs = 1500;

/** What ghostWatch.js tells. */
interface LastKey {
  readonly key: string;
  /** The ghost text when the key went down. */
  readonly before: string;
  readonly shown?: { readonly elapsedMs: number; readonly text: string };
}

export class Typist {
  readonly #page: Page;
  readonly #lines: readonly TypedLine[];
  readonly #signal: AbortSignal;
  #at = 0;

  constructor(page: Page, lines: readonly TypedLine[], signal: AbortSignal) {
    this.#page = page;
    this.#lines = lines;
    this.#signal = signal;
  }

  /** Types at an even pace, whatever is offered. */
  async typeLines(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.#type(`${this.#nextLine().text}\n`, typingMs);
  }

  /**
   * Types line after line and stops where they say: from the last key to ghost text that was asked for. Where it begins with what comes next, that is typed as well: from that key to the ghost text that is left.
   */
  async keystrokes(count: number): Promise<{ asked: number[]; along: number[]; silent: number }> {
    const asked: number[] = [];
    const along: number[] = [];
    let silent = 0;
    for (let stops = 0; asked.length < count; ) {
      const { text: line, stop } = this.#nextLine();
      if (stop === undefined) {
        await this.#type(`${line}\n`);
        continue;
      }
      if (++stops > 4 * count) throw new Error(`editor: of ${stops} stops only ${asked.length} brought ghost text`);
      const first = await this.#typeAndWatch(line.slice(0, stop));
      if (first.shown === undefined) silent += 1;
      else if (first.before === '') asked.push(first.shown.elapsedMs);
      let typed = stop;
      if (first.shown?.text.startsWith(line.charAt(stop)) && first.shown.text.length > 1) {
        const second = await this.#typeAndWatch(line.charAt(stop));
        if (second.shown && first.shown.text.endsWith(second.shown.text)) along.push(second.shown.elapsedMs);
        typed += 1;
      }
      await this.#type(`${line.slice(typed)}\n`);
    }
    return { asked, along, silent };
  }

  async #typeAndWatch(text: string): Promise<LastKey> {
    await this.#type(text);
    return this.#page.evaluate<LastKey>(`ghostWatch.shown(${noGhostAfterMs})`);
  }

  async #type(text: string, delay = 0): Promise<void> {
    throwIfCancelled(this.#signal);
    await this.#page.keyboard.type(text, { delay });
  }

  #nextLine(): TypedLine {
    const line = this.#lines[this.#at % this.#lines.length]!;
    this.#at += 1;
    return line;
  }
}
