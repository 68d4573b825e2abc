// A process forked by the extension: below normal priority from its first statement on, in one of the roles, and gone when
// its parent is gone. `session.run` blocks its thread; that is why this is a process of its own.
import './host/lowerPriority.ts';
import { runtimeChoice } from './base/runtimeChoice.ts';
import { endOnCrash } from './host/crashes.ts';
import { roles } from './host/roles.ts';
import { parentWire } from './host/wire.ts';

const [, , name = '', choice] = process.argv;
const start = Object.entries(roles).find(([role]) => role === name)?.[1];
if (process.send === undefined || start === undefined) {
  process.stderr.write(
    `host: expected to be forked with a role (${Object.keys(roles).join(', ')}), got ${name || 'none'}\n`,
  );
  process.exit(2);
}
endOnCrash(parentWire());
start(runtimeChoice(choice) ?? 'auto');
