// The Session interface over the C API of the library that onnxruntime-node ships: inputs are read where they lie, outputs written where
// the caller says, and a run can leave the thread free and be stopped. With 48 inputs and 48 outputs that lie where they did, a run that
// does next to nothing costs 20 us; with the plain binding 400.

import { NativeSession } from './nativeSession.ts';
import { type OrtLibrary, openOrtLibrary } from './ortApi.ts';
import { selfTestModel } from './selfTest.ts';
import type { ModelSource, Runtime, Session, SessionOptions } from './session.ts';
import { checkThreads, configEntries } from './sessionSettings.ts';

/** What goes wrong comes back as a status; below that the library only reports devices it did not find. */
const logFatal = 4;
const sequential = 0;
const allOptimizations = 99;
/** Of the default allocator, in ordinary memory: where our arrays lie. */
const cpuMemory = { allocator: 0, kind: 0 };

/** What every session needs; made once, and kept as long as the process. */
interface Environment {
  readonly library: OrtLibrary;
  readonly env: bigint;
  readonly memoryInfo: bigint;
}

let environment: Environment | undefined;

/**
 * Open it before anything of the process waits for Node's pool of threads, as it does for any asynchronous file: runs in the background
 * take those threads, which flush denormals only where the thread that begot them did, and without that a block of symbols takes a trained
 * model twice as long. The library sees to it for the thread that makes the first session. (Linux hands it on; on other systems runs in
 * the background may be slower than those that block.)
 * @throws Error when the library or what calls it does not load here.
 */
export function openNativeRuntime(): Runtime {
  if (environment) return runtimeOver(environment);
  environment = createEnvironment(openOrtLibrary());
  createSession(environment, { bytes: Buffer.from(selfTestModel, 'base64') }, { threads: 1 }).dispose();
  return runtimeOver(environment);
}

/** Over a library that is already loaded, for tests that look at its calls. */
export function nativeRuntimeOver(library: OrtLibrary): Runtime {
  return runtimeOver(createEnvironment(library));
}

function runtimeOver(environment: Environment): Runtime {
  const { library } = environment;
  return {
    name: 'ONNX Runtime, called natively',
    version: library.version,
    background: true,
    inPlace: true,
    createSession: async (source, options) => createSession(environment, source, options),
  };
}

function createEnvironment(library: OrtLibrary): Environment {
  const { api, made } = library;
  const env = made((out) => api.CreateEnv(logFatal, 'chainrule', out));
  const memoryInfo = made((out) => api.CreateCpuMemoryInfo(cpuMemory.allocator, cpuMemory.kind, out));
  return { library, env, memoryInfo };
}

function createSession(
  { library, env, memoryInfo }: Environment,
  source: ModelSource,
  options: SessionOptions,
): Session {
  checkThreads(options.threads);
  const { api, check, made } = library;
  const settings = made((out) => api.CreateSessionOptions(out));
  try {
    check(api.SetSessionExecutionMode(settings, sequential));
    check(api.SetSessionGraphOptimizationLevel(settings, allOptimizations));
    check(api.SetIntraOpNumThreads(settings, options.threads));
    check(api.SetInterOpNumThreads(settings, 1));
    for (const [key, value] of configEntries(options)) check(api.AddSessionConfigEntry(settings, key, value));
    const session = made((out) =>
      'path' in source
        ? api.CreateSession(env, source.path, settings, out)
        : api.CreateSessionFromArray(env, source.bytes, source.bytes.length, settings, out),
    );
    return new NativeSession(library, memoryInfo, session);
  } finally {
    api.ReleaseSessionOptions(settings);
  }
}
