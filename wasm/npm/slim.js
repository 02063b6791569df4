// The package without its module: the caller says where `eqlite.wasm` is. The other entries are this one with a default.
import load, { initSync as loadSync, Correlator as Glue } from './glue.js';

let loaded = false;
let loading;

/** Loads the module, once. */
export function init(source) {
  loading ??= load({ module_or_path: source }).then(
    () => {
      loaded = true;
    },
    (error) => {
      loading = undefined;
      throw error;
    },
  );
  return loading;
}

/** The same without waiting, from bytes or a compiled module. */
export function initSync(source) {
  if (loaded) return;
  loadSync({ module: source });
  loaded = true;
  loading = Promise.resolve();
}

/** Takes events and gives alerts back. */
export class Correlator extends Glue {
  constructor(options) {
    if (!loaded) throw Object.assign(new Error('call `await init()` before `new Correlator()`'), { name: 'EqliteError', code: 'init', diagnostics: [] });
    super(options);
  }
}
