// The editor's git extension as it may be found: not there, off, without a git, still starting, with no repository open, with several.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { gitStatus } from '../../../src/shell/changeList.ts';
import { settle } from '../manualClock.ts';
import { standInForVscode } from './fakeVscode.ts';

const uri = (fsPath: string) => ({ fsPath });
interface FakeRepository {
  rootUri: { fsPath: string };
  state: Record<string, unknown>;
  [name: string]: unknown;
}

const editor = {
  folders: [] as string[],
  isOn: true,
  extension: undefined as undefined | { activate(): Promise<object> },
};
standInForVscode({
  extensions: { getExtension: () => editor.extension },
  workspace: {
    get workspaceFolders() {
      return editor.folders.map((folder) => ({ uri: uri(folder) }));
    },
    getConfiguration: () => ({ get: () => editor.isOn }),
  },
  Uri: { file: uri },
});

/** What is changed shows with the look after those that are given up because another one begins. */
function repository(root: string, changed: Record<string, readonly object[]> = {}, numGivenUp = 0): FakeRepository {
  const listeners = new Set<() => void>();
  let numLooks = 0;
  const onDidChange = (listener: () => void) => {
    listeners.add(listener);
    return { dispose: () => listeners.delete(listener) };
  };
  const state = { HEAD: { commit: 'c0' }, indexChanges: [], workingTreeChanges: [], mergeChanges: [], onDidChange };
  return {
    rootUri: uri(root),
    state,
    status: async () => {
      numLooks += 1;
      if (numLooks <= numGivenUp) return;
      Object.assign(state, changed);
      for (const listener of listeners) listener();
    },
    getObjectDetails: async (_: string, file: string) => ({ size: file.endsWith('large') ? 2 ** 40 : 4 }),
    buffer: async (ref: string, file: string) => Buffer.from(`${ref} ${file}`),
  };
}

function changed(path: string, status: number, renamedTo?: string) {
  return { uri: uri(renamedTo ?? path), originalUri: uri(path), renameUri: renamedTo && uri(renamedTo), status };
}

function git(api: object, enabled = true): void {
  const whole = {
    ...{ state: 'initialized', repositories: [], getRepositoryRoot: async () => null },
    toGitUri: ({ fsPath }: { fsPath: string }, ref: string) => uri(`${ref}:${fsPath}`),
    ...api,
  };
  editor.extension = { activate: async () => ({ enabled, getAPI: () => whole }) };
}

async function changes() {
  const { workingChanges } = await import('../../../src/shell/gitChanges.ts');
  return workingChanges();
}

beforeEach(() => Object.assign(editor, { folders: ['/w'], isOn: true, extension: undefined }));

test('what stands in the way is named', async () => {
  await assert.rejects(changes(), /has no Git extension/);
  git({}, false);
  await assert.rejects(changes(), /found no git on this machine/);
  editor.isOn = false;
  await assert.rejects(changes(), /switched off/);
  git({});
  await assert.rejects(changes(), /no git repository is open here/);
  git({ repositories: [repository('/elsewhere'), repository('/w..')] });
  await assert.rejects(changes(), /no git repository is open here/);
  editor.folders = ['/r/below'];
  git({ getRepositoryRoot: async () => uri('/r') });
  await assert.rejects(changes(), /lies in the git repository \/r, which is not open/);
});

test('right after the window opened it is waited for', async () => {
  const listeners: ((state: string) => void)[] = [];
  let numDisposed = 0;
  const api = {
    state: 'uninitialized',
    repositories: [] as FakeRepository[],
    onDidChangeState: (listener: (state: string) => void) => {
      listeners.push(listener);
      return { dispose: () => (numDisposed += 1) };
    },
  };
  git(api);
  const listed = changes();
  while (listeners.length === 0) await settle();
  api.repositories.push(repository('/w', { workingTreeChanges: [changed('/w/a', gitStatus.modified)] }));
  for (const state of ['uninitialized', 'initialized']) listeners[0]!(state);
  assert.deepEqual(
    (await listed).map(({ label }) => label),
    ['a'],
  );
  assert.equal(numDisposed, 1);
});

test('a repository that the editor did not notice yet is opened', async () => {
  git({
    getRepositoryRoot: async () => uri('/w'),
    openRepository: async () => repository('/w', { untrackedChanges: [changed('/w/n', gitStatus.untracked)] }),
  });
  assert.deepEqual(
    (await changes()).map(({ label, oldPath }) => [label, oldPath]),
    [['n', null]],
  );
});

test('a look that the extension gave up is no answer', async () => {
  const differing = { workingTreeChanges: [changed('/w/a', gitStatus.modified)] };
  git({ repositories: [repository('/w', differing, 3)] });
  assert.equal((await changes()).length, 1);
  git({ repositories: [repository('/w', differing, 1000)] });
  await assert.rejects(changes(), /change all the time/);
});

test('several repositories, renamed and large files, no commit yet', async () => {
  const outer = repository('/w', {
    indexChanges: [changed('/w/old', gitStatus.indexRenamed, '/w/new')],
    workingTreeChanges: [changed('/w/large', gitStatus.modified)],
  });
  const inner = repository('/w/in', { workingTreeChanges: [changed('/w/in/a', gitStatus.deleted)] });
  inner.state['HEAD'] = undefined;
  git({ repositories: [outer, inner, repository('/x')] });
  const [large, renamed, gone] = await changes();
  assert.equal(await large!.readOld(), 'tooLarge');
  assert.deepEqual([renamed!.label, renamed!.oldLabel, renamed!.status], ['w/new', 'w/old', 'renamed']);
  assert.equal(String(await renamed!.readOld()), 'HEAD /w/old');
  assert.deepEqual(renamed!.oldUri, uri('HEAD:/w/old'));
  assert.deepEqual([gone!.label, gone!.isGone, await gone!.readOld()], ['in/a', true, null]);
});
