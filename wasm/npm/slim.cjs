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

/** Throws unless the module is loaded. */
function needed(what) {
  if (!loaded) throw Object.assign(new Error(`call \`await init()\` before \`${what}\``), { name: 'EqliteError', code: 'init', diagnostics: [] });
}

/** Takes events and gives alerts back. */
class Correlator extends glue.Correlator {
  constructor(options) {
    needed('new Correlator()');
    super(options);
  }
}

/** Data that are complete, to be searched. */
class Search extends glue.Search {
  constructor(options) {
    needed('new Search()');
    super(options);
  }
}

/** Makes ECS documents of an audit log, piece by piece. */
class AuditReader extends glue.AuditReader {
  constructor(options) {
    needed('new AuditReader()');
    super(options);
  }
}

/** Searches data that are complete, as Elasticsearch's `_eql/search` does it. */
function search(query, data, options) {
  needed('search()');
  return glue.search(query, data, options);
}

/** Checks rules without running them. */
function check(rules, options) {
  needed('check()');
  return glue.check(rules, options);
}

/** Makes ECS documents of an audit log. */
function parseAuditLog(log, options) {
  needed('parseAuditLog()');
  return glue.parseAuditLog(log, options);
}

/** Says what an audit log can show of what rules ask for. */
function doctor(log, options) {
  needed('doctor()');
  return glue.doctor(log, options);
}

/** Says why a rule alerts or not. */
function explain(rule, documents, options) {
  needed('explain()');
  return glue.explain(rule, documents, options);
}

/** Compares the schedule that Kibana would have run with the stream. */
function replay(rules, documents, options) {
  needed('replay()');
  return glue.replay(rules, documents, options);
}

exports.init = init;
exports.initSync = initSync;
exports.AuditReader = AuditReader;
exports.Correlator = Correlator;
exports.Search = Search;
exports.check = check;
exports.doctor = doctor;
exports.explain = explain;
exports.parseAuditLog = parseAuditLog;
exports.replay = replay;
exports.search = search;
