import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { interruption } from '../../../src/cli/interruption.ts';

test('a command is asked to end once by each signal, a closed terminal among them, and by a closed pipe', () => {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    const signals = new EventEmitter();
    const signal = interruption(signals, new EventEmitter());
    assert.equal(signal.aborted, false, name);
    signals.emit(name);
    assert.equal(signal.aborted, true, name);
    assert.equal(signals.listenerCount(name), 0, 'the second has its usual effect');
  }
  const stdout = new EventEmitter();
  const signal = interruption(new EventEmitter(), stdout);
  stdout.emit('error', Object.assign(new Error('closed'), { code: 'EPIPE' }));
  assert.equal(signal.aborted, true);
  assert.throws(() => stdout.emit('error', new Error('another')), /another/);
});
