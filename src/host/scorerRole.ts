// The scorer role: tells how likely texts and images are under models. Each subject has its receivers in a file of its own; here they
// are put together.
import { messageOf } from '../base/errors.ts';
import { readModelFolder } from '../formats/modelFolder.ts';
import { readConfig } from '../models/registry.ts';
import { type FromScorer, readToScorer, scorerProtocolVersion, type ToScorer } from '../protocol/scorerMessages.ts';
import { documentScoring } from './documentScoring.ts';
import { imageScoring } from './imageScoring.ts';
import { ScoringDesk } from './scoringDesk.ts';
import { textScoring } from './textScoring.ts';
import type { Wire } from './wire.ts';
import { workspaceScoring } from './workspaceScoring.ts';

type Message<Kind extends ToScorer['kind']> = Extract<ToScorer, { kind: Kind }>;
/** The receivers of a subject: one for each of its rows. */
export type Receivers<Kind extends ToScorer['kind']> = { readonly [K in Kind]: (message: Message<K>) => void };

export function startScorerRole(wire: Wire<FromScorer>, deps: ConstructorParameters<typeof ScoringDesk>[1]): void {
  const desk = new ScoringDesk(wire, deps);
  const receivers: Receivers<ToScorer['kind']> = {
    hello: () => desk.send({ kind: 'ready', protocolVersion: scorerProtocolVersion, pid: process.pid }),
    configure: ({ threads, logLevel, storagePath }) => {
      desk.shelf.threads = threads;
      desk.logLevel = logLevel;
      desk.storagePath = storagePath;
    },
    describeModel: ({ request, modelPath }) => desk.take(request, () => describe(desk, request, modelPath)),
    cancel: ({ request }) => desk.cancel(request),
    shutdown: () => wire.exit(0),
    ...imageScoring(desk),
    ...workspaceScoring(desk),
    ...documentScoring(desk),
    ...textScoring(desk),
  };
  wire.onMessage((value) => {
    let message: ToScorer;
    try {
      message = readToScorer(value);
    } catch (error) {
      desk.log('error', messageOf(error));
      return;
    }
    // The row of its own kind takes the message; TypeScript cannot tie the two.
    receivers[message.kind](message as never);
  });
}

async function describe(desk: ScoringDesk, request: number, modelPath: string): Promise<void> {
  const { description, codec } = await readModelFolder(modelPath, { verify: false, readConfig });
  const { width, height, channels } = codec.kind === 'image' ? codec : { width: 0, height: 0, channels: 0 };
  desk.send({
    kind: 'model',
    request,
    signal: codec.kind === 'image' ? 'image' : 'text',
    architecture: description.architecture,
    contextLength: description.contextLength,
    vocabularySize: codec.vocabulary.size,
    ...{ width, height, channels },
  });
}
