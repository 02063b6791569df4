//! The rules in Sigma's YAML, run by rsigma-eval.

use crate::lines;
use eqlite_bench::rules::{Made, Stage, Values};
use rsigma_eval::{CorrelationConfig, CorrelationEngine, Engine, event::JsonEvent};
use rsigma_parser::parse_sigma_yaml;
use serde_json::{Value, json};

/// Every stage of the made rules as a detection rule.
pub(crate) struct Rules(Engine);

impl Rules {
    pub(crate) fn new(rules: &[Made]) -> Self {
        let stages = rules.iter().flat_map(|rule| &rule.stages);
        // JSON is YAML.
        let yaml: Vec<String> = stages.enumerate().map(|(number, stage)| rule(number, stage).to_string()).collect();
        let collection = parse_sigma_yaml(&yaml.join("\n---\n")).expect("the rules are Sigma");
        assert!(collection.errors.is_empty(), "{:?}", collection.errors);
        let mut engine = Engine::new();
        engine.add_collection(&collection).expect("the rules compile");
        Rules(engine)
    }

    pub(crate) fn matches(&self, bytes: &[u8]) -> u64 {
        let matches = |line| {
            let value: Value = serde_json::from_slice(line).expect("events are JSON");
            self.0.evaluate(&JsonEvent::borrow(&value)).len() as u64
        };
        lines(bytes).map(matches).sum()
    }
}

fn rule(number: usize, stage: &Stage) -> Value {
    let mut detection = serde_json::Map::new();
    let mut condition = vec!["category".to_string()];
    detection.insert("category".into(), json!({ "event.category": stage.category }));
    for (index, test) in stage.tests.iter().enumerate() {
        let values = match &test.values {
            Values::Exact(texts) | Values::Wild(texts) => json!(texts),
            Values::Numbers(numbers) => json!(numbers),
        };
        let name = format!("t{index}");
        condition.push(if test.not { format!("not {name}") } else { name.clone() });
        detection.insert(name, json!({ test.field: values }));
    }
    detection.insert("condition".into(), condition.join(" and ").into());
    json!({ "title": format!("stage {number}"), "logsource": { "product": "linux" }, "detection": detection })
}

/// The UDP rule: three detections, and a temporal correlation of them.
pub(crate) struct Udp(CorrelationEngine);

impl Udp {
    pub(crate) fn new() -> Self {
        let programs = json!([
            "bash", "dash", "sh", "tcsh", "csh", "zsh", "ksh", "fish", "perl", "python*", "nc", "ncat", "netcat", "php*", "ruby", "openssl",
            "awk", "telnet", "lua*", "socat"
        ]);
        let stage = |name: &str, category: &str, more: Value| {
            let mut selection = json!({
                "event.category": category, "host.os.type": "linux", "auditd.data.syscall": name, "process.name": programs
            });
            let all = selection.as_object_mut().expect("an object");
            all.extend(more.as_object().expect("an object").clone());
            let mut detection = json!({ "selection": selection, "condition": "selection" });
            if name == "connect" {
                detection["local"] = json!({ "destination.ip|cidr": ["127.0.0.1/32", "127.0.0.53/32", "::1/128"] });
                detection["condition"] = "selection and not local".into();
            }
            // A correlation finds its rules by their ids alone.
            json!({ "title": name, "id": name, "logsource": { "product": "linux" }, "detection": detection }).to_string()
        };
        let documents = [
            stage("execve", "process", json!({})),
            stage("socket", "process", json!({ "auditd.data.a0": "2", "auditd.data.a1": ["2", "802"] })),
            stage("connect", "network", json!({ "network.direction": "egress", "destination.ip|exists": true })),
            json!({
                "title": "UDP",
                "correlation": {
                    "type": "temporal", "rules": ["execve", "socket", "connect"], "timespan": "9m", "condition": { "gte": 3 },
                    "group-by": ["host.id", "process.pid", "process.parent.pid"],
                },
            })
            .to_string(),
        ];
        let collection = parse_sigma_yaml(&documents.join("\n---\n")).expect("the rules are Sigma");
        assert!(collection.errors.is_empty(), "{:?}", collection.errors);
        let mut engine = CorrelationEngine::new(CorrelationConfig::default());
        engine.add_collection(&collection).expect("the rules compile");
        Udp(engine)
    }

    pub(crate) fn alerts(mut self, bytes: &[u8]) -> usize {
        let mut alerts = 0;
        for line in lines(bytes) {
            let value: Value = serde_json::from_slice(line).expect("events are JSON");
            let results = self.0.process_event(&JsonEvent::borrow(&value));
            alerts += results.iter().filter(|result| result.is_correlation()).count();
        }
        alerts
    }
}
