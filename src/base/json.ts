// Typed readers for JSON from outside. Every error is a UserError that names the file, the path of the field, what was
// expected, what came, and the remedy the caller gave: `model.json: state[0].axis: expected an integer >= 0, got "x"`.
import { messageOf, UserError } from './errors.ts';

export interface Range {
  readonly min?: number;
  readonly max?: number;
}

/** Where a value stands: `path` is '' for the whole document; `remedy` is added to every message. */
export interface JsonPlace {
  readonly file: string;
  readonly path: string;
  readonly remedy: string;
}

/** @throws UserError when the text is no JSON. */
export function parseJson(text: string, file: string, remedy = ''): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(withRemedy(`${file}: expected JSON, got a syntax error: ${messageOf(error)}`, remedy));
  }
}

/** A reader over the fields of an object. @throws UserError when the value is none. */
export function jsonObject(value: unknown, file: string, remedy = ''): JsonObject {
  return objectAt(value, { file, path: '', remedy });
}

export class JsonObject {
  readonly place: JsonPlace;
  #fields: Record<string, unknown>;
  #read = new Set<string>();

  constructor(fields: Record<string, unknown>, place: JsonPlace) {
    this.#fields = fields;
    this.place = place;
  }

  keys(): string[] {
    return Object.keys(this.#fields);
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#fields, name);
  }

  /** The field as it is; undefined when it is missing. */
  raw(name: string): unknown {
    this.#read.add(name);
    return this.has(name) ? this.#fields[name] : undefined;
  }

  integer(name: string, range: Range = {}): number {
    return integerAt(this.raw(name), this.at(name), range);
  }

  number(name: string, range: Range = {}): number {
    return numberAt(this.raw(name), this.at(name), range);
  }

  string(name: string): string {
    return stringAt(this.raw(name), this.at(name));
  }

  boolean(name: string): boolean {
    const value = this.raw(name);
    if (typeof value !== 'boolean') throw mismatch(this.at(name), 'true or false', value);
    return value;
  }

  oneOf<const T extends string | number>(name: string, choices: readonly T[]): T {
    const value = this.raw(name);
    const found = choices.find((choice) => choice === value);
    if (found === undefined) {
      throw mismatch(this.at(name), describeChoices(choices), value);
    }
    return found;
  }

  object(name: string): JsonObject {
    return objectAt(this.raw(name), this.at(name));
  }

  /** The object as it is, fields unread. */
  record(name: string): Record<string, unknown> {
    return recordAt(this.raw(name), this.at(name));
  }

  /** Every item goes through `read`, which is told the item's place. */
  list<T>(name: string, read: (item: unknown, place: JsonPlace) => T): T[] {
    return listAt(this.raw(name), this.at(name), read);
  }

  strings(name: string): string[] {
    return this.list(name, stringAt);
  }

  integers(name: string, range: Range = {}): number[] {
    return this.list(name, (item, place) => integerAt(item, place, range));
  }

  /** `optional('axis', (name) => reader.integer(name))`: undefined when the field is missing. */
  optional<T>(name: string, read: (name: string) => T): T | undefined {
    return this.has(name) ? read(name) : undefined;
  }

  /** Null is a value of its own here. */
  nullable<T>(name: string, read: (name: string) => T): T | null {
    return this.raw(name) === null ? null : read(name);
  }

  /** The fields that nobody asked for so far. */
  unknownKeys(): string[] {
    return this.keys().filter((name) => !this.#read.has(name));
  }

  /** @throws UserError when a field is left that nobody asked for: a misspelled option must not be passed over. */
  rejectUnknownKeys(): void {
    const [first] = this.unknownKeys();
    if (first !== undefined) {
      throw mismatch(
        this.at(first),
        `no such field (known: ${[...this.#read].sort().join(', ')})`,
        this.#fields[first],
      );
    }
  }

  /** The error to throw when a field is well formed and still wrong. */
  problem(name: string, expected: string): UserError {
    return mismatch(this.at(name), expected, this.raw(name));
  }

  private at(name: string): JsonPlace {
    return { ...this.place, path: this.place.path === '' ? name : `${this.place.path}.${name}` };
  }
}

export function objectAt(value: unknown, place: JsonPlace): JsonObject {
  return new JsonObject(recordAt(value, place), place);
}

export function listAt<T>(value: unknown, place: JsonPlace, read: (item: unknown, place: JsonPlace) => T): T[] {
  if (!Array.isArray(value)) throw mismatch(place, 'a list', value);
  return value.map((item: unknown, i) => read(item, { ...place, path: `${place.path}[${i}]` }));
}

export function stringAt(value: unknown, place: JsonPlace): string {
  if (typeof value !== 'string') throw mismatch(place, 'a string', value);
  return value;
}

export function integerAt(value: unknown, place: JsonPlace, range: Range = {}): number {
  if (!Number.isSafeInteger(value) || !inRange(value as number, range)) {
    throw mismatch(place, `an integer${describeRange(range)}`, value);
  }
  return value as number;
}

export function numberAt(value: unknown, place: JsonPlace, range: Range = {}): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || !inRange(value, range)) {
    throw mismatch(place, `a number${describeRange(range)}`, value);
  }
  return value;
}

export function mismatch(place: JsonPlace, expected: string, got: unknown): UserError {
  const where = place.path === '' ? place.file : `${place.file}: ${place.path}`;
  return new UserError(withRemedy(`${where}: expected ${expected}, got ${describeValue(got)}`, place.remedy));
}

/** A value as short text for a message; never longer than some 80 characters. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** All of a few; of many the first, and how many there are. */
function describeChoices(choices: readonly (string | number)[]): string {
  const texts = choices.map((choice) => JSON.stringify(choice));
  let listed = texts.slice(0, 1).join('');
  for (const text of texts.slice(1)) {
    if (listed.length + text.length > 200) return `one of the ${choices.length} that begin with ${listed}`;
    listed += `, ${text}`;
  }
  return choices.length === 1 ? listed : `one of ${listed}`;
}

function recordAt(value: unknown, place: JsonPlace): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw mismatch(place, 'an object', value);
  return value as Record<string, unknown>;
}

function inRange(value: number, { min = -Infinity, max = Infinity }: Range): boolean {
  return value >= min && value <= max;
}

function describeRange({ min, max }: Range): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` >= ${min}`;
  return max === undefined ? '' : ` <= ${max}`;
}

function withRemedy(message: string, remedy: string): string {
  return remedy === '' ? message : `${message}; ${remedy}`;
}
