// The process that tries the native runtime out and may die of it; `chooseRuntime` starts it, and takes the exit status for the answer.
import { messageOf } from '../base/errors.ts';
import { openNativeRuntime } from './ortNative.ts';
import { selfTest } from './selfTest.ts';

// Promises, not `await`: the entries of dist/ are CommonJS.
Promise.resolve()
  .then(() => selfTest(openNativeRuntime()))
  .catch((error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  });
