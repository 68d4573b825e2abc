// What the wires share: a table with one row per message, its name and the reader that checks its fields where it enters; the
// types follow from the rows. Every text and list is bounded.
import { type JsonObject, type JsonPlace, jsonObject, mismatch, objectAt, stringAt } from '../base/json.ts';

export type MessageTable = Record<string, (message: JsonObject) => object>;

export type MessageOf<T extends MessageTable> = {
  [K in keyof T & string]: Readonly<ReturnType<T[K]>> & { readonly kind: K };
}[keyof T & string];

/** @throws UserError naming the field, when the value is no message of the table. */
export function readMessage<T extends MessageTable>(table: T, value: unknown, origin: string): MessageOf<T> {
  const message = jsonObject(value, origin);
  const kind = message.oneOf('kind', Object.keys(table));
  const fields = table[kind]!(message);
  message.rejectUnknownKeys();
  // The row of this very name made them; TypeScript cannot tie the two.
  return { kind, ...fields } as MessageOf<T>;
}

export function countOf(message: JsonObject, name: string): number {
  return message.integer(name, { min: 0 });
}

export function textOf(message: JsonObject, name: string, maxLength: number): string {
  const value = message.string(name);
  if (value.length > maxLength) throw message.problem(name, `at most ${maxLength} characters`);
  return value;
}

export function listOf<T>(
  message: JsonObject,
  name: string,
  maxLength: number,
  read: (item: unknown, place: JsonPlace) => T,
): T[] {
  const list = message.raw(name);
  if (Array.isArray(list) && list.length > maxLength) throw message.problem(name, `at most ${maxLength} of them`);
  return message.list(name, read);
}

/** A list of objects without fields that nobody knows. */
export function rowsOf<T>(message: JsonObject, name: string, maxLength: number, read: (row: JsonObject) => T): T[] {
  return listOf(message, name, maxLength, (item, place) => {
    const row = objectAt(item, place);
    const value = read(row);
    row.rejectUnknownKeys();
    return value;
  });
}

export function textsOf(message: JsonObject, name: string, maxTexts: number, maxLength: number): string[] {
  return listOf(message, name, maxTexts, (item, place) => {
    const value = stringAt(item, place);
    if (value.length > maxLength) throw mismatch(place, `at most ${maxLength} characters`, value);
    return value;
  });
}

/** Characters of a PNG in base64. */
export const maxPngLength = 4 * 2 ** 20;

/** A PNG in base64, which is how a page shows it. */
export function pngOf(message: JsonObject, name: string): string {
  const { path } = message.place;
  return pngAt(message.raw(name), { ...message.place, path: path === '' ? name : `${path}.${name}` });
}

export function pngsOf(message: JsonObject, name: string, maxImages: number): string[] {
  return listOf(message, name, maxImages, pngAt);
}

function pngAt(value: unknown, place: JsonPlace): string {
  const isPng = typeof value === 'string' && value.length <= maxPngLength && /^iVBORw0KGgo[\w+/]*={0,2}$/.test(value);
  if (!isPng) throw mismatch(place, `a PNG in base64 of at most ${maxPngLength} characters`, value);
  return value;
}
