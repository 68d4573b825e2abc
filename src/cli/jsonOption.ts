// Options that are JSON objects.
import { readFile } from 'node:fs/promises';
import { messageOf, UserError } from '../base/errors.ts';

/** `text` is the JSON, or the name of a file that holds it. */
export async function jsonOption(name: string, text: string): Promise<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(text.trimStart().startsWith('{') ? text : await readFile(text, 'utf8'));
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return { ...json };
    throw new Error('it is no object');
  } catch (error) {
    throw new UserError(`--${name}: expected a JSON object or a file with one, got ${text}: ${messageOf(error)}`);
  }
}
