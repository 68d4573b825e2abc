// Every architecture that can be trained or exported. Adding a family is one file beside this one and one line here.
import { UserError } from '../base/errors.ts';
import type { Architecture } from './architecture.ts';
import { charRnn } from './charRnn.ts';
import { gpt } from './gpt.ts';
import { pixelCnn } from './pixelCnn.ts';

/** An architecture whose configuration only it understands: `parseConfig` makes one, the other methods take it back. */
export type AnyArchitecture = Architecture<unknown>;

export const architectures: ReadonlyMap<string, AnyArchitecture> = new Map(
  [gpt, charRnn, pixelCnn].map((family) => [family.name, family]),
);

export function architectureNamed(name: string): AnyArchitecture {
  const architecture = architectures.get(name);
  if (architecture) return architecture;
  throw new UserError(
    `architecture: expected one of ${[...architectures.keys()].join(', ')}, got ${JSON.stringify(name)}; ` +
      'take one of these, or update the extension when a newer one made the model',
  );
}

/** Of any model folder: what its configuration comes to. @throws UserError naming field, value and remedy. */
export function readConfig(name: string, json: unknown): ConfigMeaning {
  const architecture = architectureNamed(name);
  const config = architecture.parseConfig(json);
  return {
    vocabularySize: architecture.vocabularySize(config),
    contextLength: architecture.contextLength(config),
    startSymbol: architecture.startSymbol?.(config),
  };
}

interface ConfigMeaning {
  readonly vocabularySize: number;
  /** Infinity for a recurrent model. */
  readonly contextLength: number;
  /** Undefined where any will do. */
  readonly startSymbol: number | undefined;
}
