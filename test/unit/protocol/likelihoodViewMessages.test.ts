import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../../../src/base/errors.ts';
import {
  type FromLikelihoodView,
  firstOptions,
  likelihoodViewLimits,
  likelihoodViewMessageNames,
  readFromLikelihoodView,
  readKept,
  readToLikelihoodView,
  type ToLikelihoodView,
} from '../../../src/protocol/likelihoodViewMessages.ts';
import { pieceLength } from '../../../src/protocol/numberArrays.ts';

const remembered = { document: 'file:///a.ts', a: '/m', b: '' };
const piece = {
  first: 0,
  starts: Int32Array.of(0, 1),
  bits: Float32Array.of(1, Number.POSITIVE_INFINITY),
  entropy: Float32Array.of(1, 2),
  rank: Int32Array.of(0, 5),
};
const toPage: ToLikelihoodView[] = [
  {
    kind: 'view',
    text: 1,
    name: 'a.ts',
    place: '',
    models: [{ name: 'm' }],
    a: 0,
    b: null,
    state: 'ready',
    headline: '',
    note: '',
    stale: false,
    progress: null,
    length: 3,
    numBytes: 3,
    comparisons: [{ name: 'gzip', model: null, state: 'known', bits: 9, progress: null, reason: '' }],
    proof: { state: 'none', progress: null, text: '' },
  },
  { kind: 'textPart', text: 1, first: 0, part: 'a\u202e\0' },
  { kind: 'tokens', text: 1, side: 'b', total: 2, ...piece },
  { kind: 'remember', remembered },
];
const fromPage: FromLikelihoodView[] = [
  { kind: 'ready' },
  { kind: 'scoreAgain' },
  { kind: 'cancel' },
  { kind: 'choose', side: 'b', model: null },
  { kind: 'goTo', from: 0, to: 5 },
  { kind: 'compare', model: 0 },
  { kind: 'cancelComparing' },
  { kind: 'prove' },
  { kind: 'cancelProof' },
  { kind: 'exportPart', subject: 'tokens', format: 'csv', first: true, last: true, bytes: Uint8Array.of(1) },
];

test('every message passes, as the other side gets it', () => {
  for (const message of toPage) assert.deepEqual(readToLikelihoodView(structuredClone(message)), message);
  for (const message of fromPage) assert.deepEqual(readFromLikelihoodView(structuredClone(message)), message);
  const kinds = (all: readonly { kind: string }[]) => [...new Set(all.map(({ kind }) => kind))].sort();
  assert.deepEqual(kinds(toPage), [...likelihoodViewMessageNames.toPage].sort());
  assert.deepEqual(kinds(fromPage), [...likelihoodViewMessageNames.fromPage].sort());
});

test('what is none is refused, by the field', () => {
  const toRefuse: [object, RegExp][] = [
    [{ kind: 'tokens', text: 1, side: 'a', total: 2, ...piece, bits: [1, 2] }, /bits: expected a Float32Array/],
    [
      { kind: 'tokens', text: 1, side: 'a', total: 2, ...piece, bits: Float32Array.of(Number.NaN, 1) },
      /bits: expected numbers/,
    ],
    [{ kind: 'tokens', text: 1, side: 'a', total: 2, ...piece, rank: Int32Array.of(1) }, /rank: expected 2 numbers/],
    [
      { kind: 'tokens', text: 1, side: 'a', total: 2, ...piece, starts: Int32Array.of(0, -1) },
      /starts: expected numbers >= 0/,
    ],
    [
      { kind: 'tokens', text: 1, side: 'a', total: 2, ...piece, starts: new Int32Array(pieceLength + 1) },
      /starts: expected/,
    ],
    [{ ...toPage[0], proof: { state: 'none', progress: null, text: '', more: 1 } }, /more: expected no such field/],
  ];
  for (const [message, reason] of toRefuse) assert.throws(() => readToLikelihoodView(message), reason);
  const fromRefuse: [object, RegExp][] = [
    [{ kind: 'choose', side: 'c', model: 0 }, /side: expected/],
    [{ kind: 'goTo', from: -1, to: 0 }, /from: expected/],
    [{ ...fromPage.at(-1), bytes: new Uint8Array(likelihoodViewLimits.partBytes + 1) }, /bytes: expected/],
    [{ ...fromPage.at(-1), bytes: 'text' }, /bytes: expected/],
    [{ kind: 'open', path: '/etc/passwd' }, /kind: expected/],
  ];
  for (const [message, reason] of fromRefuse) assert.throws(() => readFromLikelihoodView(message), reason);
  assert.throws(() => readFromLikelihoodView(undefined), UserError);
});

test('what a page kept is read with care: what is wrong with it begins anew', () => {
  const options = { show: 'both', smoothing: 16, line: 12, token: 3 } as const;
  assert.deepEqual(readKept({ remembered, options }), { remembered, options });
  const nothing = { remembered: undefined, options: firstOptions };
  for (const kept of [undefined, null, 7, {}, { remembered }, { remembered: { ...remembered, more: 1 }, options }]) {
    assert.deepEqual(readKept(kept), nothing);
  }
  assert.deepEqual(readKept({ remembered, options: { ...options, line: -1 } }), nothing);
});
