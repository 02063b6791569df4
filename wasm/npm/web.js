// For browsers, workers, bundlers, Deno and Bun: the module is fetched from beside this file.
import { init as initFrom } from './slim.js';

export { initSync, AuditReader, Correlator, Search, check, doctor, explain, parseAuditLog, replay, search } from './slim.js';

/** Loads the module, once. */
export function init(source = new URL('./eqlite.wasm', import.meta.url)) {
  return initFrom(source);
}
