import type { InitSource } from './types.js';

export * from './types.js';

/** Loads the module, once: the `eqlite.wasm` beside the package (or `eqlite.plain.wasm`, where WebAssembly has no vectors), unless you say otherwise. */
export function init(source?: InitSource): Promise<void>;

/** The same without waiting, from bytes or a compiled module. */
export function initSync(source: BufferSource | WebAssembly.Module): void;
