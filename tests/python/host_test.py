"""The cases of spec/alerts and spec/kibana on the plain module, and what its functions promise."""

import json
import pathlib
import unittest

from eqlite_host import Module, Refused

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODULE = ROOT / "pkg/eqlite.abi.wasm"


def rule(query, name="r"):
    return {"rule_id": name, "name": name, "type": "eql", "language": "eql", "severity": "low", "risk_score": 1, "query": query}


def holds(wanted, found):
    """Whether everything that is wanted is there: of an object these keys."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(key in found and holds(value, found[key]) for key, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and len(wanted) == len(found) and all(map(holds, wanted, found))
    return wanted == found


class Cases(unittest.TestCase):
    """spec/alerts/README.md says what a case is, and what a runner does."""

    @classmethod
    def setUpClass(cls):
        cls.module = Module(MODULE)

    def test_all(self):
        folders = sorted(path.parent for spec in ("alerts", "kibana") for path in (ROOT / "spec" / spec).glob("*/case.json"))
        self.assertGreater(len(folders), 100)
        for folder in folders:
            case = json.loads((folder / "case.json").read_text())
            if "context" not in case:
                self.check(folder, case, case.get("options", {}), "expected.ndjson")
            else:
                self.check(folder, case, {"output": "kibana", "kibana": case["context"]}, "expected.ndjson")
                self.check(folder, case, {"output": "signal"}, "signal.ndjson")

    def check(self, folder, case, options, expected):
        options = {**options, "rules": [{"file": name, "text": (ROOT / name).read_text()} for name in case["rules"]]}
        data = (ROOT / case["input"]).read_bytes()
        # A call for every byte takes minutes here; the other hosts do that.
        sizes = [size for size in case.get("chunk_sizes", [7, 4096]) if len(data) / size < 2000]
        whole = max(len(data), 1)
        runs = [(size, []) for size in [*sizes, whole]]
        runs.append((4096, [{"at": len(folder.name) * 7919 % whole, "break": True}]))
        for size, breaks in runs:
            with self.subTest(f"{folder.name}/{expected}", size=size, breaks=breaks):
                alerts, problems, stats = self.run_case(folder, case, options, data, size, breaks)
                self.assertEqual(alerts, (folder / expected).read_bytes())
                self.assertEqual(problems, case.get("problems", []))
                wanted = {"malformed": len(problems), **case.get("stats", {})}
                self.assertTrue(holds(wanted, stats), f"{stats}, expected {wanted}")

    def run_case(self, folder, case, options, data, size, breaks):
        correlator = self.module.correlator(options)
        at = 0
        for step in [*sorted([*case.get("steps", []), *breaks], key=lambda step: step["at"]), {"at": len(data)}]:
            for start in range(at, step["at"], size):
                correlator.feed(data[start : min(start + size, step["at"])])
            at = step["at"]
            if "advance" in step:
                correlator.advance(step["advance"])
            if "snapshot" in step or "break" in step:
                made = correlator.snapshot()
                saved = (folder / step["snapshot"]).read_bytes() if "snapshot" in step else made
                self.assertEqual(made, saved, "the state has the bytes that it has on every other host")
                with correlator:
                    gone_on = self.module.correlator(options)
                correlator = gone_on
                correlator.restore(saved)
        with correlator:
            correlator.finish()
            return correlator.alert_lines(), [problem["line"] for problem in correlator.problems()], correlator.stats()


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

    def test_one_sifts_for_another(self):
        options = {"rules": [rule('process where process.name == "sh"')], "format": "ecs"}
        event = {"@timestamp": "2026-01-01T00:00:00Z", "event": {"category": "process"}}
        lines = [json.dumps({**event, "process": {"name": name}}) for name in ("ls", "sh", "ls")]
        piece = "".join(line + "\n" for line in lines + ["{"]).encode()
        ran = []
        for sift in (False, True):
            with self.module.correlator(options) as correlator, self.module.correlator(options) as other:
                sifted = other.sift(piece)
                self.assertEqual(other.stats()["events"], 0)
                if sift:
                    correlator.feed_sifted(piece, sifted)
                else:
                    correlator.feed(piece)
                correlator.finish()
                ran.append((correlator.alerts(), correlator.problems(), correlator.stats()))
        self.assertEqual(ran[0], ran[1])
        self.assertEqual((len(ran[0][0]), ran[0][2]["events"]), (1, 3))

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

    def test_a_snapshot_that_does_not_fit_is_refused(self):
        one, other = ({"rules": [rule(query)]} for query in ("any where true", "any where false"))
        event = {"@timestamp": "2026-01-01T00:00:00Z"}
        with self.module.correlator(one) as first, self.module.correlator(one) as same, self.module.correlator(other) as wrong:
            first.feed_event(event)
            snapshot = first.snapshot()
            for correlator, given, why in [(wrong, snapshot, "other rules"), (same, snapshot[:-1], "damaged"), (same, b"{}", "no snapshot")]:
                with self.assertRaises(Refused) as caught:
                    correlator.restore(given)
                self.assertEqual(caught.exception.code, "snapshot")
                self.assertIn(why, str(caught.exception))
            same.feed_event(event)
            self.assertEqual(len(same.alerts()), 1, "refused, it is as it was")
            same.restore(snapshot)
            self.assertEqual(len(same.alerts()), 1)

    def test_engineering(self):
        rules = [rule("sequence by host.id with maxspan=1s [any where a == 1] [any where a == 2]")]
        events = [{"@timestamp": f"2026-01-01T00:00:0{a}Z", "host": {"id": "h"}, "a": a} for a in (1, 2)]
        events[1]["@timestamp"] = "2026-01-01T00:00:05Z"
        data = "".join(json.dumps(event) + "\n" for event in events).encode()
        explained = self.module.explain(rules, data)
        self.assertEqual([stage["matched"] for stage in explained["stages"]], [1, 1])
        self.assertIn("over-maxspan", json.dumps(explained["findings"]))
        replayed = self.module.replay(rules, data, {"interval": "5m"})
        self.assertEqual((replayed["documents"], replayed["rules"][0]["stream"]), (2, 0))
        with self.module.correlator({"rules": rules}) as correlator:
            self.assertEqual(correlator.partitioning(), [{"keys": ["host.id"], "whole": False, "rules": ["r"]}])

    def test_handles_have_a_kind(self):
        raw = lambda name, *args: self.module.exports["eqlite_" + name](self.module.store, *args)
        with self.module.correlator({"rules": []}) as correlator:
            for name in ("audit_drain", "doctor_report"):
                self.assertEqual(raw(name, correlator.handle), -2)
            self.assertEqual(raw("search_run", correlator.handle, 0, 0, 0, 0), -2)


if __name__ == "__main__":
    unittest.main()
