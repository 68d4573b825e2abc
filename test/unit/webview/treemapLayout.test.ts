import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type FileScore, folderTree } from '../../../src/protocol/fileSums.ts';
import { directions, neighborOf, type TreemapCell, treemapCells } from '../../../src/webview/treemapLayout.ts';

const file = (path: string, bytes: number, bits = bytes): FileScore => ({
  ...{ path, language: 'TypeScript', sizeBytes: bytes, bytes, bits, numSymbols: bytes },
});
const options = { width: 600, height: 400, by: 'bytes' } as const;
const area = ({ width, height }: TreemapCell) => width * height;

test('areas of files are in proportion, within their folder, and touch nothing', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd');
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => `r/${parts.join('/')}`);
  const files = fc.array(fc.tuple(path, fc.integer({ min: 1, max: 10_000 })), { maxLength: 30 });
  fc.assert(
    fc.property(files, (all) => {
      const cells = treemapCells(folderTree(all.map(([one, bytes], i) => file(`${one}/f${i}`, bytes))), options);
      for (const cell of cells) {
        assert.ok(cell.x >= 0 && cell.y >= 0 && cell.x + cell.width <= 600 && cell.y + cell.height <= 400);
      }
      const leaves = cells.filter(({ open }) => !open);
      for (const [i, a] of leaves.entries()) {
        for (const b of leaves.slice(i + 1)) {
          const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
          assert.ok(apart, `${a.path} touches ${b.path}`);
        }
      }
    }),
    { seed: 3, numRuns: 100 },
  );
  const [large, small] = treemapCells(folderTree([file('large', 300), file('small', 100)]), options);
  assert.ok(Math.abs(area(large!) / area(small!) - 3) < 0.05);
  const byBits = treemapCells(folderTree([file('a', 300, 100), file('b', 100, 300)]), { ...options, by: 'bits' });
  assert.equal(byBits[0]?.path, 'b');
});

test('a chain of folders is one, a folder without room is closed, and few cells are drawn of many', () => {
  const chain = treemapCells(folderTree([file('r/a/b/x', 10), file('r/a/b/y', 10), file('z', 1)]), options);
  assert.equal(chain.find(({ kind }) => kind === 'folder')?.name, 'r/a/b');
  const many = Array.from({ length: 5000 }, (_, i) => file(`f${i % 50}/g${i % 7}/x${i}`, 100 + (i % 900)));
  const cells = treemapCells(folderTree(many), { ...options, most: 300 });
  assert.ok(cells.length <= 300 && cells.some(({ kind, open }) => kind === 'folder' && !open));
  assert.deepEqual(treemapCells(folderTree([]), options), []);
  assert.deepEqual(treemapCells(folderTree(many), { ...options, width: 0 }), []);
});

test('the arrows lead from every area to every other', () => {
  const files = Array.from({ length: 40 }, (_, i) => file(`f${i % 4}/x${i}`, 100 + 37 * (i % 11)));
  const cells = treemapCells(folderTree(files), options);
  const reached = new Set([0]);
  for (const from of reached) {
    for (const direction of directions) reached.add(neighborOf(cells, from, direction));
  }
  assert.equal(reached.size, cells.length);
  const [left, right] = treemapCells(folderTree([file('a', 1), file('b', 1)]), { ...options, height: 100 });
  const two = [left!, right!];
  assert.deepEqual([neighborOf(two, 0, 'right'), neighborOf(two, 0, 'left'), neighborOf(two, 1, 'left')], [1, 0, 0]);
  assert.equal(neighborOf([], 0, 'up'), 0);
});
