// What scripts/wasmKernels.mjs makes of an import of './x.wasm': the bytes of the compiled x.as.ts.
declare module '*.wasm' {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
