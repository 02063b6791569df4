"""A host in Python: the plain module (docs/abi.md) on PyPI's `wasmtime`.

    module = Module("pkg/eqlite.abi.wasm")
    with module.correlator({"rules": [open("rule.toml").read()], "format": "auditd"}) as correlator:
        correlator.feed(b"type=SYSCALL ...")
        correlator.finish()
        for alert in correlator.alerts():
            print(alert["rule"]["name"], alert["join_keys"])

Calls from Python into a module cost some 50 microseconds each: feed many lines at once.
"""

import json

import wasmtime

REFUSED = -1
CODES = {-2: "no such handle", -3: "bytes outside of a buffer", -4: "text that is not UTF-8", -5: "the module broke earlier"}


class Refused(Exception):
    """Options, a rule or an event was refused. `code` and `diagnostics` as in every other host."""

    def __init__(self, failure):
        super().__init__(failure["message"])
        self.code = failure["code"]
        self.diagnostics = failure["diagnostics"]


class Module:
    """The module in an instance of its own, with memory of its own."""

    def __init__(self, path, memory_limit=512 << 20):
        engine = wasmtime.Engine()
        self.store = wasmtime.Store(engine)
        self.store.set_limits(memory_size=memory_limit)
        # It imports nothing, so there is nothing to give it.
        instance = wasmtime.Instance(self.store, wasmtime.Module.from_file(engine, str(path)), [])
        self.exports = instance.exports(self.store)
        self.memory = self.exports["memory"]
        self.buffers = {}
        assert self.call("abi_version") == 1

    def call(self, name, *args):
        """Calls a function; a negative answer becomes an exception."""
        try:
            answer = self.exports["eqlite_" + name](self.store, *args)
        except wasmtime.Trap as trap:
            # The numbers of functions in its text are what a report needs.
            raise RuntimeError(f"the engine broke, this is a bug: {trap}") from trap
        if answer is None or answer >= 0:
            return answer
        if answer == REFUSED:
            raise Refused(json.loads(self.output(self.call("output_len"))))
        raise RuntimeError(CODES.get(answer, f"code {answer}"))

    def write(self, data, name="first"):
        """Puts bytes where the module can read them; the buffers are kept and grow as needed."""
        buffer, size = self.buffers.get(name, (0, 0))
        if len(data) > size:
            if buffer:
                self.call("free", buffer)
            size = max(len(data), 65536)
            # Addresses are unsigned; wasmtime gives them signed.
            buffer = self.exports["eqlite_alloc"](self.store, size)
            self.buffers[name] = (buffer, size)
            if buffer == 0:
                del self.buffers[name]
                raise MemoryError(f"the module has no {len(data)} bytes left")
        self.memory.write(self.store, data, buffer & 0xFFFFFFFF)
        return buffer, len(data)

    def read(self, address, length):
        address &= 0xFFFFFFFF
        return bytes(self.memory.read(self.store, address, address + length))

    def output(self, length):
        return self.read(self.exports["eqlite_output"](self.store), length)

    def correlator(self, options):
        return Correlator(self, self.call("new", *self.write(json.dumps(options).encode())))

    def explain(self, rules, documents, options=None):
        """Why a rule alerts or not; `documents` are bytes, whatever a correlator can be fed."""
        return self._ask("explain", rules, documents, options)

    def replay(self, rules, documents, options=None):
        """What Kibana's schedule finds beside the stream."""
        return self._ask("replay", rules, documents, options)

    def _ask(self, name, rules, documents, options):
        given = [json.dumps(rules).encode(), documents, json.dumps(options or {}).encode()]
        arguments = [self.write(data, place) for data, place in zip(given, ("first", "second", "third"))]
        return json.loads(self.output(self.call(name, *(number for argument in arguments for number in argument))))

    def check(self, rules, schema=None):
        """Checks rules; a report for each."""
        options = json.dumps({"rules": rules, "schema": schema}).encode()
        return json.loads(self.output(self.call("check", *self.write(options))))

    def documents(self, log, options=None):
        """The ECS documents of an audit log."""
        handle = self.call("audit_new", *self.write(json.dumps(options or {}).encode()))
        try:
            self.call("feed", handle, *self.write(log))
            self.call("finish", handle)
            return [json.loads(line) for line in self.output(self.call("audit_drain", handle)).splitlines()]
        finally:
            self.call("drop", handle)

    def doctor(self, log, rules):
        """What an audit log can show of what rules ask for."""
        handle = self.call("doctor_new", *self.write(json.dumps({"rules": rules}).encode()))
        try:
            self.call("feed", handle, *self.write(log))
            return json.loads(self.output(self.call("doctor_report", handle)))
        finally:
            self.call("drop", handle)

    def search(self, query, sources, options=None):
        """An EQL search over sources, each a name, bytes, and a mapping or None; the answer of _eql/search."""
        handle = self.call("search_new", *self.write(b""))
        try:
            for name, data, mapping in sources:
                typed = json.dumps(mapping).encode() if mapping else b""
                self.call("search_add", handle, *self.write(name.encode()), *self.write(typed, "second"))
                self.call("feed", handle, *self.write(data))
            asked = json.dumps(options or {}).encode()
            length = self.call("search_run", handle, *self.write(query.encode()), *self.write(asked, "second"))
            return json.loads(self.output(length))
        finally:
            self.call("drop", handle)


class Correlator:
    """Takes events and gives alerts back."""

    def __init__(self, module, handle):
        self.module, self.handle = module, handle

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.module.call("drop", self.handle)

    def feed(self, data):
        """Feeds bytes, cut anywhere."""
        self.module.call("feed", self.handle, *self.module.write(data))

    def sift(self, piece):
        """Which events of a piece match nothing, for another correlator of the same options."""
        return self.module.output(self.module.call("sift", self.handle, *self.module.write(piece)))

    def feed_sifted(self, piece, sifted):
        """Feeds a piece that another correlator has sifted."""
        self.module.call("feed_sifted", self.handle, *self.module.write(piece), *self.module.write(sifted, "second"))

    def feed_event(self, document):
        """Feeds one ECS document; says how many stages of rules it matched."""
        return self.module.call("feed_event", self.handle, *self.module.write(json.dumps(document).encode()))

    def advance(self, milliseconds):
        """Says that no event before this time will come any more."""
        self.module.call("advance", self.handle, milliseconds)

    def finish(self):
        """The end of the input."""
        self.module.call("finish", self.handle)

    def alert_lines(self):
        """The alerts since the last call, as the engine's NDJSON."""
        return self.module.output(self.module.call("drain_alerts", self.handle))

    def alerts(self):
        """The alerts since the last call."""
        return [json.loads(line) for line in self.alert_lines().splitlines()]

    def problems(self):
        """The problems since the last call."""
        return self._json("drain_problems")

    def snapshot(self):
        """The whole state as bytes, alerts that wait included."""
        return self.module.output(self.module.call("snapshot", self.handle))

    def restore(self, snapshot):
        """Goes on where a snapshot was made, on whatever host, under the same rules."""
        self.module.call("restore", self.handle, *self.module.write(snapshot))

    def partitioning(self):
        """How the rules can be spread over several correlators."""
        return self._json("partitioning")

    def stats(self):
        """Counters since the beginning."""
        return self._json("stats")

    def rules(self):
        """The rules that were given."""
        return self._json("rules")

    def diagnostics(self):
        """Findings about rules that run or were skipped."""
        return self._json("diagnostics")

    def _json(self, name):
        return json.loads(self.module.output(self.module.call(name, self.handle)))
