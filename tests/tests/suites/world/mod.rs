//! A tool of its own for each test, and a host that exports to it through the registered
//! plugin.

mod done;
mod lines;
mod tool;
mod wires;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use outflow_core::http::{RetryPolicy, Transport};
use outflow_core::{Account, Clock, Destination, Export, Outflow, Run, SyncMode};
// Naming the crate is what links the plugins: the registry would be empty without it.
use outflow_plugins::marketo::sandbox::{DataType, MarketoSandbox};
use outflow_plugins::pipedrive::sandbox::{Entity, FieldType, PipedriveSandbox, Plan};
use outflow_sandbox::{
    Controls, Exchange, Fault, FaultAction, InProcess, Match, Sandbox, SandboxOptions, SandboxRecord,
};
use serde_json::{Value as Json, json};

pub(crate) use self::done::{Done, tell};
pub(crate) use self::lines::Lines;
pub(crate) use self::tool::{Kind, NAME, NICKNAME, POINTS, Tool};
pub(crate) use self::wires::{ShortLived, Watched, credentials};

/// How a world is set up.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) latency: Duration,
    /// Whether the log keeps whole exchanges.
    pub(crate) capture: bool,
    /// Pipedrive's plan.
    pub(crate) plan: Plan,
    /// Reaches Pipedrive through OAuth, whose tokens expire as Marketo's do.
    pub(crate) oauth: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self { latency: Duration::from_millis(80), capture: false, plan: Plan::Ultimate, oauth: false }
    }
}

/// Seats of the Pipedrive company.
const SEATS: u32 = 10;

#[derive(Clone)]
enum Company {
    Marketo(Arc<MarketoSandbox>),
    Pipedrive(Arc<PipedriveSandbox>),
}

/// A tool with its limits on, and a host that reaches it without a socket, on one clock.
pub(crate) struct World {
    pub(crate) tool: Tool,
    pub(crate) clock: Clock,
    pub(crate) outflow: Outflow,
    oauth: bool,
    company: Company,
}

impl World {
    pub(crate) fn new(tool: Tool) -> Self {
        Self::with(tool, Setup::default())
    }

    pub(crate) fn with(tool: Tool, setup: Setup) -> Self {
        // A Friday noon, hours away from any midnight that matters.
        let clock = Clock::starting_at("2026-11-20T12:00:00Z".parse().unwrap());
        let options = SandboxOptions {
            clock: clock.clone(),
            latency: setup.latency,
            capture: setup.capture,
            ..SandboxOptions::default()
        };
        let company = start(tool, options, setup.plan);
        Self { tool, outflow: host(&clock, in_process(tool, &company)), clock, oauth: setup.oauth, company }
    }

    /// The same tool, seen by a program that remembers nothing.
    pub(crate) fn another_process(&self) -> Self {
        Self {
            outflow: host(&self.clock, self.transport()),
            clock: self.clock.clone(),
            company: self.company.clone(),
            ..*self
        }
    }

    /// A host of the same tool over another wire.
    pub(crate) fn over(&self, transport: impl Transport) -> Self {
        Self {
            outflow: host(&self.clock, transport),
            clock: self.clock.clone(),
            company: self.company.clone(),
            ..*self
        }
    }

    /// Another company of the same tool, on the same clock: what it counts and names by
    /// itself comes out differently.
    pub(crate) fn beside(&self, seed: u64) -> Self {
        let options = SandboxOptions { clock: self.clock.clone(), seed, ..SandboxOptions::default() };
        let company = start(self.tool, options, Plan::Ultimate);
        Self {
            outflow: host(&self.clock, in_process(self.tool, &company)),
            clock: self.clock.clone(),
            company,
            ..*self
        }
    }

    /// The way to the tool without a socket.
    pub(crate) fn transport(&self) -> InProcess {
        in_process(self.tool, &self.company)
    }

    pub(crate) fn marketo(&self) -> &Arc<MarketoSandbox> {
        match &self.company {
            Company::Marketo(marketo) => marketo,
            Company::Pipedrive(_) => panic!("{:?} is not in Marketo", self.tool),
        }
    }

    pub(crate) fn pipedrive(&self) -> &Arc<PipedriveSandbox> {
        match &self.company {
            Company::Pipedrive(pipedrive) => pipedrive,
            Company::Marketo(_) => panic!("{:?} are not in Pipedrive", self.tool),
        }
    }

    pub(crate) fn sandbox(&self) -> &dyn Sandbox {
        match &self.company {
            Company::Marketo(marketo) => marketo.as_ref(),
            Company::Pipedrive(pipedrive) => pipedrive.as_ref(),
        }
    }

    pub(crate) fn shared_sandbox(&self) -> Arc<dyn Sandbox> {
        shared(&self.company)
    }

    pub(crate) fn controls(&self) -> &Controls {
        self.sandbox().controls()
    }

    /// Options that reach the tool.
    pub(crate) fn options(&self) -> Json {
        let url = self.tool.url();
        let mut options = match &self.company {
            Company::Marketo(marketo) => return marketo.account(url),
            Company::Pipedrive(pipedrive) if self.oauth => pipedrive.oauth_account(url),
            Company::Pipedrive(pipedrive) => pipedrive.account(url),
        };
        options["seats"] = json!(SEATS);
        options
    }

    pub(crate) async fn account(&self) -> Account {
        let opened = self.outflow.account(self.tool.app(), &self.options()).await;
        opened.unwrap()
    }

    pub(crate) async fn destination(&self) -> Destination {
        self.destination_with(&json!({})).await
    }

    pub(crate) async fn destination_with(&self, options: &Json) -> Destination {
        let account = self.account().await;
        account.destination(self.tool.connection(), options).unwrap()
    }

    /// Exports in the mode `sync`.
    pub(crate) async fn export(&self, exports: Vec<Export>) -> Done {
        self.export_in(SyncMode::SYNC, exports).await
    }

    pub(crate) async fn export_in(&self, mode: SyncMode, exports: Vec<Export>) -> Done {
        Done::of(&self.destination().await, exports, Run::of_mode(mode)).await
    }

    pub(crate) fn fault(&self, on: Match, action: FaultAction) {
        self.controls().faults.push(Fault::new(on, action));
    }

    /// Makes the first call of this kind go wrong.
    pub(crate) fn fault_on(&self, kind: Kind, action: FaultAction) {
        self.fault(Match::operation(self.tool.operation(kind)), action);
    }

    /// How often each operation was called, as the sandbox saw it; calls for tokens are
    /// left out.
    pub(crate) fn calls(&self) -> BTreeMap<&'static str, u64> {
        let operations = self.controls().log.operations().into_iter();
        operations
            .filter(|(name, _)| !matches!(*name, "get token" | "refresh token"))
            .map(|(name, count)| (name, count.calls))
            .collect()
    }

    pub(crate) fn calls_to(&self, kind: Kind) -> u64 {
        self.controls().log.calls_to(self.tool.operation(kind))
    }

    /// The exchanges of one operation; there are none unless they are captured.
    pub(crate) fn exchanges(&self, operation: &str) -> Vec<Exchange> {
        let mut exchanges = self.controls().log.exchanges();
        exchanges.retain(|exchange| exchange.operation == operation);
        exchanges
    }

    /// What the tool holds, by id.
    pub(crate) fn records(&self) -> Vec<SandboxRecord> {
        self.sandbox().records(self.tool.connection())
    }

    /// The records that hold this key.
    pub(crate) fn holders(&self, key: &str) -> Vec<SandboxRecord> {
        let mut records = self.records();
        records.retain(|record| self.keys_of(record).contains(&self.normalized(key)));
        records
    }

    /// The only record that holds this key.
    pub(crate) fn record(&self, key: &str) -> SandboxRecord {
        let mut holders = self.holders(key);
        assert_eq!(holders.len(), 1, "records that hold {key:?}: {holders:?}");
        holders.remove(0)
    }

    /// The keys of a record that was read back.
    pub(crate) fn keys_of(&self, record: &SandboxRecord) -> Vec<String> {
        let texts = match record.fields.get(self.tool.key_read_back()) {
            Some(Json::Array(values)) => values.iter().filter_map(Json::as_str).collect(),
            Some(value) => value.as_str().into_iter().collect(),
            None => Vec::new(),
        };
        texts.into_iter().map(|text| self.normalized(text)).collect()
    }

    fn normalized(&self, key: &str) -> String {
        if self.tool.is_keyed_by_email() { key.to_lowercase() } else { key.to_owned() }
    }

    /// Puts a record there behind the plugin's back, and says its id.
    pub(crate) fn seed(&self, key: &str) -> String {
        let id = match (&self.company, self.tool) {
            (Company::Marketo(marketo), _) => {
                let lead = json!({ "email": key });
                marketo.seed_leads([lead.as_object().unwrap().clone()]).unwrap()[0]
            }
            (Company::Pipedrive(pipedrive), Tool::Persons) => {
                let person = json!({ "name": "Seeded", "emails": [{ "value": key }] });
                pipedrive.add_person(&person).unwrap()
            }
            (Company::Pipedrive(pipedrive), _) => {
                pipedrive.add_organization(&json!({ "name": key })).unwrap()
            }
        };
        id.to_string()
    }

    /// Deletes a record behind the plugin's back.
    pub(crate) fn delete(&self, id: &str) {
        let id = id.parse().unwrap();
        let was_there = match (&self.company, self.tool) {
            (Company::Marketo(marketo), _) => marketo.delete_lead(id),
            (Company::Pipedrive(pipedrive), Tool::Persons) => pipedrive.delete_person(id),
            (Company::Pipedrive(pipedrive), _) => pipedrive.delete_organization(id),
        };
        assert!(was_there);
    }

    /// Lets time pass.
    pub(crate) async fn wait(&self, seconds: u64) {
        self.clock.sleep(Duration::from_secs(seconds)).await;
    }

    /// A profile with the n-th key, and all that the tool asks for in a new record.
    pub(crate) fn profile(&self, number: usize) -> Export {
        profile(self.tool, number)
    }
}

/// A profile with the n-th key, and all that the tool asks for in a new record.
pub(crate) fn profile(tool: Tool, number: usize) -> Export {
    let export = Export::new(format!("p{number}"))
        .property(tool.key(), tool.nth_key(number))
        .property(NICKNAME, format!("Nick {number}"));
    match tool {
        Tool::Persons => export.property(NAME, format!("Person {number}")),
        Tool::Leads | Tool::Organizations => export,
    }
}

fn start(tool: Tool, options: SandboxOptions, plan: Plan) -> Company {
    if tool == Tool::Leads {
        let marketo = MarketoSandbox::new(&options);
        marketo.add_field(NICKNAME, NICKNAME, DataType::String);
        marketo.add_field(POINTS, POINTS, DataType::Integer);
        return Company::Marketo(marketo);
    }
    let pipedrive = PipedriveSandbox::on_plan(options, plan, SEATS);
    for entity in [Entity::Person, Entity::Organization] {
        pipedrive.add_field(entity, NICKNAME, FieldType::Varchar, &[]);
        pipedrive.add_field(entity, POINTS, FieldType::Double, &[]);
    }
    Company::Pipedrive(Arc::new(pipedrive))
}

fn in_process(tool: Tool, company: &Company) -> InProcess {
    InProcess::new().with(tool.url(), shared(company))
}

fn shared(company: &Company) -> Arc<dyn Sandbox> {
    match company {
        Company::Marketo(marketo) => Arc::clone(marketo) as _,
        Company::Pipedrive(pipedrive) => Arc::clone(pipedrive) as _,
    }
}

fn host(clock: &Clock, transport: impl Transport) -> Outflow {
    Outflow::new()
        .unwrap()
        .with_clock(clock.clone())
        .with_transport(transport)
        .with_retry(RetryPolicy { jitter_seed: Some(7), ..RetryPolicy::default() })
}
