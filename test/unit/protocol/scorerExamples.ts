// An example of every message of the scorer's wire, subject by subject.
import type { FromScorer, ToScorer } from '../../../src/protocol/scorerMessages.ts';

export const toScorer: ToScorer[] = [
  { kind: 'hello', protocolVersion: 1 },
  { kind: 'configure', threads: 2, logLevel: 'info', storagePath: '/storage' },
  { kind: 'describeModel', request: 1, modelPath: '/models/a' },
  { kind: 'cancel', request: 1 },
  { kind: 'shutdown' },
];

export const fromScorer: FromScorer[] = [
  { kind: 'ready', protocolVersion: 1, pid: 42 },
  {
    ...{ kind: 'model', request: 1, signal: 'image', architecture: 'pixelCnn', contextLength: 784 },
    ...{ vocabularySize: 257, width: 28, height: 28, channels: 1 },
  },
  {
    ...{ kind: 'model', request: 1, signal: 'text', architecture: 'charRnn', contextLength: null },
    ...{ vocabularySize: 96, width: 0, height: 0, channels: 0 },
  },
  { kind: 'log', level: 'info', text: 'hello' },
  { kind: 'failed', request: 1, cancelled: false, reason: 'choose another' },
];
