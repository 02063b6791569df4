//! `eqlite search`: data and a query in, one JSON object in the shape of Elasticsearch's `_eql/search` out.

use crate::{
    cli::{Outcome, Search as Arguments, Source},
    engine::{Host, Problem, Refused},
    input::{self, Reader},
    tools::Search,
};
use serde_json::{Map, Value, json};
use std::{
    io::{self, Write},
    time::{SystemTime, UNIX_EPOCH},
};

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Outcome, String> {
    let mut options = json!({});
    arguments.input.add_to(&mut options);
    let mut search = Host::new(&arguments.sandbox)?.search(&options.to_string())?;
    for Source { data, mapping } in &arguments.sources.0 {
        let mapping = match mapping {
            None => None,
            Some(path) => Some(input::text(path).map_err(|error| format!("{}: {error}", path.display()))?),
        };
        search.add(&input::name(data), mapping.as_deref())?;
        // Without all of its data a search would give a wrong answer.
        if input::read(std::slice::from_ref(data), &mut Filler(&mut search))?.outcome == Outcome::Incomplete {
            return Ok(Outcome::Incomplete);
        }
    }
    match search.run(&arguments.query, &asked(arguments).to_string()) {
        Ok(answer) => {
            // What the last line of the last index lacks is known only now.
            let last = arguments.sources.0.last().map(|source| input::name(&source.data)).unwrap_or_default();
            input::report(&search.drain_problems()?, &last, 0);
            // Whoever reads may have left; there is nobody to tell.
            let _ = writeln!(io::stdout(), "{answer}");
            Ok(Outcome::Done)
        }
        Err(Refused::Failure(failure)) if !failure.diagnostics.is_empty() => {
            failure.diagnostics.iter().for_each(|found| eprintln!("{}", found.rendered.trim_end()));
            Ok(Outcome::Incomplete)
        }
        Err(refused) => Err(refused.to_string()),
    }
}

/// Fills the index that was begun last.
struct Filler<'s>(&'s mut Search);

impl Reader for Filler<'_> {
    fn feed(&mut self, piece: &[u8]) -> Result<(), String> {
        self.0.feed(piece)
    }

    fn problems(&mut self) -> Result<Vec<Problem>, String> {
        self.0.drain_problems()
    }
}

/// The options of the search; what was not given has the component's default, which is Elasticsearch's.
fn asked(arguments: &Arguments) -> Value {
    let mut options = Map::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            options.insert(name.to_string(), value);
        }
    };
    set("size", arguments.size.map(Value::from));
    set("resultPosition", arguments.result_position.map(|position| position.name().into()));
    set("maxSamplesPerKey", arguments.max_samples_per_key.map(Value::from));
    set("timestampField", arguments.timestamp_field.clone().map(Value::from));
    set("tiebreakerField", arguments.tiebreaker_field.clone().map(Value::from));
    set("eventCategoryField", arguments.event_category_field.clone().map(Value::from));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok();
    set("now", now.and_then(|since| u64::try_from(since.as_millis()).ok()).map(Value::from));
    Value::Object(options)
}
