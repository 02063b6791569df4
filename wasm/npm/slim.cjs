'use strict';
// slim.js for CommonJS.
const glue = require('./glue.cjs');

let loaded = false;
let loading;

/** Loads the module, once. */
function init(source) {
  loading ??= glue({ module_or_path: source }).then(
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
function initSync(source) {
  if (loaded) return;
  glue.initSync({ module: source });
  loaded = true;
  loading = Promise.resolve();
}

/** Takes events and gives alerts back. */
class Correlator extends glue.Correlator {
  constructor(options) {
    if (!loaded) throw Object.assign(new Error('call `await init()` before `new Correlator()`'), { name: 'EqliteError', code: 'init', diagnostics: [] });
    super(options);
  }
}

exports.init = init;
exports.initSync = initSync;
exports.Correlator = Correlator;
