// The types of the package, written by hand: what `wasm/src/js.rs` offers.

export * from './correlator.js';
export * from './tools.js';

/** Bytes of the module, the module, or where it is to be fetched from. */
export type InitSource =
  | URL
  | string
  | Request
  | Response
  | BufferSource
  | WebAssembly.Module
  | Promise<Response>;
