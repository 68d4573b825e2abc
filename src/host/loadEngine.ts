// The engine behind the role: a model folder, the runtime and the completer.
import path from 'node:path';
import { Completer, defaultCompleterOptions } from '../completion/completer.ts';
import { loadTextModel } from '../engine/loadModel.ts';
import { readConfig } from '../models/registry.ts';
import type { Runtime } from '../runtime/session.ts';
import type { CompletionQuestion, LoadEngine } from './engineRole.ts';

/**
 * Between two keystrokes the engine's threads sleep: with the library's own time they would burn their cores a good while after
 * every step. This bridges the moment between two steps of one suggestion, as it does in training.
 */
const spinMicroseconds = 200;

/** How long a run of many symbols should take where it leaves the thread free and can be ended early. */
const backgroundChunkMs = 100;

export function engineLoader(openRuntime: () => Promise<Runtime>): LoadEngine {
  return async ({ modelPath, threads }, log) => {
    const runtime = await openRuntime();
    const textModel = await loadTextModel(modelPath, { runtime, threads, spinMicroseconds, verify: true, readConfig });
    const { sequences } = defaultCompleterOptions;
    const pace = runtime.background ? { chunkMs: backgroundChunkMs } : {};
    const completer = new Completer(textModel, { sequences: { ...sequences, ...pace } });
    const { architecture, vocabularySize } = textModel.description;
    log('info', `${runtime.name} ${runtime.version}, ${threads} threads`);
    return {
      title: `${path.basename(modelPath)} (${architecture}, ${vocabularySize} symbols)`,
      async complete(question, signal) {
        const result = await completer.complete(requestOf(question), signal);
        if (result.kind === 'nothing') return { nothing: result.reason };
        const { prefillMs, decodeMs, reusedSymbols, logProbNats, symbols } = result;
        log(
          'trace',
          `${symbols} symbols at ${logProbNats.toFixed(2)} nats; prefill ${prefillMs.toFixed(1)} ms ` +
            `(${reusedSymbols} symbols reused), decoding ${decodeMs.toFixed(1)} ms`,
        );
        return { texts: [result.text, ...result.alternatives], numSymbols: symbols };
      },
      lookAhead: (question, shown, signal) => completer.lookAhead(requestOf(question), shown, signal),
      prepare: (place, signal) => completer.prepare({ ...place, ...sidesOf(place) }, signal),
      dispose() {
        completer.dispose();
        textModel.dispose();
      },
    };
  };
}

function requestOf({ document, text, offset, timeMs, ...question }: CompletionQuestion) {
  return { ...question, ...sidesOf({ text, offset }), document: String(document), deadlineMs: timeMs };
}

function sidesOf({ text, offset }: { readonly text: string; readonly offset: number }) {
  return { before: text.slice(0, offset), after: text.slice(offset) };
}
