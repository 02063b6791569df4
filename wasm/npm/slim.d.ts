import type { InitSource } from './types.js';

export * from './types.js';

/** Loads the module, once, from where you say. */
export function init(source: InitSource): Promise<void>;

/** The same without waiting, from bytes or a compiled module. */
export function initSync(source: BufferSource | WebAssembly.Module): void;
