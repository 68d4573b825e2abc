// mozjpeg and libwebp as WebAssembly. Imported only when the first image of theirs is decoded, so that a process that never sees
// one pays nothing. What a broken image does to a decoder stays in its sandbox: after an error the sandbox is thrown away, and so
// it is after a large image, because its memory never shrinks.
import makeMozjpeg from '@jsquash/jpeg/codec/dec/mozjpeg_dec.js';
import mozjpegBytes from '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm';
import makeLibwebp from '@jsquash/webp/codec/dec/webp_dec.js';
import libwebpBytes from '@jsquash/webp/codec/dec/webp_dec.wasm';
import { corrupt, type Rgba, truncated } from './imageFile.ts';

/** What the makers of these modules document; their own types are the browser's. */
interface ModuleOptions {
  readonly noInitialRun: boolean;
  readonly print: (line: string) => void;
  readonly printErr: (line: string) => void;
  readonly instantiateWasm: (
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
    done: (instance: WebAssembly.Instance) => void,
  ) => Readonly<Record<string, unknown>>;
}

interface DecoderModule {
  /** libwebp's takes the bytes alone; mozjpeg's also whether to apply the orientation, which is done here. */
  decode(bytes: Uint8Array, ...options: readonly boolean[]): unknown;
}

type MakeModule = (options: ModuleOptions) => Promise<DecoderModule>;

interface Size {
  readonly width: number;
  readonly height: number;
}

const mostKeptPixels = 1 << 22;
const mostLines = 20;

class Sandbox {
  readonly #make: MakeModule;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #compiled: WebAssembly.Module | undefined;
  #module: Promise<DecoderModule> | undefined;
  /** What the decoder said about the image at hand. */
  #said: string[] = [];

  constructor(make: MakeModule, bytes: Uint8Array<ArrayBuffer>) {
    this.#make = make;
    this.#bytes = bytes;
  }

  /** @throws ImageError when it is not an image of that size. */
  async decode(format: string, bytes: Uint8Array, { width, height }: Size, ...options: boolean[]): Promise<Rgba> {
    this.#module ??= this.#start();
    const module = await this.#module;
    this.#said = [];
    let decoded: unknown;
    try {
      decoded = module.decode(bytes, ...options);
    } catch {
      this.#module = undefined;
      throw corrupt(`${format}: ${this.#said[0] ?? 'it does not decode'}`);
    }
    if (width * height > mostKeptPixels) this.#module = undefined;
    const early = this.#said.find((line) => /premature end/i.test(line));
    if (early !== undefined) throw truncated(`${format}: its pixels end early`);
    if (!isRgba(decoded) || decoded.width !== width || decoded.height !== height) {
      throw corrupt(`${format}: ${this.#said[0] ?? 'its pixels do not decode'}`);
    }
    return decoded;
  }

  #start(): Promise<DecoderModule> {
    const compiled = this.#compiled ?? new WebAssembly.Module(this.#bytes);
    this.#compiled = compiled;
    const print = (line: string) => {
      if (this.#said.length < mostLines) this.#said.push(line);
    };
    return this.#make({
      noInitialRun: true,
      print,
      printErr: print,
      instantiateWasm: (imports, done) => {
        const instance = new WebAssembly.Instance(compiled, imports);
        done(instance);
        return instance.exports;
      },
    });
  }
}

const mozjpeg = new Sandbox(makeMozjpeg as MakeModule, mozjpegBytes);
const libwebp = new Sandbox(makeLibwebp as MakeModule, libwebpBytes);

export function decodeJpeg(bytes: Uint8Array, size: Size): Promise<Rgba> {
  return mozjpeg.decode('JPEG', bytes, size, false);
}

export function decodeWebp(bytes: Uint8Array, size: Size): Promise<Rgba> {
  return libwebp.decode('WebP', bytes, size);
}

function isRgba(value: unknown): value is Rgba {
  if (typeof value !== 'object' || value === null) return false;
  const { width, height, data } = value as Partial<Rgba>;
  return (
    typeof width === 'number' &&
    typeof height === 'number' &&
    (data instanceof Uint8ClampedArray || data instanceof Uint8Array) &&
    data.length === width * height * 4
  );
}
