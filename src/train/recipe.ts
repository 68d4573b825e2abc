// From an architecture's name and a few wishes to what a run needs: the terminal and the editor train by the same defaults.
import { UserError } from '../base/errors.ts';
import type { Vocabulary } from '../base/model.ts';
import { type AnyArchitecture, architectureNamed } from '../models/registry.ts';

export interface Recipe {
  readonly architecture: AnyArchitecture;
  readonly config: unknown;
  /** Symbols in a row. */
  readonly time: number;
}

const longestDefaultRow = 512;

/** @throws UserError when the name, the configuration or the length of a row does not fit. */
export function recipe(
  name: string,
  wishes: Readonly<Record<string, unknown>>,
  codec: { readonly vocabulary: Vocabulary },
  time: number | undefined,
): Recipe {
  const architecture = architectureNamed(name);
  if (architecture.consumes !== 'text') {
    throw new UserError(`${name} learns from ${architecture.consumes}s, not from text; choose another architecture`);
  }
  const wished = architecture.parseConfig({ ...architecture.defaultConfig, ...wishes });
  const config = architecture.withVocabulary(wished, codec.vocabulary);
  const contextLength = architecture.contextLength(config);
  if (time !== undefined && time > contextLength) {
    throw new UserError(`time: expected at most the model's context of ${contextLength} symbols, got ${time}`);
  }
  return { architecture, config, time: time ?? Math.min(longestDefaultRow, contextLength) };
}
