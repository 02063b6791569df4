"""The cases of spec/alerts on the plain module, and what its functions promise."""

import json
import pathlib
import unittest

from eqlite_host import Module, Refused

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODULE = ROOT / "pkg/eqlite.abi.wasm"


def rule(query, name="r"):
    return {"rule_id": name, "name": name, "type": "eql", "language": "eql", "severity": "low", "risk_score": 1, "query": query}


class Cases(unittest.TestCase):
    """spec/alerts/README.md says what a case is."""

    def test_all(self):
        module = Module(MODULE)
        folders = sorted(path.parent for path in (ROOT / "spec/alerts").glob("*/case.json"))
        self.assertTrue(folders)
        for folder in folders:
            case = json.loads((folder / "case.json").read_text())
            rules = [{"file": name, "text": (ROOT / name).read_text()} for name in case["rules"]]
            data = (ROOT / case["input"]).read_bytes()
            expected = (folder / "expected.ndjson").read_bytes() if (folder / "expected.ndjson").exists() else None
            # A call for every byte takes minutes here; the other hosts do that.
            sizes = [size for size in case.get("chunk_sizes", [7, 4096]) if len(data) / size < 2000]
            for size in [*sizes, max(len(data), 1)]:
                with self.subTest(folder.name, size=size), module.correlator({**case.get("options", {}), "rules": rules}) as correlator:
                    for at in range(0, len(data), size):
                        correlator.feed(data[at : at + size])
                    correlator.finish()
                    self.assertEqual(correlator.alert_lines(), expected)
                    lines = [problem["line"] for problem in correlator.problems()]
                    self.assertEqual(lines, case.get("problems", []))
                    self.assertEqual(correlator.stats()["malformed"], len(lines))


class Functions(unittest.TestCase):
    """docs/abi.md"""

    @classmethod
    def setUpClass(cls):
        cls.module = Module(MODULE)

    def test_nothing_is_imported(self):
        import wasmtime

        module = wasmtime.Module.from_file(wasmtime.Engine(), str(MODULE))
        self.assertEqual(list(module.imports), [])

    def test_the_document_names_every_function(self):
        text = (ROOT / "docs/abi.md").read_text()
        for name in self.module.exports:
            if name.startswith("eqlite_"):
                self.assertIn(f"`{name}`", text)

    def test_an_event_matches(self):
        options = {"rules": [rule('process where process.name == "sh"')], "format": "ecs"}
        with self.module.correlator(options) as correlator:
            event = {"@timestamp": "2026-01-01T00:00:00Z", "event": {"category": "process"}, "process": {"name": "sh"}}
            self.assertEqual(correlator.feed_event(event), 1)
            correlator.advance(1767225600000)
            correlator.finish()
            self.assertEqual([alert["kind"] for alert in correlator.alerts()], ["event"])
            self.assertEqual(correlator.alerts(), [])
            self.assertEqual([entry["id"] for entry in correlator.rules()], ["r"])
            self.assertEqual(correlator.diagnostics(), [])

    def test_refusals(self):
        with self.assertRaises(Refused) as caught:
            self.module.correlator({"rules": [rule("process wher true")]})
        self.assertEqual(caught.exception.code, "rules")
        self.assertEqual(caught.exception.diagnostics[0]["line"], 1)
        with self.assertRaises(Refused) as caught:
            self.module.correlator({"rulez": []})
        self.assertEqual(caught.exception.code, "options")

    def test_wrong_handles_and_addresses_are_answered_with_codes(self):
        raw = lambda name, *args: self.module.exports["eqlite_" + name](self.module.store, *args)
        with self.module.correlator({"rules": []}) as correlator:
            address, _ = self.module.write(b"x")
            for handle in (0, -1, 99, 2**31 - 1):
                self.assertEqual(raw("feed", handle, address, 1), -2)
                self.assertEqual(raw("drop", handle), -2)
                self.assertEqual(raw("stats", handle), -2)
            for wrong in (0, address + 1, address - 1):
                self.assertEqual(raw("feed", correlator.handle, wrong, 1), -3)
            self.assertEqual(raw("feed", correlator.handle, address, self.module.buffers["first"][1] + 1), -3)
            self.assertEqual(raw("free", address + 1), -3)
            self.assertEqual(raw("feed", correlator.handle, 0, 0), 0)
        self.assertEqual(raw("finish", correlator.handle), -2)
        self.module.write(b"\xff")
        self.assertEqual(raw("new", address, 1), -4)

    def test_handles_are_used_again(self):
        first = self.module.correlator({"rules": []})
        with first:
            second = self.module.correlator({"rules": []})
        with second, self.module.correlator({"rules": []}) as third:
            self.assertEqual(third.handle, first.handle)
            self.assertNotEqual(third.handle, second.handle)

    def test_tools(self):
        log = (ROOT / "samples/runs/socat-udp.log").read_bytes()
        documents = self.module.documents(log, {"profile": "auditd-manager", "host": {"id": "h"}})
        data = "".join(json.dumps(document) + "\n" for document in documents).encode()
        found = self.module.search('any where event.action == "connected-to" and destination.port == 4444', [("one", data, None)])
        self.assertEqual([hit["_source"]["host"]["id"] for hit in found["hits"]["events"]], ["h"])
        mapping = {"properties": {"process": {"properties": {"pid": {"type": "long"}}}}}
        with self.assertRaises(Refused) as caught:
            self.module.search("any where process.pit == 1", [("one", data, mapping)], {"size": 1})
        self.assertEqual((caught.exception.code, caught.exception.diagnostics[0]["column"]), ("query", 11))
        good, bad = self.module.check([rule("any where true"), rule("any wher true")])
        self.assertEqual((good["status"], bad["status"]), ("ok", "error"))
        report = self.module.doctor(log, [rule('any where auditd.data.syscall == "bind"')])
        self.assertEqual(report["findings"][0]["code"], "D003")

    def test_handles_have_a_kind(self):
        raw = lambda name, *args: self.module.exports["eqlite_" + name](self.module.store, *args)
        with self.module.correlator({"rules": []}) as correlator:
            for name in ("audit_drain", "doctor_report"):
                self.assertEqual(raw(name, correlator.handle), -2)
            self.assertEqual(raw("search_run", correlator.handle, 0, 0, 0, 0), -2)


if __name__ == "__main__":
    unittest.main()
