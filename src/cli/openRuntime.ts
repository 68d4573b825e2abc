// The option of every command that computes: which way to ONNX Runtime.
import { UserError } from '../base/errors.ts';
import { runtimeChoice, runtimeChoices } from '../base/runtimeChoice.ts';
import { chooseRuntime } from '../runtime/chooseRuntime.ts';
import type { Runtime } from '../runtime/session.ts';
import type { CommandContext } from './command.ts';
import type { OptionValues } from './numbers.ts';

export const runtimeOption = { runtime: { type: 'string' } } as const;

/** @throws UserError when there is no such choice, or what it forces does not load. */
export function openRuntime(values: OptionValues, context: CommandContext): Promise<Runtime> {
  const choice = runtimeChoice(values['runtime'] ?? 'auto');
  if (choice === undefined) {
    throw new UserError(`--runtime: expected one of ${runtimeChoices.join(', ')}, got ${String(values['runtime'])}`);
  }
  return chooseRuntime({ choice, log: (_, text) => context.log(text) });
}
