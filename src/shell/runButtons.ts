// What can be done with a training, by how it stands: the buttons of its view.
import type { RunMessage, RunState, TrainingAction } from '../protocol/webviewMessages.ts';

/** What can be done about a failure, with what was learnt before. */
export type Remedy = 'nothing' | 'resume' | 'keep';

export interface RunStanding {
  readonly state: RunState;
  readonly eats: 'text' | 'image';
  readonly hasCheckpoint: boolean;
  /** Of one that failed. */
  readonly remedy: Remedy;
}

const button = (action: TrainingAction, label: string, primary = false) => ({ action, label, primary });

export function runButtons({ state, eats, hasCheckpoint, remedy }: RunStanding): RunMessage['buttons'] {
  const log = button('showLog', 'Show Log');
  const discard = button('discard', 'Discard...');
  const resume = button('resume', 'Resume', true);
  const keep = hasCheckpoint ? [button('stop', 'Stop and Keep')] : [];
  switch (state) {
    case 'running':
      return [button('pause', 'Pause'), button('stop', 'Stop and Keep'), log];
    case 'paused':
      return [resume, ...keep, discard, log];
    case 'failed':
      if (remedy === 'nothing') return [log];
      if (remedy === 'resume') return [resume, ...keep, discard, log];
      // Whose loss is no number comes to the same again.
      return [...(hasCheckpoint ? [button('stop', 'Keep the Best So Far', true)] : []), discard, log];
    case 'done': {
      const after = [button('manage', 'Manage Models...'), log];
      return eats === 'text'
        ? [button('use', 'Use for Completions Here', true), button('sample', 'Sample Text...'), ...after]
        : [button('sample', 'Draw Images', true), ...after];
    }
    default:
      return [log];
  }
}
