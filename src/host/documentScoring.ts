// The scorer's receivers for documents that are edited while they are scored: they are opened in pieces, followed by edits, watched, and asked
// about single places.
import { UserError } from '../base/errors.ts';
import type { TextCodec } from '../codecs/text.ts';
import { fromUtf8 } from '../codecs/text.ts';
import { alternativesAt } from '../likelihood/alternatives.ts';
import { continuation } from '../likelihood/continuation.ts';
import { documentLimits } from '../protocol/documentScoringMessages.ts';
import { type Opening, ScoredDocument } from './scoredDocument.ts';
import type { Receivers } from './scorerRole.ts';
import type { ScoringDesk } from './scoringDesk.ts';

type DocumentReceivers = Receivers<
  | 'openDocument'
  | 'documentPiece'
  | 'changeDocument'
  | 'watchDocument'
  | 'closeDocument'
  | 'placeInDocument'
  | 'continueDocument'
>;

/** Of a model without bound so many symbols are read for one place. */
const unboundedContext = 8192;

export function documentScoring(desk: ScoringDesk): DocumentReceivers {
  const documents = new Map<number, ScoredDocument>();
  /** Not all of their text has come. */
  const openings = new Map<number, Opening & { readonly length: number }>();

  const close = (document: number) => {
    openings.delete(document);
    documents.get(document)?.close();
    documents.delete(document);
  };
  const reopen = (document: number) => {
    close(document);
    desk.send({ kind: 'reopenDocument', document });
  };
  const take = (opening: Opening & { readonly length: number }) => {
    const { document, length, text } = opening;
    if (text.length > length) return reopen(document);
    openings.delete(document);
    if (text.length < length) openings.set(document, opening);
    else documents.set(document, new ScoredDocument(desk, opening));
  };
  const found = (document: number, version: number): ScoredDocument => {
    const one = documents.get(document);
    if (one?.version !== version) throw new UserError('The text changed meanwhile; ask again');
    return one;
  };

  return {
    openDocument(message) {
      close(message.document);
      if (documents.size + openings.size >= documentLimits.documents) {
        const reason = `at most ${documentLimits.documents} documents show likelihoods at a time; hide them in another`;
        desk.send({ kind: 'documentFailed', document: message.document, reason });
      } else take(message);
    },
    documentPiece({ document, text }) {
      const opening = openings.get(document);
      if (opening) take({ ...opening, text: opening.text + text });
      else if (!documents.has(document)) reopen(document);
    },
    changeDocument({ document, version, length, edits }) {
      if (!documents.get(document)?.change(version, length, edits)) reopen(document);
    },
    watchDocument({ document, version, ranges, part }) {
      documents.get(document)?.watch(version, ranges, part);
    },
    closeDocument: ({ document }) => close(document),
    placeInDocument: ({ request, document, version, offset }) =>
      desk.take(request, async (signal) => {
        const answer = await found(document, version).with(
          'visible',
          async ({ model, codec }, scored, turn) => {
            found(document, version);
            const { symbols, starts } = scored;
            const index = scored.symbolOver(offset);
            const first = firstContext(model.contextLength, index);
            const options = { most: documentLimits.alternatives, signal, turn };
            const place = await alternativesAt(model, symbols.subarray(first), index - first, options);
            return {
              start: starts[index]!,
              end: starts[index + 1]!,
              bits: bitsOf(place.surprisal),
              rank: place.rank,
              vocabularySize: model.vocabulary.size,
              entropyBits: bitsOf(place.entropy),
              alternatives: place.alternatives.map(({ symbol, logProb }) => ({
                ...{ symbol, bits: bitsOf(-logProb) },
                ...spelled(codec, symbol),
              })),
            };
          },
          signal,
        );
        desk.send({ kind: 'place', request, ...answer });
      }),
    continueDocument: ({ request, document, version, start, symbol, maxSymbols }) =>
      desk.take(request, async (signal) => {
        const text = await found(document, version).with(
          'visible',
          async ({ model, codec }, scored, turn) => {
            found(document, version);
            const index = scored.symbolAt(start);
            if (symbol >= model.vocabulary.size || !spelled(codec, symbol).isText) {
              throw new UserError(`expected a symbol that is text, got number ${symbol}; ask for the place again`);
            }
            const context = scored.symbols.slice(firstContext(model.contextLength, index), index + 1);
            context[context.length - 1] = symbol;
            return (await continuation({ model, codec }, context, { maxSymbols, signal, turn })).text;
          },
          signal,
        );
        const [line = ''] = text.split(/[\r\n]/, 1);
        desk.send({ kind: 'continued', request, text: line.slice(0, documentLimits.continuationLength) });
      }),
  };
}

/** The first symbol that is read for a place: all, where the model's context has a bound, since its rule then chooses. */
function firstContext(contextLength: number, index: number): number {
  return contextLength === Number.POSITIVE_INFINITY ? Math.max(0, index - unboundedContext) : 0;
}

function bitsOf(nats: number): number {
  return Math.max(0, nats / Math.LN2);
}

/** What a symbol is to a person: its text, or its name where it is no text of its own. */
function spelled(codec: TextCodec, symbol: number): { readonly text: string; readonly isText: boolean } {
  const special = Object.entries(codec.specials).find(([, number]) => number === symbol);
  if (special) return { text: special[0] === 'end' ? 'end of the text' : `the symbol "${special[0]}"`, isText: false };
  const bytes = codec.symbolBytes(symbol);
  const text = fromUtf8(bytes);
  const isText = text !== '' && text.length <= documentLimits.symbolLength && Buffer.from(text).equals(bytes);
  if (isText) return { text, isText };
  const hexadecimal = Buffer.from(bytes.subarray(0, 16)).toString('hex');
  return { text: `bytes ${hexadecimal.replace(/..(?=.)/g, '$& ')}`, isText: false };
}
