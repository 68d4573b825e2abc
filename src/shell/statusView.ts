// What the status bar item says, as a function of what is the case.
import type { EngineStatus } from './engineClient.ts';

export interface StatusFacts {
  readonly engine: EngineStatus;
  readonly thinking: boolean;
  /** Why completions are off in the active editor; undefined when they are on. */
  readonly off: string | undefined;
}

export interface StatusView {
  readonly text: string;
  readonly tooltip: string;
  /** For screen readers, which read no icons. */
  readonly label: string;
}

export function statusView(facts: StatusFacts): StatusView {
  const [icon, state] = describe(facts);
  return { text: `$(${icon}) Chainrule`, tooltip: `Chainrule: ${state}`, label: `Chainrule: ${state}` };
}

function describe({ engine, thinking, off }: StatusFacts): [icon: string, state: string] {
  if (engine.state === 'failed') return ['warning', `failed: ${engine.detail}`];
  if (off !== undefined) return ['circle-slash', `off here: ${off}`];
  switch (engine.state) {
    case 'stopped':
      return ['link', 'starts when needed'];
    case 'starting':
      return ['loading~spin', 'starting'];
    case 'waiting':
      return ['warning', 'the engine stopped and will start again'];
    case 'loading':
      return ['loading~spin', 'loading the model'];
    case 'ready':
      return thinking ? ['loading~spin', 'thinking'] : ['link', `ready: ${engine.detail}`];
  }
}
