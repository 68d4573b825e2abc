// The functions of ONNX Runtime's C API that we call, by their place in its table. The header promises that a place never changes once
// a version has shipped: whoever asks for version N gets a table that begins as N's did. All of these are in version 5 (ONNX Runtime
// 1.5). What is loaded is held against the version that onnxruntime-node's package declares, so that it is the library meant, and not
// another one of the same name.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type CopyMemory, loadKoffi, memoryCopier, type Pointer } from './foreignFunctions.ts';

/** Null when all went well; to be read and released otherwise. */
export type Status = Pointer;
/** Where a function leaves a pointer or a number of 64 bits. */
export type Slot = BigUint64Array;

type RunArguments = (
  session: Pointer,
  options: Pointer,
  inputNames: BigUint64Array,
  inputs: BigUint64Array,
  numInputs: number,
  outputNames: BigUint64Array,
  numOutputs: number,
  outputs: BigUint64Array,
) => Status;

export interface OrtApi {
  GetErrorMessage(status: Status): string;
  CreateEnv(logLevel: number, name: string, out: Slot): Status;
  CreateSession(env: Pointer, path: string, options: Pointer, out: Slot): Status;
  CreateSessionFromArray(env: Pointer, bytes: Uint8Array, length: number, options: Pointer, out: Slot): Status;
  Run: RunArguments & {
    async(...all: [...Parameters<RunArguments>, (error: unknown, status: Status) => void]): void;
  };
  CreateSessionOptions(out: Slot): Status;
  SetSessionExecutionMode(options: Pointer, mode: number): Status;
  SetSessionGraphOptimizationLevel(options: Pointer, level: number): Status;
  SetIntraOpNumThreads(options: Pointer, threads: number): Status;
  SetInterOpNumThreads(options: Pointer, threads: number): Status;
  AddSessionConfigEntry(options: Pointer, key: string, value: string): Status;
  ReleaseSessionOptions(options: Pointer): void;
  SessionGetInputCount(session: Pointer, out: Slot): Status;
  SessionGetOutputCount(session: Pointer, out: Slot): Status;
  SessionGetInputName(session: Pointer, index: number, allocator: Pointer, out: Slot): Status;
  SessionGetOutputName(session: Pointer, index: number, allocator: Pointer, out: Slot): Status;
  GetAllocatorWithDefaultOptions(out: Slot): Status;
  AllocatorFree(allocator: Pointer, memory: Pointer): Status;
  CreateRunOptions(out: Slot): Status;
  RunOptionsSetTerminate(options: Pointer): Status;
  RunOptionsUnsetTerminate(options: Pointer): Status;
  ReleaseRunOptions(options: Pointer): void;
  CreateCpuMemoryInfo(allocator: number, memory: number, out: Slot): Status;
  CreateTensorWithDataAsOrtValue(
    memoryInfo: Pointer,
    data: ArrayBufferView,
    numBytes: number,
    shape: BigInt64Array,
    rank: number,
    type: number,
    out: Slot,
  ): Status;
  GetTensorMutableData(value: Pointer, out: Slot): Status;
  GetTensorTypeAndShape(value: Pointer, out: Slot): Status;
  GetTensorElementType(info: Pointer, out: Int32Array): Status;
  GetDimensionsCount(info: Pointer, out: Slot): Status;
  GetDimensions(info: Pointer, out: BigInt64Array, rank: number): Status;
  ReleaseTensorTypeAndShapeInfo(info: Pointer): void;
  ReleaseStatus(status: Status): void;
  ReleaseSession(session: Pointer): void;
  ReleaseValue(value: Pointer): void;
}

/** Paths are wide characters on Windows. */
const pathType = process.platform === 'win32' ? 'str16' : 'str';

/** The place in the table, the result and the arguments. */
const functions: { readonly [Name in keyof OrtApi]: readonly [number, 'void *' | 'str' | 'void', string] } = {
  GetErrorMessage: [2, 'str', 'void *'],
  CreateEnv: [3, 'void *', 'int, str, void *'],
  CreateSession: [7, 'void *', `void *, ${pathType}, void *, void *`],
  CreateSessionFromArray: [8, 'void *', 'void *, void *, size_t, void *, void *'],
  Run: [9, 'void *', 'void *, void *, void *, void *, size_t, void *, size_t, void *'],
  CreateSessionOptions: [10, 'void *', 'void *'],
  SetSessionExecutionMode: [13, 'void *', 'void *, int'],
  SetSessionGraphOptimizationLevel: [23, 'void *', 'void *, int'],
  SetIntraOpNumThreads: [24, 'void *', 'void *, int'],
  SetInterOpNumThreads: [25, 'void *', 'void *, int'],
  SessionGetInputCount: [30, 'void *', 'void *, void *'],
  SessionGetOutputCount: [31, 'void *', 'void *, void *'],
  SessionGetInputName: [36, 'void *', 'void *, size_t, void *, void *'],
  SessionGetOutputName: [37, 'void *', 'void *, size_t, void *, void *'],
  CreateRunOptions: [39, 'void *', 'void *'],
  RunOptionsSetTerminate: [46, 'void *', 'void *'],
  RunOptionsUnsetTerminate: [47, 'void *', 'void *'],
  CreateTensorWithDataAsOrtValue: [49, 'void *', 'void *, void *, size_t, void *, size_t, int, void *'],
  GetTensorMutableData: [51, 'void *', 'void *, void *'],
  GetTensorElementType: [60, 'void *', 'void *, void *'],
  GetDimensionsCount: [61, 'void *', 'void *, void *'],
  GetDimensions: [62, 'void *', 'void *, void *, size_t'],
  GetTensorTypeAndShape: [65, 'void *', 'void *, void *'],
  CreateCpuMemoryInfo: [69, 'void *', 'int, int, void *'],
  AllocatorFree: [76, 'void *', 'void *, void *'],
  GetAllocatorWithDefaultOptions: [78, 'void *', 'void *'],
  ReleaseStatus: [93, 'void', 'void *'],
  ReleaseSession: [95, 'void', 'void *'],
  ReleaseValue: [96, 'void', 'void *'],
  ReleaseRunOptions: [97, 'void', 'void *'],
  ReleaseTensorTypeAndShapeInfo: [99, 'void', 'void *'],
  ReleaseSessionOptions: [100, 'void', 'void *'],
  AddSessionConfigEntry: [130, 'void *', 'void *, str, str'],
};
/** The oldest version of the API with all of them; `AddSessionConfigEntry` is its newest. */
const apiVersion = 5;

const fileNames: Readonly<Record<string, string>> = {
  linux: 'libonnxruntime.so.1',
  darwin: 'libonnxruntime.1.dylib',
  win32: 'onnxruntime.dll',
};

export interface OrtLibrary {
  readonly version: string;
  readonly api: OrtApi;
  readonly copy: CopyMemory;
  /** @throws Error with the library's own words when a call went wrong. */
  check(status: Status): void;
  /** What a function leaves in its slot. */
  made(call: (out: Slot) => Status): bigint;
  /** Text of the library's at an address. */
  textAt(address: Pointer): string;
  /** Where an array lies, until its buffer is moved or collected. */
  addressOf(array: ArrayBufferView): bigint;
  /** Held for as long as anything of the library is: without a reference it would be unloaded under our feet. */
  readonly handle: object;
}

let opened: OrtLibrary | undefined;

/** The library that onnxruntime-node ships; loaded once in a process. @throws Error when it is not there or is another. */
export function openOrtLibrary(): OrtLibrary {
  opened ??= load();
  return opened;
}

function load(): OrtLibrary {
  const koffi = loadKoffi();
  const { file, version } = shippedLibrary();
  const handle = koffi.load(file);
  const base = handle.func('void *OrtGetApiBase()')() as Pointer;
  const [getApi, getVersion] = koffi.decode(base, koffi.array('void *', 2)) as [bigint, bigint];
  const found = koffi.call(getVersion, koffi.proto('str OrtGetVersionString()')) as string;
  if (found !== version)
    throw new Error(`${file}: expected ONNX Runtime ${version}, got ${found}; reinstall the package`);
  const table = koffi.call(getApi, koffi.proto('void *OrtGetApi(uint32_t version)'), apiVersion) as Pointer;
  if (!table) throw new Error(`${file}: ONNX Runtime ${found} has no version ${apiVersion} of the C API`);
  const numPlaces = Math.max(...Object.values(functions).map(([place]) => place)) + 1;
  const places = koffi.decode(table, koffi.array('void *', numPlaces)) as bigint[];
  const api = Object.fromEntries(
    Object.entries(functions).map(([name, [place, result, parameters]]) => {
      return [name, koffi.decode(places[place]!, koffi.proto(`${result} Ort${name}(${parameters})`)) as unknown];
    }),
  ) as unknown as OrtApi;
  const check = (status: Status) => {
    if (!status) return;
    const message = api.GetErrorMessage(status);
    api.ReleaseStatus(status);
    throw new Error(`ONNX Runtime: ${message}`);
  };
  // One for all calls, which never overlap. With a buffer of its own: V8 keeps small arrays in its heap, and moving one out costs 1 us.
  const slot = new BigUint64Array(new ArrayBuffer(8));
  const made = (call: (out: Slot) => Status) => {
    check(call(slot));
    return slot[0]!;
  };
  const textAt = (address: Pointer) => koffi.decode.string(address);
  return { version, api, copy: memoryCopier(koffi), check, made, textAt, addressOf: koffi.address, handle };
}

function shippedLibrary(): { file: string; version: string } {
  const { platform, arch } = process;
  const description = require.resolve('onnxruntime-node/package.json');
  const { version } = JSON.parse(readFileSync(description, 'utf8')) as { version: string };
  const fileName = fileNames[platform] ?? 'libonnxruntime.so.1';
  return { file: path.join(path.dirname(description), 'bin', 'napi-v6', platform, arch, fileName), version };
}
