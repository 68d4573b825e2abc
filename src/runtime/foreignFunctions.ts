// Calls into C libraries, through the native part of koffi. Its one file is required by itself, without the JavaScript around it: so
// a package needs that one file of one platform. `koffi.view` is not used: Electron allows no buffers over foreign memory.
import { UserError } from '../base/errors.ts';

export type Koffi = typeof import('koffi');

/** An address in this process; null and 0n are the null pointer. */
export type Pointer = bigint | null;

/**
 * Operators run on a stack of koffi's own, which is 2 MiB by default and 128 KiB for calls in the background. The library is written
 * for the 8 MiB of a main thread. Pages that are not touched cost nothing.
 */
const stackBytes = 8 << 20;

let loaded: Koffi | undefined;

/** `load` is for tests. @throws UserError when there is no binary for this platform. */
export function loadKoffi(load?: (file: string) => Koffi): Koffi {
  if (loaded && !load) return loaded;
  const { platform, arch } = process;
  try {
    const koffi = (load ?? require)(`@koromix/koffi-${platform}-${arch}/${platform}_${arch}/koffi.node`) as Koffi;
    koffi.config({ sync_stack_size: stackBytes, async_stack_size: stackBytes });
    loaded = koffi;
    return koffi;
  } catch (error) {
    const [reason] = String(error).split('\n', 1);
    throw new UserError(
      `koffi has no usable binary for ${platform}-${arch} (${reason}); choose the plain runtime, which needs none`,
      { cause: error },
    );
  }
}

export type CopyMemory = (to: ArrayBufferView, from: Pointer, numBytes: number) => void;

/** Copies memory of the library into an array of ours. */
export function memoryCopier(koffi: Koffi): CopyMemory {
  const copy =
    process.platform === 'win32'
      ? koffi.load('kernel32.dll').func('void RtlMoveMemory(void *to, void *from, size_t count)')
      : koffi.load(null).func('void *memcpy(void *to, void *from, size_t count)');
  return (to, from, numBytes) => {
    if (numBytes > to.byteLength)
      throw new RangeError(`copy: expected room for ${numBytes} bytes, got ${to.byteLength}`);
    if (numBytes > 0) copy(to, from, numBytes);
  };
}
