// The package without its module: the caller says where `eqlite.wasm` is. The other entries are this one with a default.
import * as glue from './glue.js';

let loaded = false;
let loading;

/** Loads the module, once. */
export function init(source) {
  loading ??= glue.default({ module_or_path: source }).then(
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
  glue.initSync({ module: source });
  loaded = true;
  loading = Promise.resolve();
}

/** Throws unless the module is loaded. */
function needed(what) {
  if (!loaded) throw Object.assign(new Error(`call \`await init()\` before \`${what}\``), { name: 'EqliteError', code: 'init', diagnostics: [] });
}

/** Why the module cannot be used any more, once it has trapped: whatever its memory holds since then is not to be trusted. */
let broken;

/** Calls into the module. A trap is a bug of eqlite, and becomes an error that says so. */
function enter(call) {
  if (broken) throw internal('this module is unusable since an earlier error, the cause of this one', broken);
  try {
    return call();
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    // The places within the module, which the module with names (pkg/named) tells by name, are part of the message: it is what gets reported.
    broken = internal(`eqlite broke, this is a bug; please report it with these places:\n${error.stack}`, error);
    throw broken;
  }
}

function internal(message, cause) {
  return Object.assign(new Error(message, { cause }), { name: 'EqliteError', code: 'internal', diagnostics: [] });
}

/** Has every method of a class enter like that. */
function guarded(kind) {
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(kind.prototype))) {
    if (typeof value !== 'function' || name === 'constructor' || name === 'free') continue;
    kind.prototype[name] = function (...args) {
      return enter(() => value.apply(this, args));
    };
  }
}

[glue.Correlator, glue.Search, glue.AuditReader].forEach(guarded);

/** Takes events and gives alerts back. */
export class Correlator extends glue.Correlator {
  constructor(options) {
    needed('new Correlator()');
    enter(() => super(options));
  }
}

/** Data that are complete, to be searched. */
export class Search extends glue.Search {
  constructor(options) {
    needed('new Search()');
    enter(() => super(options));
  }
}

/** Makes ECS documents of an audit log, piece by piece. */
export class AuditReader extends glue.AuditReader {
  constructor(options) {
    needed('new AuditReader()');
    enter(() => super(options));
  }
}

/** Searches data that are complete, as Elasticsearch's `_eql/search` does it. */
export function search(query, data, options) {
  needed('search()');
  return enter(() => glue.search(query, data, options));
}

/** Checks rules without running them. */
export function check(rules, options) {
  needed('check()');
  return enter(() => glue.check(rules, options));
}

/** Makes ECS documents of an audit log. */
export function parseAuditLog(log, options) {
  needed('parseAuditLog()');
  return enter(() => glue.parseAuditLog(log, options));
}

/** Says what an audit log can show of what rules ask for. */
export function doctor(log, options) {
  needed('doctor()');
  return enter(() => glue.doctor(log, options));
}

/** Says why a rule alerts or not. */
export function explain(rule, documents, options) {
  needed('explain()');
  return enter(() => glue.explain(rule, documents, options));
}

/** Compares the schedule that Kibana would have run with the stream. */
export function replay(rules, documents, options) {
  needed('replay()');
  return enter(() => glue.replay(rules, documents, options));
}
