// A model of bytes whose distribution depends on the last few symbols, so that a wrong context gives wrong bits.
import { bytesCodec } from '../../../src/codecs/bytes.ts';
import { modelOf } from '../engine/plainModels.ts';

export const codec = bytesCodec();

/** The caller disposes of the model. */
export function byteModel(contextLength = 16) {
  const model = modelOf(codec.vocabulary, contextLength, (history, row) => {
    const seed = history.slice(-3).reduce((sum, symbol, i) => sum + (i + 1) * symbol, history.length % 7);
    let total = 0;
    for (let v = 0; v < row.length; v++) total += 1 + ((v * 31 + seed * 17) % 97);
    for (let v = 0; v < row.length; v++) row[v] = Math.log((1 + ((v * 31 + seed * 17) % 97)) / total);
  });
  return { model, codec, dispose: () => model.dispose() };
}
