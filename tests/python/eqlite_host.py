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
CODES = {-2: "no such correlator", -3: "bytes outside of a buffer", -4: "options are not UTF-8", -5: "the module broke earlier"}


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
        self.buffer, self.size = 0, 0
        assert self.call("abi_version") == 1

    def call(self, name, *args):
        """Calls a function; a negative answer becomes an exception."""
        try:
            answer = self.exports["eqlite_" + name](self.store, *args)
        except wasmtime.Trap as trap:
            address = self.exports["eqlite_panic"](self.store)
            message = self.read(address, self.exports["eqlite_panic_len"](self.store)).decode()
            raise RuntimeError(message or str(trap)) from trap
        if answer is None or answer >= 0:
            return answer
        if answer == REFUSED:
            raise Refused(json.loads(self.output(self.call("output_len"))))
        raise RuntimeError(CODES.get(answer, f"code {answer}"))

    def write(self, data):
        """Puts bytes where the module can read them; the buffer is kept and grows as needed."""
        if len(data) > self.size:
            if self.buffer:
                self.call("free", self.buffer)
            self.size = max(len(data), 65536)
            # Addresses are unsigned; wasmtime gives them signed.
            self.buffer = self.exports["eqlite_alloc"](self.store, self.size)
            if self.buffer == 0:
                self.size = 0
                raise MemoryError(f"the module has no {len(data)} bytes left")
        self.memory.write(self.store, data, self.buffer & 0xFFFFFFFF)
        return self.buffer, len(data)

    def read(self, address, length):
        address &= 0xFFFFFFFF
        return bytes(self.memory.read(self.store, address, address + length))

    def output(self, length):
        return self.read(self.exports["eqlite_output"](self.store), length)

    def correlator(self, options):
        return Correlator(self, self.call("new", *self.write(json.dumps(options).encode())))


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
