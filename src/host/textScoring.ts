// How likely a whole text is under a model, token by token, for the likelihood view: in pieces as they come, from memory where the same text
// met the same model before; what common compressors make of it; and the proof that the bits are true, by arithmetic coding.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import { messageOf, throwIfCancelled, UserError } from '../base/errors.ts';
import { utf8 } from '../codecs/text.ts';
import type { TextModel } from '../engine/loadModel.ts';
import { gzipBaseline } from '../likelihood/baselines.ts';
import { surprisalPieces } from '../likelihood/bits.ts';
import { proveCompression } from '../likelihood/compressionProof.ts';
import { symbolSpans } from '../likelihood/spans.ts';
import { pieceLength } from '../protocol/numberArrays.ts';
import type { ToScorer } from '../protocol/scorerMessages.ts';
import { textScoringLimits } from '../protocol/textScoringMessages.ts';
import { recallScores, rememberScores, type TextScores } from './scoreCache.ts';
import type { Receivers } from './scorerRole.ts';
import type { ScoringDesk } from './scoringDesk.ts';

/** UTF-16 units of texts that are kept, the last one whatever its length. */
const mostKept = 2 * textScoringLimits.textLength;
/** So often the progress is told at most. */
const tellEveryMs = 100;
const proofParts = 1000;

export function textScoring(desk: ScoringDesk): Receivers<'textPart' | 'scoreText' | 'compressText' | 'proveText'> {
  const texts = new SentTexts();
  return {
    textPart: (part) => texts.add(part),
    scoreText: ({ request, textId, modelPath }) =>
      desk.take(request, async (signal) => score(desk, { request, text: texts.get(textId), modelPath, signal })),
    compressText: ({ request, textId }) => desk.take(request, async () => compress(desk, request, texts.get(textId))),
    proveText: ({ request, textId, modelPath }) =>
      desk.take(request, async (signal) => prove(desk, { request, text: texts.get(textId), modelPath, signal })),
  };
}

type TextPart = Extract<ToScorer, { kind: 'textPart' }>;

/** The texts that were sent last. Several may send the same one at a time: its id is the hash of its content. */
export class SentTexts {
  readonly #texts = new Map<string, { readonly text: string; readonly length: number }>();

  /** What does not go on from what is there is there already, or lacks what came before it. */
  add({ textId, start, length, text: part }: Omit<TextPart, 'kind'>): void {
    const before = this.#texts.get(textId)?.text ?? '';
    this.#texts.delete(textId);
    this.#texts.set(textId, { text: start === before.length ? before + part : before, length });
    let kept = 0;
    for (const [id, { text }] of [...this.#texts].reverse()) {
      kept += text.length;
      if (kept > mostKept && id !== textId) this.#texts.delete(id);
    }
  }

  /** @throws UserError when it was not sent, or put away. */
  get(id: string): string {
    const found = this.#texts.get(id);
    if (found === undefined || found.text.length !== found.length) {
      throw new UserError('the text was not sent in full; score it again');
    }
    return found.text;
  }
}

interface Work {
  readonly request: number;
  readonly text: string;
  readonly modelPath: string;
  readonly signal: AbortSignal;
}

async function score(desk: ScoringDesk, work: Work): Promise<void> {
  const { request, text, modelPath, signal } = work;
  const key = await keyOf(text, modelPath);
  const known = await recallScores(desk.storagePath, key);
  throwIfCancelled(signal);
  if (known !== undefined) {
    sendTokens(desk, request, known, 0, known.bits.length);
    answer(desk, request, known, true);
    return;
  }
  const scores = await desk.shelf.withText(modelPath, (model) => computed(desk, work, model));
  // Before the answer: whoever has it finds it remembered.
  await rememberScores(desk.storagePath, key, scores).catch((error: unknown) =>
    desk.log('warning', `likelihoods could not be remembered: ${messageOf(error)}`),
  );
  answer(desk, request, scores, false);
}

function computed(
  desk: ScoringDesk,
  { request, text, signal }: Work,
  { model, codec }: TextModel,
): Promise<TextScores> {
  return desk.baton.run(
    'asked',
    async (turn) => {
      const { symbols, starts } = symbolSpans(codec, text);
      const total = symbols.length;
      const bits = new Float32Array(total);
      const entropy = new Float32Array(total);
      const rank = new Int32Array(total);
      const numBytes = utf8(text).length;
      const tell = progressTeller(desk, request, total);
      let nats = 0;
      for await (const piece of surprisalPieces(model, symbols, { signal, turn, rank: true, entropy: true })) {
        const { first, surprisal } = piece;
        for (let i = 0; i < surprisal.length; i++) {
          nats += surprisal[i]!;
          bits[first + i] = surprisal[i]! / Math.LN2;
          entropy[first + i] = piece.entropy![i]! / Math.LN2;
        }
        rank.set(piece.rank!, first);
        const scores = { starts, bits, entropy, rank, totalBits: 0, numBytes };
        sendTokens(desk, request, scores, first, first + surprisal.length);
        tell(first + surprisal.length);
      }
      return { starts, bits, entropy, rank, totalBits: nats / Math.LN2, numBytes };
    },
    signal,
  );
}

function sendTokens(desk: ScoringDesk, request: number, scores: TextScores, from: number, end: number): void {
  for (let first = from; first < end; first += pieceLength) {
    const to = Math.min(end, first + pieceLength);
    desk.send({
      kind: 'scoredTokens',
      request,
      total: scores.bits.length,
      first,
      // Copies: a view would be sent with all that its memory holds.
      starts: scores.starts.slice(first, to),
      bits: scores.bits.slice(first, to),
      entropy: scores.entropy.slice(first, to),
      rank: scores.rank.slice(first, to),
    });
  }
}

function answer(desk: ScoringDesk, request: number, scores: TextScores, cached: boolean): void {
  const { bits, totalBits, numBytes } = scores;
  desk.send({ kind: 'scoredText', request, numTokens: bits.length, bits: totalBits, numBytes, cached });
}

/** Changes with the text, and with the model: its description holds the hashes of all its files. */
async function keyOf(text: string, modelPath: string): Promise<string> {
  const description = await readFile(path.join(modelPath, 'model.json')).catch(() => {
    throw new UserError(`${modelPath}: expected a model folder with a model.json, got none; choose another model`);
  });
  const hash = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
  // UTF-16, because spans count in it: a lone surrogate and U+FFFD are the same bytes.
  return `${hash(Buffer.from(text, 'utf16le'))} ${hash(description)}`;
}

async function compress(desk: ScoringDesk, request: number, text: string): Promise<void> {
  const bytes = utf8(text);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  const [gzip, brotli] = await Promise.all([gzipBaseline([bytes]), promisify(brotliCompress)(bytes, { params })]);
  desk.send({
    kind: 'compressedText',
    request,
    numBytes: bytes.length,
    gzipBytes: gzip.bits / 8,
    brotliBytes: brotli.length,
  });
}

async function prove(desk: ScoringDesk, { request, text, modelPath, signal }: Work): Promise<void> {
  const tell = progressTeller(desk, request, proofParts);
  const proof = await desk.shelf.withText(modelPath, (model) =>
    desk.baton.run(
      'asked',
      (turn) =>
        proveCompression(model, utf8(text), {
          signal,
          turn,
          // There and back take as long as each other.
          onProgress: (phase, done, of) =>
            tell(Math.floor((proofParts / 2) * ((phase === 'compress' ? 0 : 1) + (of > 0 ? done / of : 1)))),
        }),
      signal,
    ),
  );
  const { originalBytes, compressedBytes, headerBytes, bits, identical } = proof;
  desk.send({
    kind: 'provedText',
    request,
    numBytes: originalBytes,
    compressedBytes,
    headerBytes,
    bits,
    same: identical,
  });
}

function progressTeller(desk: ScoringDesk, request: number, total: number): (done: number) => void {
  let toldMs = Number.NEGATIVE_INFINITY;
  return (done) => {
    const now = desk.clock.now();
    if (now - toldMs < tellEveryMs) return;
    toldMs = now;
    desk.send({ kind: 'textProgress', request, done: Math.min(total, done), total });
  };
}
