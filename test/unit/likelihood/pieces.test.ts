// The likelihood of every architecture on both runtimes: pieces are the whole, one place is what the whole says of it, and a continuation is
// what stepping gives.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { liveObjects } from '../../../src/base/disposable.ts';
import { Random } from '../../../src/base/random.ts';
import { contextWindows } from '../../../src/engine/contextWindow.ts';
import { alternativesAt } from '../../../src/likelihood/alternatives.ts';
import { bitsOf, type SurprisalPiece, surprisalPieces, surprisals } from '../../../src/likelihood/bits.ts';
import { architectures } from '../../../src/models/registry.ts';
import { runtimes } from '../../runtimes.ts';
import { tinyConfigs, tinyModel } from '../../tinyModels.ts';

after(() => assert.deepEqual(liveObjects(), {}));

const cases = Object.entries(runtimes).flatMap(([name, runtime]) =>
  [...architectures.values()].flatMap((architecture) =>
    tinyConfigs[architecture.name]!.map((json, index) => ({ name, runtime, architecture, json, index })),
  ),
);
const wanted = { rank: true, entropy: true };

for (const { name, runtime, architecture, json, index } of cases) {
  test(`${name}: ${architecture.name} ${index}: pieces, the sum, and single places`, async () => {
    const random = new Random(index + 20);
    const config = architecture.parseConfig(json);
    const { model } = tinyModel(runtime, architecture, config, random);
    const { size } = model.vocabulary;
    const predicted = architecture.consumes === 'image' ? size - 1 : size;
    // Beyond the context where there is one; an image is never longer.
    const { contextLength } = model;
    const length = architecture.consumes === 'image' ? contextLength : Math.min(2 * contextLength + 7, 600);
    const symbols = Int32Array.from({ length }, () => random.nextInteger(predicted));
    try {
      const whole = await surprisals(model, symbols, wanted);
      const pieces: SurprisalPiece[] = [];
      for await (const piece of surprisalPieces(model, symbols, wanted)) pieces.push(piece);
      assert.deepEqual(
        pieces.map(({ first }) => first),
        pieces.map((_, i) => pieces.slice(0, i).reduce((sum, { surprisal }) => sum + surprisal.length, 0)),
        'in order, without a gap',
      );
      assert.deepEqual(
        pieces.flatMap(({ surprisal }) => [...surprisal]),
        [...whole.surprisal],
      );
      assert.deepEqual(
        pieces.flatMap(({ rank }) => [...rank!]),
        [...whole.rank!],
      );
      assert.deepEqual(
        pieces.flatMap(({ entropy }) => [...entropy!]),
        [...whole.entropy!],
      );
      const sum = whole.surprisal.reduce((total, one) => total + one, 0) / Math.LN2;
      const { bits, numSymbols } = await bitsOf(model, symbols);
      assert.ok(Math.abs(bits - sum) <= 1e-6 * sum, `${bits} and ${sum}`);
      assert.equal(numSymbols, length);

      for (const { from, to } of contextWindows(length, contextLength)) {
        for (const place of [from, to - 1, random.nextInteger(length)]) {
          const { surprisal, rank, entropy, alternatives } = await alternativesAt(model, symbols, place, { most: 5 });
          assert.ok(Math.abs(surprisal - whole.surprisal[place]!) < 1e-4, `surprisal at ${place}`);
          assert.ok(Math.abs(entropy - whole.entropy![place]!) < 1e-4, `entropy at ${place}`);
          // Symbols as good as equally likely may change places.
          assert.ok(Math.abs(rank - whole.rank![place]!) <= 1, `rank at ${place}`);
          assert.equal(alternatives.length, Math.min(5, predicted));
          if (rank < alternatives.length) assert.ok(Math.abs(alternatives[rank]!.logProb + surprisal) < 1e-6);
          for (const [i, { logProb }] of alternatives.entries()) {
            assert.ok(i === 0 || logProb <= alternatives[i - 1]!.logProb);
            assert.ok(i < rank === logProb > -surprisal || Math.abs(logProb + surprisal) < 1e-6, `${i} of ${rank}`);
          }
        }
      }
    } finally {
      model.dispose();
    }
  });
}
