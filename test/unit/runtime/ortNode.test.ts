import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../../../src/base/errors.ts';
import { openRuntime } from '../../../src/runtime/ortNode.ts';

test('where the native library does not load, the error says for which platforms there is one', async () => {
  const load = () => Promise.reject(new Error('Cannot find module onnxruntime_binding.node\nRequire stack: ...'));
  await assert.rejects(openRuntime(load), (error: Error) => {
    assert.ok(error instanceof UserError);
    assert.match(error.message, /no usable binary for \w+-\w+ \(Cannot find module .*\.node\); use linux-x64,/);
    return true;
  });
});
