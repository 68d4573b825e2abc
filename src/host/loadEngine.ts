// The engine behind the role: a model folder, the runtime and the completer.
import path from 'node:path';
import { Completer } from '../completion/completer.ts';
import { loadTextModel } from '../engine/loadModel.ts';
import { readConfig } from '../models/registry.ts';
import type { Runtime } from '../runtime/session.ts';
import type { LoadEngine } from './engineRole.ts';

/**
 * Between two keystrokes the engine's threads sleep: with the library's own time they would burn their cores a good while after
 * every step. This bridges the moment between two steps of one suggestion, as it does in training.
 */
const spinMicroseconds = 200;

export function engineLoader(openRuntime: () => Promise<Runtime>): LoadEngine {
  return async ({ modelPath, threads, weights }, log) => {
    const runtime = await openRuntime();
    const textModel = await loadTextModel(modelPath, {
      ...{ runtime, threads, spinMicroseconds, verify: true, readConfig },
      variant: weights === 'auto' ? 'fastest' : weights,
      missingVariant: 'fp32',
    });
    const completer = new Completer(textModel);
    const { architecture, vocabularySize } = textModel.description;
    const { decode, prefill } = textModel.weights;
    log('info', `${runtime.name} ${runtime.version}, ${threads} threads, weights ${decode}, to read with ${prefill}`);
    return {
      title: `${path.basename(modelPath)} (${architecture}, ${vocabularySize} symbols)`,
      async complete({ document, text, offset, timeMs, ...question }, signal) {
        const [before, after] = [text.slice(0, offset), text.slice(offset)];
        const request = { ...question, document: String(document), before, after, deadlineMs: timeMs };
        const result = await completer.complete(request, signal);
        if (result.kind === 'nothing') return { nothing: result.reason };
        const { prefillMs, decodeMs, reusedSymbols, logProbNats, symbols } = result;
        log(
          'trace',
          `${symbols} symbols at ${logProbNats.toFixed(2)} nats; prefill ${prefillMs.toFixed(1)} ms ` +
            `(${reusedSymbols} symbols reused), decoding ${decodeMs.toFixed(1)} ms`,
        );
        return { texts: [result.text, ...result.alternatives], numSymbols: symbols };
      },
      dispose() {
        completer.dispose();
        textModel.dispose();
      },
    };
  };
}
