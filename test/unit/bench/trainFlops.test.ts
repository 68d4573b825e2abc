// The operations of a step, counted by hand for shapes small enough.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usefulFlops } from '../../../bench/trainFlops.ts';
import { gpt } from '../../../src/models/gpt.ts';

test('a CharRNN multiplies its gates and its output, and looks its embedding up', () => {
  const config = { vocabularySize: 10, startSymbol: 0, embeddingSize: 4, hiddenSize: 8, numLayers: 1 };
  const weights = 3 * 8 * 4 + 3 * 8 * 8 + 10 * 8;
  assert.equal(usefulFlops({ architecture: 'charRnn', config, batch: 2, time: 5 }), 6 * 2 * 5 * weights);
});

test('a GPT multiplies its table as well, and every query with the keys up to its own', () => {
  const shape = { hiddenSize: 8, numHeads: 2, numKeyValueHeads: 1, intermediateSize: 16, numLayers: 3 };
  const config = { ...gpt.defaultConfig, ...shape, vocabularySize: 10, contextLength: 16 };
  const layer = 8 * 8 + 2 * 4 * 8 + 8 * 8 + 3 * 8 * 16;
  const seen = 1 + 2 + 3 + 4;
  const expected = 6 * 2 * (4 * (3 * layer + 10 * 8) + 3 * 2 * 8 * seen);
  assert.equal(usefulFlops({ architecture: 'gpt', config, batch: 2, time: 4 }), expected);
});
