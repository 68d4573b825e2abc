// Both ways to ONNX Runtime, for suites that hold them to the same.
import { openNativeRuntime } from '../src/runtime/ortNative.ts';
import { openRuntime } from '../src/runtime/ortNode.ts';
import type { Runtime } from '../src/runtime/session.ts';

/** By the value of the setting that forces it. */
export const runtimes: Readonly<Record<'plain' | 'native', Runtime>> = {
  plain: await openRuntime(),
  native: openNativeRuntime(),
};
