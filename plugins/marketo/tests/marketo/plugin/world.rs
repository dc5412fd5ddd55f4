//! A Marketo of its own for each test, and a host that exports to it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use outflow_core::http::RetryPolicy;
use outflow_core::{Account, Clock, Destination, Export, Outcome, Outcomed, Outflow, Report, Run, SyncMode};
use outflow_marketo::sandbox::{MarketoAccount, MarketoSandbox};
use outflow_sandbox::{Fault, FaultAction, InProcess, Match, Sandbox, SandboxOptions, SandboxRecord};
use serde_json::{Value as Json, json};

pub(crate) const CONNECTION: &str = "marketo-leads-export";
pub(crate) const URL: &str = "https://123-abc-456.mktorest.com";

/// A Marketo, and a host that reaches it without a socket, on one clock.
pub(crate) struct World {
    pub(crate) marketo: Arc<MarketoSandbox>,
    pub(crate) outflow: Outflow,
    pub(crate) clock: Clock,
}

impl World {
    /// Limits on, answers at once.
    pub(crate) fn new() -> Self {
        Self::with(MarketoAccount::default(), Duration::ZERO)
    }

    /// Limits on, every call taking as long as the real one's do.
    pub(crate) fn with_latency(latency: Duration) -> Self {
        Self::with(MarketoAccount::default(), latency)
    }

    pub(crate) fn with(account: MarketoAccount, latency: Duration) -> Self {
        // A Saturday, eight hours before midnight US Central.
        let clock = Clock::starting_at("2026-11-14T22:00:00Z".parse().unwrap());
        let options =
            SandboxOptions { clock: clock.clone(), latency, capture: true, ..SandboxOptions::default() };
        Self::of(&MarketoSandbox::with_account(&options, account), &clock)
    }

    /// A host of its own, with a Marketo that others may use too.
    pub(crate) fn of(marketo: &Arc<MarketoSandbox>, clock: &Clock) -> Self {
        let (marketo, clock) = (Arc::clone(marketo), clock.clone());
        let outflow = Outflow::new()
            .unwrap()
            .with_clock(clock.clone())
            .with_transport(InProcess::new().with(URL, marketo.clone()))
            .with_retry(RetryPolicy { jitter_seed: Some(7), ..RetryPolicy::default() });
        Self { marketo, outflow, clock }
    }

    pub(crate) async fn account(&self) -> Account {
        self.outflow.account("marketo", &self.marketo.account(URL)).await.unwrap()
    }

    pub(crate) async fn destination(&self, options: Json) -> Destination {
        self.account().await.destination(CONNECTION, &options).unwrap()
    }

    /// Exports everything there is, in the mode `sync`.
    pub(crate) async fn export(&self, exports: Vec<Export>) -> (Report, Vec<Outcomed>) {
        self.export_with(json!({}), SyncMode::SYNC, exports).await
    }

    pub(crate) async fn export_with(
        &self,
        options: Json,
        mode: SyncMode,
        exports: Vec<Export>,
    ) -> (Report, Vec<Outcomed>) {
        let sent = exports.clone();
        let destination = self.destination(options).await;
        let (report, outcomes) = destination.export_all(exports, Run::of_mode(mode)).await;
        one_outcome_for_each(&sent, &report, &outcomes);
        (report, outcomes)
    }

    /// Goes wrong on the first calls of an operation.
    pub(crate) fn fault(&self, operation: &str, action: FaultAction) {
        self.fault_on(Match::operation(operation), action);
    }

    pub(crate) fn fault_on(&self, on: Match, action: FaultAction) {
        self.marketo.controls().faults.push(Fault::new(on, action));
    }

    /// How often each operation was called that counts against the limits, as Marketo saw it.
    pub(crate) fn calls(&self) -> BTreeMap<&'static str, u64> {
        let operations = self.marketo.controls().log.operations().into_iter();
        operations.filter(|(name, _)| *name != "get token").map(|(name, count)| (name, count.calls)).collect()
    }

    pub(crate) fn leads(&self) -> Vec<SandboxRecord> {
        self.marketo.records(CONNECTION)
    }

    /// The only lead there is with this email.
    pub(crate) fn lead(&self, email: &str) -> SandboxRecord {
        let mut leads = self.leads_with(email);
        assert_eq!(leads.len(), 1, "leads with the email {email}");
        leads.remove(0)
    }

    pub(crate) fn leads_with(&self, email: &str) -> Vec<SandboxRecord> {
        let holds = |lead: &SandboxRecord| lead.fields.get("email").is_some_and(|value| value == email);
        self.leads().into_iter().filter(holds).collect()
    }

    /// Puts leads there, behind the plugin's back.
    pub(crate) fn seed(&self, leads: impl IntoIterator<Item = Json>) -> Vec<u64> {
        let leads = leads.into_iter().map(|lead| lead.as_object().unwrap().clone());
        self.marketo.seed_leads(leads).unwrap()
    }
}

/// A profile with the n-th email.
pub(crate) fn person(n: usize) -> Export {
    Export::new(n.to_string()).property("email", email(n)).property("firstName", format!("Name {n}"))
}

pub(crate) fn people(count: usize) -> Vec<Export> {
    (0..count).map(person).collect()
}

pub(crate) fn email(n: usize) -> String {
    format!("person-{n}@example.com")
}

/// The outcomes' names and codes, in the order of the exports.
pub(crate) fn told(outcomes: &[Outcomed]) -> Vec<String> {
    outcomes.iter().map(|outcomed| tell(&outcomed.outcome)).collect()
}

pub(crate) fn tell(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Skipped(reason) => format!("skipped {}", reason.code()),
        outcome => match outcome.problem() {
            Some(problem) => format!("{} {}", outcome.name(), problem.code),
            None => outcome.name().to_owned(),
        },
    }
}

/// Calls by name, for comparing.
pub(crate) fn counts<const N: usize>(calls: [(&'static str, u64); N]) -> BTreeMap<&'static str, u64> {
    calls.into_iter().filter(|(_, count)| *count > 0).collect()
}

/// What holds after every run, whatever went wrong in it.
fn one_outcome_for_each(sent: &[Export], report: &Report, outcomes: &[Outcomed]) {
    let sequences: Vec<u64> = outcomes.iter().map(|outcomed| outcomed.sequence).collect();
    let expected: Vec<u64> = (0..).take(sent.len()).collect();
    assert_eq!(sequences, expected, "one outcome for each export");
    for (export, outcomed) in sent.iter().zip(outcomes) {
        assert_eq!(export.profile_id, outcomed.profile_id);
    }
    assert_eq!(report.outcomes.total(), sent.len() as u64);
}
