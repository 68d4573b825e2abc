import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyOff } from '../../../src/shell/eligibility.ts';

const file = { scheme: 'file', path: '/p/a.ts', languageId: 'typescript', enabled: true };

test('completions are offered in documents, not in the input boxes of the workbench', () => {
  for (const scheme of ['file', 'untitled', 'vscode-notebook-cell'])
    assert.equal(whyOff({ ...file, scheme }), undefined);
  for (const scheme of ['vscode-scm', 'output', 'comment', 'git', 'debug'])
    assert.ok(whyOff({ ...file, scheme }), scheme);
});

test('secret files are off whatever the settings say, others when disabled', () => {
  assert.match(whyOff({ ...file, path: '/p/.env' }) ?? '', /secrets/);
  assert.match(whyOff({ ...file, scheme: 'untitled', path: 'Untitled-1', languageId: 'dotenv' }) ?? '', /secrets/);
  assert.match(whyOff({ ...file, enabled: false }) ?? '', /typescript/);
});
