'use strict';
// inline.js for CommonJS.
const text = require('./bytes.cjs');
const slim = require('./slim.cjs');

const decode = () => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

/** Loads the module, once. */
function init(source = decode()) {
  return slim.init(source);
}

/** The same without waiting. */
function initSync(source = decode()) {
  slim.initSync(source);
}

exports.init = init;
exports.initSync = initSync;
exports.AuditReader = slim.AuditReader;
exports.Correlator = slim.Correlator;
exports.Search = slim.Search;
exports.check = slim.check;
exports.doctor = slim.doctor;
exports.explain = slim.explain;
exports.parseAuditLog = slim.parseAuditLog;
exports.replay = slim.replay;
exports.search = slim.search;
