//! The interface `tools` of the component: search, audit logs as documents, doctor, check. Each thing has its own instance.

use crate::engine::{Failure, Host, Instance, Problem, Refused, bindings::exports::eqlite::correlator::tools as wit};
use wasmtime::component::ResourceAny;

/// Data that are complete, to be searched.
pub struct Search(Resource);

/// Makes documents of an audit log.
pub struct AuditReader(Resource);

/// Says what an audit log can show.
pub struct Doctor(Resource);

/// Something in an instance of the component.
struct Resource {
    instance: Instance,
    this: ResourceAny,
}

impl Host {
    /// Makes a search without data. The options are a JSON object that `eqlite.wit` describes, as all here.
    pub fn search(&self, options: &str) -> Result<Search, Refused> {
        self.resource(|tools, store| tools.search().call_create(store, options)).map(Search)
    }

    /// Makes a reader of an audit log.
    pub fn audit_reader(&self, options: &str) -> Result<AuditReader, Refused> {
        self.resource(|tools, store| tools.audit_reader().call_create(store, options)).map(AuditReader)
    }

    /// Makes a doctor.
    pub fn doctor(&self, options: &str) -> Result<Doctor, Refused> {
        self.resource(|tools, store| tools.doctor().call_create(store, options)).map(Doctor)
    }

    /// Checks rules; one JSON object for each.
    pub fn check(&self, options: &str) -> Result<Vec<String>, Refused> {
        let mut instance = self.instance()?;
        let reports = instance.call(|all, store| all.eqlite_correlator_tools().call_check(store, options))?;
        reports.map_err(Refused::Failure)
    }

    fn resource(
        &self,
        create: impl FnOnce(&wit::Guest, &mut Store) -> wasmtime::Result<Result<ResourceAny, Failure>>,
    ) -> Result<Resource, Refused> {
        let mut instance = self.instance()?;
        let this = instance.call(|all, store| create(all.eqlite_correlator_tools(), store))?;
        Ok(Resource { instance, this: this.map_err(Refused::Failure)? })
    }
}

type Store = wasmtime::Store<wasmtime::StoreLimits>;

impl Resource {
    fn call<T>(
        &mut self,
        call: impl FnOnce(&wit::Guest, &mut Store, ResourceAny) -> wasmtime::Result<T>,
    ) -> Result<T, String> {
        let this = self.this;
        self.instance.call(|all, store| call(all.eqlite_correlator_tools(), store, this))
    }
}

impl Search {
    /// Begins an index, with an Elasticsearch mapping where there is one.
    pub fn add(&mut self, name: &str, mapping: Option<&str>) -> Result<(), Refused> {
        self.0.call(|tools, store, this| tools.search().call_add(store, this, name, mapping))?.map_err(Refused::Failure)
    }

    /// Feeds bytes to the last index, cut anywhere.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<(), String> {
        self.0.call(|tools, store, this| tools.search().call_feed(store, this, chunk))
    }

    /// Searches all indices; the answer of `_eql/search`.
    pub fn run(&mut self, query: &str, options: &str) -> Result<String, Refused> {
        self.0
            .call(|tools, store, this| tools.search().call_run(store, this, query, options))?
            .map_err(Refused::Failure)
    }

    /// The problems of the data since the last call.
    pub fn drain_problems(&mut self) -> Result<Vec<Problem>, String> {
        self.0.call(|tools, store, this| tools.search().call_drain_problems(store, this))
    }
}

impl AuditReader {
    /// Feeds bytes, cut anywhere.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<(), String> {
        self.0.call(|tools, store, this| tools.audit_reader().call_feed(store, this, chunk))
    }

    /// The end of the log.
    pub fn finish(&mut self) -> Result<(), String> {
        self.0.call(|tools, store, this| tools.audit_reader().call_finish(store, this))
    }

    /// The documents since the last call, as NDJSON.
    pub fn drain(&mut self) -> Result<String, String> {
        self.0.call(|tools, store, this| tools.audit_reader().call_drain(store, this))
    }

    /// The problems since the last call.
    pub fn drain_problems(&mut self) -> Result<Vec<Problem>, String> {
        self.0.call(|tools, store, this| tools.audit_reader().call_drain_problems(store, this))
    }

    /// Counters since the beginning, a JSON object.
    pub fn stats(&mut self) -> Result<String, String> {
        self.0.call(|tools, store, this| tools.audit_reader().call_stats(store, this))
    }
}

impl Doctor {
    /// Feeds bytes, cut anywhere.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<(), String> {
        self.0.call(|tools, store, this| tools.doctor().call_feed(store, this, chunk))
    }

    /// The problems since the last call.
    pub fn drain_problems(&mut self) -> Result<Vec<Problem>, String> {
        self.0.call(|tools, store, this| tools.doctor().call_drain_problems(store, this))
    }

    /// The report on all that was fed, a JSON object.
    pub fn report(&mut self) -> Result<String, String> {
        self.0.call(|tools, store, this| tools.doctor().call_report(store, this))
    }
}
