// With the module inside, as text: for places that serve one script and nothing else.
import text from './bytes.js';
import { init as initFrom, initSync as initSyncFrom } from './slim.js';

export { AuditReader, Correlator, Search, check, doctor, explain, parseAuditLog, replay, search } from './slim.js';

const decode = () => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

/** Loads the module, once. */
export function init(source = decode()) {
  return initFrom(source);
}

/** The same without waiting. */
export function initSync(source = decode()) {
  initSyncFrom(source);
}
