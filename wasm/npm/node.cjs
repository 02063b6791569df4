'use strict';
// node.js for CommonJS.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const slim = require('./slim.cjs');

const read = () => readFileSync(join(__dirname, 'eqlite.wasm'));

/** Loads the module, once. */
function init(source = read()) {
  return slim.init(source);
}

/** The same without waiting. */
function initSync(source = read()) {
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
