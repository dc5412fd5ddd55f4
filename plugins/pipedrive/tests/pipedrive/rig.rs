//! A company, an account of it, and what tests ask of them.

use std::sync::Arc;
use std::time::Duration;

use outflow_core::http::{CallCounts, Transport};
use outflow_core::{Account, Clock, Destination, Error, Export, Outcome, Outcomed, Outflow, Report, Run};
use outflow_pipedrive::sandbox::{PipedriveSandbox, Plan};
use outflow_sandbox::{Controls, Fault, FaultAction, InProcess, Match, Sandbox, SandboxOptions};
use serde_json::{Value as Json, json};

pub(crate) const BASE: &str = "https://acme.pipedrive.com";
pub(crate) const PERSONS: &str = "pipedrive-persons-export";
pub(crate) const ORGANIZATIONS: &str = "pipedrive-organizations-export";

/// A company and an account of it, opened through the registry.
pub(crate) struct Rig {
    pub(crate) sandbox: Arc<PipedriveSandbox>,
    pub(crate) outflow: Outflow,
    pub(crate) account: Account,
    pub(crate) clock: Clock,
}

/// How a rig is set up.
pub(crate) struct Setup {
    pub(crate) plan: Plan,
    pub(crate) seats: u32,
    pub(crate) limits: bool,
    pub(crate) latency: Duration,
    pub(crate) oauth: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            plan: Plan::Ultimate,
            seats: 10,
            limits: true,
            latency: Duration::from_millis(50),
            oauth: false,
        }
    }
}

impl Rig {
    pub(crate) async fn new() -> Self {
        Self::with(Setup::default()).await
    }

    pub(crate) async fn with(setup: Setup) -> Self {
        let clock = Clock::starting_at("2026-11-20T12:00:00Z".parse().unwrap());
        let options = SandboxOptions {
            clock: clock.clone(),
            limits: setup.limits,
            latency: setup.latency,
            capture: true,
            ..SandboxOptions::default()
        };
        let sandbox = Arc::new(PipedriveSandbox::on_plan(options, setup.plan, setup.seats));
        let transport = InProcess::new().with(BASE, Arc::clone(&sandbox) as _);
        let outflow = Outflow::new().unwrap().with_clock(clock.clone()).with_transport(transport);
        let mut options = if setup.oauth { sandbox.oauth_account(BASE) } else { sandbox.account(BASE) };
        options["seats"] = json!(setup.seats);
        let account = outflow.account("pipedrive", &options).await.unwrap();
        Self { sandbox, outflow, account, clock }
    }

    /// The same company, seen by a program that remembers nothing.
    pub(crate) async fn another_process(&self) -> Self {
        let transport = InProcess::new().with(BASE, Arc::clone(&self.sandbox) as _);
        let outflow = Outflow::new().unwrap().with_clock(self.clock.clone()).with_transport(transport);
        let mut options = self.sandbox.account(BASE);
        options["seats"] = json!(10);
        let account = outflow.account("pipedrive", &options).await.unwrap();
        Self { sandbox: Arc::clone(&self.sandbox), outflow, account, clock: self.clock.clone() }
    }

    pub(crate) fn controls(&self) -> &Controls {
        self.sandbox.controls()
    }

    pub(crate) fn persons(&self) -> Destination {
        self.account.destination(PERSONS, &json!({})).unwrap()
    }

    pub(crate) fn organizations(&self) -> Destination {
        self.account.destination(ORGANIZATIONS, &json!({})).unwrap()
    }

    /// Makes a call as somebody else would.
    pub(crate) async fn by_hand(&self, method: &str, path: &str, body: &Json) -> Json {
        let token = self.sandbox.account(BASE)["api_token"].as_str().unwrap().to_owned();
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{BASE}{path}"))
            .header("x-api-token", token)
            .header("content-type", "application/json")
            .body(body.to_string().into())
            .unwrap();
        let transport = InProcess::new().with(BASE, Arc::clone(&self.sandbox) as _);
        let response = transport.send(request).await.unwrap();
        assert!(response.status().is_success(), "{response:?}");
        serde_json::from_slice(response.body()).unwrap()
    }

    /// Exports to persons.
    pub(crate) async fn export(&self, exports: Vec<Export>) -> Done {
        Done::of(&self.persons(), exports).await
    }

    /// Makes the next call of this operation go wrong.
    pub(crate) fn fault(&self, operation: &str, action: FaultAction) {
        self.controls().faults.push(Fault::new(Match::operation(operation), action));
    }

    /// Calls that arrived, by the sandbox's names.
    pub(crate) fn calls_to(&self, operation: &str) -> u64 {
        self.controls().log.calls_to(operation)
    }

    /// The JSON bodies of all requests of an operation.
    pub(crate) fn bodies(&self, operation: &str) -> Vec<Json> {
        let exchanges = self.controls().log.exchanges();
        let bodies = exchanges
            .iter()
            .filter(|exchange| exchange.operation == operation)
            .map(|exchange| serde_json::from_slice(&exchange.request_body).unwrap_or(Json::Null));
        bodies.collect()
    }

    /// Adds a person with a name and emails.
    pub(crate) fn add_person(&self, name: &str, emails: &[&str]) -> u64 {
        let emails: Vec<Json> =
            emails.iter().map(|email| json!({ "value": email, "label": "work" })).collect();
        self.sandbox.add_person(&json!({ "name": name, "emails": emails })).unwrap()
    }

    /// A person as v2 shows it.
    pub(crate) fn person(&self, id: u64) -> Json {
        self.sandbox.person(id).unwrap()
    }

    /// The only person with this email.
    pub(crate) fn only_person(&self, email: &str) -> Json {
        let ids = self.sandbox.persons_with_email(email);
        assert_eq!(ids.len(), 1, "persons with {email}: {ids:?}");
        self.person(ids[0])
    }

    /// What a person as the sandbox shows it has in a custom field, by the field's name.
    pub(crate) fn fields_of(&self, connection: &str, id: u64) -> std::collections::BTreeMap<String, Json> {
        let records = self.sandbox.records(connection);
        let record = records.into_iter().find(|record| record.id == id.to_string());
        record.unwrap().fields
    }

    /// The groups of a person.
    pub(crate) fn groups_of(&self, id: u64) -> Vec<String> {
        let records = self.sandbox.records(PERSONS);
        let record = records.into_iter().find(|record| record.id == id.to_string());
        record.unwrap().groups.into_iter().collect()
    }

    /// The saved filters of groups.
    pub(crate) fn group_filters(&self) -> Vec<String> {
        let filters = self.sandbox.filters();
        let names = filters.iter().map(|filter| filter["name"].as_str().unwrap().to_owned());
        names.filter(|name| name.starts_with("In Group: ")).collect()
    }
}

/// What a run did.
pub(crate) struct Done {
    pub(crate) report: Report,
    pub(crate) outcomes: Vec<Outcomed>,
}

impl Done {
    pub(crate) async fn of(destination: &Destination, exports: Vec<Export>) -> Self {
        Self::with(destination, exports, Run::default()).await
    }

    pub(crate) async fn with(destination: &Destination, exports: Vec<Export>, run: Run) -> Self {
        let sent = exports.len();
        let (report, outcomes) = destination.export_all(exports, run).await;
        assert_eq!(outcomes.len(), sent, "one outcome for each export");
        assert_eq!(report.outcomes.total(), sent as u64);
        Self { report, outcomes }
    }

    /// The names of the outcomes, in the order of the exports.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.outcomes.iter().map(|outcomed| outcomed.outcome.name()).collect()
    }

    /// The only outcome.
    pub(crate) fn only(&self) -> &Outcome {
        assert_eq!(self.outcomes.len(), 1);
        &self.outcomes[0].outcome
    }

    /// The error's code of the only outcome.
    pub(crate) fn code(&self) -> &str {
        &self.only().problem().expect("a problem").code
    }

    pub(crate) fn calls(&self) -> &CallCounts {
        &self.report.calls
    }

    /// How many calls of an operation, by the plugin's names.
    pub(crate) fn calls_to(&self, operation: &str) -> u64 {
        self.report.calls.by_operation.get(operation).copied().unwrap_or_default()
    }

    /// Tokens taken, without those for the list of fields.
    pub(crate) fn tokens(&self) -> u64 {
        let fields = self.calls_to("list_person_fields") + self.calls_to("list_organization_fields");
        self.report.calls.cost - 10 * fields
    }

    pub(crate) fn stopped(&self) -> &Error {
        self.report.stopped.as_ref().expect("the destination is stopped")
    }

    /// The tool's ids, in the order of the exports.
    pub(crate) fn ids(&self) -> Vec<u64> {
        let id = |outcomed: &Outcomed| outcomed.remote_id.as_ref().unwrap().as_u64().unwrap();
        self.outcomes.iter().map(id).collect()
    }
}

/// An export of the person of this number, with name and email.
pub(crate) fn person(number: u64) -> Export {
    Export::new(format!("p{number}"))
        .property("Name", format!("Person {number}"))
        .property("Email", email(number))
}

pub(crate) fn email(number: u64) -> String {
    format!("person-{number}@example.com")
}

/// The same, of a profile that the tool does not have.
pub(crate) fn new_person(number: u64) -> Export {
    person(number).known_new()
}
