// Held-out loss on fixed windows: the same rows in every run over the same documents, so that numbers can be compared.
import { Random } from '../base/random.ts';
import type { TextCodec } from '../codecs/text.ts';
import { type Corpus, type CorpusDocument, firstLineStart, lineEndings } from './corpus.ts';
import type { TrainSession } from './trainSession.ts';

export interface ValidationWindows {
  /** Rows of time + 1 symbols; their number is a multiple of the batch. */
  readonly rows: readonly Int32Array[];
  readonly batch: number;
  readonly numTargets: number;
  /** How many bytes the targets of all rows stand for; special symbols are targets that stand for none. */
  readonly numBytes: number;
}

export interface ValidationLoss {
  /** Mean for each symbol. */
  readonly lossNats: number;
  readonly bitsPerByte: number;
}

const maxRows = 64;
const windowSeed = 1;

/**
 * Plain text only: no holes, and no path, which would be cheap bits. Each document has its turn before one comes again, from some
 * other line.
 */
export function validationWindows(corpus: Corpus, codec: TextCodec, batch: number, time: number): ValidationWindows {
  const random = new Random(windowSeed);
  const documents = random.shuffle(corpus.documents.filter(({ symbols }) => symbols.length > 0));
  if (documents.length === 0) throw new RangeError('validationWindows: expected a document that is not empty');
  const endsLine = lineEndings(codec);
  const { start, end } = codec.specials;
  let turn = 0;
  const fill = (row: Int32Array) => {
    for (let at = 0; at < row.length; ) {
      row[at++] = start;
      const window = drawWindow(documents[turn++ % documents.length]!, row.length - at, endsLine, random);
      row.set(window, at);
      at += window.length;
      if (at < row.length) row[at++] = end;
    }
  };
  const wanted = Math.min(maxRows, Math.ceil(corpus.numSymbols / time));
  const rows = Array.from({ length: Math.ceil(wanted / batch) * batch }, () => new Int32Array(time + 1));
  let numBytes = 0;
  for (const row of rows) {
    fill(row);
    for (const target of row.subarray(1)) numBytes += codec.symbolBytes(target).length;
  }
  return { rows, batch, numTargets: rows.length * time, numBytes };
}

export async function validationLoss(session: TrainSession, windows: ValidationWindows): Promise<ValidationLoss> {
  let sum = 0;
  let numBatches = 0;
  for (let first = 0; first < windows.rows.length; first += windows.batch) {
    for (let i = 0; i < windows.batch; i++) session.setRow(i, windows.rows[first + i]!);
    sum += await session.loss();
    numBatches++;
  }
  const lossNats = sum / numBatches;
  const totalNats = lossNats * windows.numTargets;
  return { lossNats, bitsPerByte: totalNats / Math.LN2 / windows.numBytes };
}

function drawWindow({ symbols }: CorpusDocument, room: number, endsLine: Uint8Array, random: Random) {
  if (symbols.length <= room) return symbols;
  const from = firstLineStart(symbols, endsLine, random.nextInteger(symbols.length - room), symbols.length);
  return symbols.subarray(from, from + room);
}
