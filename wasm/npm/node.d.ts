import type { InitSource } from './types.js';

export * from './types.js';

/** Loads the module, once: the file `eqlite.wasm` of the package, unless you say otherwise. */
export function init(source?: InitSource): Promise<void>;

/** The same without waiting. */
export function initSync(source?: BufferSource | WebAssembly.Module): void;
