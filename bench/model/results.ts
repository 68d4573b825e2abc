// What was measured, kept as it comes: a line of JSON for each result, appended, so that an evaluation that was interrupted at any moment
// goes on where it was. A line that was cut short is passed over.
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export class Results {
  readonly #file: string;
  readonly #known = new Map<string, unknown>();

  constructor(file: string) {
    this.#file = file;
    mkdirSync(path.dirname(file), { recursive: true });
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    for (const line of text.split('\n')) {
      try {
        const { key, value } = JSON.parse(line) as { key: string; value: unknown };
        this.#known.set(key, value);
      } catch {
        // Nothing, or half a line.
      }
    }
    // What is appended must not continue half a line.
    if (text !== '' && !text.endsWith('\n')) appendFileSync(file, '\n');
  }

  /** `settings`: all that the result depends on beside the model. */
  async of<T>(settings: readonly unknown[], measure: () => Promise<T>): Promise<T> {
    const key = hashOf(JSON.stringify(settings));
    if (this.#known.has(key)) return this.#known.get(key) as T;
    const value = await measure();
    this.#known.set(key, value);
    appendFileSync(this.#file, `${JSON.stringify({ key, value })}\n`);
    return value;
  }
}

export function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 24);
}
