// What a forked process may be. The shell names the role as the first argument.
import { systemClock } from '../base/clock.ts';
import type { HostRole } from '../protocol/hostMessages.ts';
import { startEngineRole } from './engineRole.ts';
import { loadEngine } from './loadEngine.ts';
import type { Wire } from './wire.ts';

export const roles: Readonly<Record<HostRole, (wire: Wire) => void>> = {
  engine: (wire) => startEngineRole(wire, { loadEngine, clock: systemClock }),
};
