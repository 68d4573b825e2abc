// Reads the fields of a model's configuration. Every refusal names the field, what came and what would do.
import { UserError } from '../base/errors.ts';

export interface Limits {
  readonly least: number;
  readonly most: number;
}

export class ConfigReader {
  readonly #where: string;
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #read = new Set<string>();

  constructor(where: string, json: unknown) {
    if (typeof json !== 'object' || json === null || Array.isArray(json))
      throw new UserError(`${where}: expected an object, got ${JSON.stringify(json)}`);
    this.#where = where;
    this.#fields = json as Record<string, unknown>;
  }

  wholeNumber(field: string, { least, most }: Limits): number {
    const value = this.#field(field);
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    throw this.refusal(field, `a whole number from ${least} to ${most}`);
  }

  number(field: string, { least, most }: Limits): number {
    const value = this.#field(field);
    if (typeof value === 'number' && value >= least && value <= most) return value;
    throw this.refusal(field, `a number from ${least} to ${most}`);
  }

  oneOf<const T extends string | number>(field: string, choices: readonly T[]): T {
    const value = this.#field(field);
    const found = choices.find((choice) => choice === value);
    if (found !== undefined) return found;
    throw this.refusal(field, `one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`);
  }

  /** The error for a field that does not fit; `remedy` says how the person can repair it. */
  refusal(field: string, expected: string, remedy = `set ${field} to that`): UserError {
    const value = this.#fields[field];
    const got = value === undefined ? 'nothing' : JSON.stringify(value);
    return new UserError(`${this.#where}: ${field}: expected ${expected}, got ${got}; ${remedy}`);
  }

  /** @throws UserError for a field that was never read, most likely misspelt. */
  finish(): void {
    const unknown = Object.keys(this.#fields).find((field) => !this.#read.has(field));
    if (unknown === undefined) return;
    throw new UserError(
      `${this.#where}: ${unknown}: expected only ${[...this.#read].join(', ')}, got this field as well; remove it`,
    );
  }

  #field(field: string): unknown {
    this.#read.add(field);
    return this.#fields[field];
  }
}
