// For Node: the module is read from beside this file.
import { readFileSync } from 'node:fs';
import { init as initFrom, initSync as initSyncFrom } from './slim.js';

export { AuditReader, Correlator, Search, check, doctor, explain, parseAuditLog, replay, search } from './slim.js';

const read = () => readFileSync(new URL('./eqlite.wasm', import.meta.url));

/** Loads the module, once. */
export function init(source = read()) {
  return initFrom(source);
}

/** The same without waiting. */
export function initSync(source = read()) {
  initSyncFrom(source);
}
