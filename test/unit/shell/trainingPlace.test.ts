import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readToTrainer } from '../../../src/protocol/trainerMessages.ts';
import {
  type FolderFacts,
  imageGlobs,
  isCompletable,
  trainingPlace,
  workspaceIdentity,
} from '../../../src/shell/trainingPlace.ts';

const folder = (name: string, part: Partial<FolderFacts> = {}): FolderFacts => ({
  name,
  scheme: 'file',
  fsPath: `/p/${name}`,
  uri: `file:///p/${name}`,
  excludes: [],
  ...part,
});

function checkRefused(trusted: boolean, folders: FolderFacts[], reason: RegExp, repair: string): void {
  const place = trainingPlace(trusted, folders);
  assert.ok(place.kind === 'refused');
  assert.match(place.reason, reason);
  assert.equal(place.repair, repair);
}

test('no folder, no trust, nothing but virtual folders: refused, with the reason', () => {
  checkRefused(true, [], /no folder/, 'openFolder');
  checkRefused(false, [folder('a')], /not trusted/, 'trust');
  checkRefused(true, [folder('a', { scheme: 'vscode-vfs' })], /virtual \(vscode-vfs\)/, 'none');
});

test('every real folder is read, each with its own globs, and virtual ones among them are named', () => {
  const files = { '**/out': true, '**/kept': false, '**/*.js': { when: '$(basename).ts' }, '**/node_modules': false };
  const excludes = [files, { '**/out': true, '**/node_modules': true }];
  const place = trainingPlace(true, [folder('a', { excludes }), folder('b'), folder('c', { scheme: 'vscode-vfs' })]);
  assert.deepEqual(place, {
    kind: 'allowed',
    roots: [
      { path: '/p/a', excludes: ['**/out', '**/node_modules'] },
      { path: '/p/b', excludes: [] },
    ],
    left: ['c (on no disk)'],
  });
});

test('a workspace is the same whatever the order of its folders, and another one is another', () => {
  const [a, b] = [folder('a'), folder('b')];
  const { hash } = workspaceIdentity('ab', [a, b]);
  assert.match(hash, /^[0-9a-f]{16}$/);
  assert.equal(workspaceIdentity('renamed', [b, a]).hash, hash);
  assert.notEqual(workspaceIdentity('ab', [a]).hash, hash);
});

test('images are looked for in either case, and not where nobody looks', () => {
  const { include, exclude } = imageGlobs([
    { '**/*.{a,b}': true, '**/out': true },
    { '**/node_modules': true, x: false },
  ]);
  assert.ok(include.startsWith('**/*.{[pP][nN][gG],[jJ][pP][gG],'), include);
  assert.equal(exclude, '{**/out,**/node_modules}');
  assert.equal(imageGlobs([{ x: false }]).exclude, null);
});

test('of very many folders, and of a long name, as much as the training process takes', () => {
  const many = Array.from({ length: 66 }, (_, i) => folder(`f${i}`, { excludes: [{ ['x'.repeat(5000)]: true }] }));
  const place = trainingPlace(true, many);
  assert.ok(place.kind === 'allowed');
  assert.deepEqual(place.left, ['f64 (more than 64 folders)', 'f65 (more than 64 folders)']);
  const { roots } = place;
  readToTrainer({ kind: 'survey', request: 1, eats: 'text', roots });
  assert.equal(workspaceIdentity('n'.repeat(500), many).name.length, 200);
});

test('images that may be completed', () => {
  assert.ok(isCompletable('/p/a.PNG'));
  assert.ok(!isCompletable('/p/a.svg'));
  assert.ok(!isCompletable('/p/.ssh/a.png'));
});
