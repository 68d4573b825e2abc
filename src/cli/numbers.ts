// Options that are numbers. A wrong one is refused with the option's name, what it takes and what came.
import { UserError } from '../base/errors.ts';

export type OptionValues = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

export interface NumberRange {
  readonly least: number;
  readonly most: number;
}

/** Undefined when the option was not given. */
export function numberOption(values: OptionValues, name: string, { least, most }: NumberRange): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const value = typeof text === 'string' && text.trim() !== '' ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UserError(`--${name}: expected a number from ${least} to ${most}, got ${String(text)}`);
}

export function countOption(values: OptionValues, name: string, range: NumberRange): number | undefined {
  const value = numberOption(values, name, range);
  if (value === undefined || Number.isInteger(value)) return value;
  throw new UserError(`--${name}: expected a whole number from ${range.least} to ${range.most}, got ${value}`);
}
