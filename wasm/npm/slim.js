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

/** Takes events and gives alerts back. */
export class Correlator extends glue.Correlator {
  constructor(options) {
    needed('new Correlator()');
    super(options);
  }
}

/** Data that are complete, to be searched. */
export class Search extends glue.Search {
  constructor(options) {
    needed('new Search()');
    super(options);
  }
}

/** Makes ECS documents of an audit log, piece by piece. */
export class AuditReader extends glue.AuditReader {
  constructor(options) {
    needed('new AuditReader()');
    super(options);
  }
}

/** Searches data that are complete, as Elasticsearch's `_eql/search` does it. */
export function search(query, data, options) {
  needed('search()');
  return glue.search(query, data, options);
}

/** Checks rules without running them. */
export function check(rules, options) {
  needed('check()');
  return glue.check(rules, options);
}

/** Makes ECS documents of an audit log. */
export function parseAuditLog(log, options) {
  needed('parseAuditLog()');
  return glue.parseAuditLog(log, options);
}

/** Says what an audit log can show of what rules ask for. */
export function doctor(log, options) {
  needed('doctor()');
  return glue.doctor(log, options);
}

/** Says why a rule alerts or not. */
export function explain(rule, documents, options) {
  needed('explain()');
  return glue.explain(rule, documents, options);
}

/** Compares the schedule that Kibana would have run with the stream. */
export function replay(rules, documents, options) {
  needed('replay()');
  return glue.replay(rules, documents, options);
}
