// Held-out loss on fixed rows; and those rows for models that are trained on windows: the same in every run over the same documents,
// so that numbers can be compared.
import { Random } from '../base/random.ts';
import type { TextCodec } from '../codecs/text.ts';
import { type Corpus, type CorpusDocument, firstLineStart, lineEndings } from './corpus.ts';
import type { HeldOutRows } from './trainingData.ts';
import type { TrainSession } from './trainSession.ts';

export interface ValidationLoss {
  /** Mean for each symbol. */
  readonly lossNats: number;
  /** Mean for each byte or channel value. */
  readonly bits: number;
}

const maxRows = 64;
const windowSeed = 1;

/**
 * Plain text only: no holes, and no path, which would be cheap bits. Each document has its turn before one comes again, from some
 * other line.
 */
export function validationWindows(corpus: Corpus, codec: TextCodec, batch: number, time: number): HeldOutRows {
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
  // Special symbols are targets that stand for no bytes.
  let numUnits = 0;
  for (const row of rows) {
    fill(row);
    for (const target of row.subarray(1)) numUnits += codec.symbolBytes(target).length;
  }
  return { rows, continues: rows.map(() => false), numTargets: rows.length * time, numUnits };
}

/** Every batch is full, so the mean of the batches is that of the symbols. */
export async function validationLoss(
  session: TrainSession,
  batch: number,
  heldOut: HeldOutRows,
): Promise<ValidationLoss> {
  const { rows, continues, numTargets, numUnits } = heldOut;
  if (rows.length === 0 || rows.length % batch !== 0) {
    throw new RangeError(`validationLoss: expected full batches of ${batch} rows, got ${rows.length} rows`);
  }
  const states = session.newStates(batch);
  let sum = 0;
  for (let first = 0; first < rows.length; first += batch) {
    for (let slot = 0; slot < batch; slot++) {
      if (!continues[first + slot]) states.reset(slot);
      session.setRow(slot, rows[first + slot]!);
    }
    sum += await session.loss({ states, firstSlot: 0 });
  }
  const lossNats = sum / (rows.length / batch);
  return { lossNats, bits: (lossNats * numTargets) / Math.LN2 / numUnits };
}

function drawWindow({ symbols }: CorpusDocument, room: number, endsLine: Uint8Array, random: Random) {
  if (symbols.length <= room) return symbols;
  const from = firstLineStart(symbols, endsLine, random.nextInteger(symbols.length - room), symbols.length);
  return symbols.subarray(from, from + room);
}
