// The same for CommonJS: the types must be those of a CommonJS module.

import eqlite = require("eqlite");
import inline = require("eqlite/inline");
import slim = require("eqlite/slim");

eqlite.initSync();
inline.initSync();
slim.initSync(new Uint8Array());
const correlator = new eqlite.Correlator({ rules: [] });
const alerts: eqlite.Alert[] = correlator.drainAlerts();
void alerts;
