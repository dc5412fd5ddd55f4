//! A tool, and a host that exports to it through the registered plugins.

use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use outflow_core::http::{CallCounts, RetryPolicy};
use outflow_core::{Account, Clock, Destination, Export, Outcomed, Outflow, Report, Run};
use outflow_sandbox::{Controls, Exchange, Fault, FaultAction, InProcess, Match, Sandbox, SandboxOptions};
use serde_json::Value as Json;

use crate::world::{Done, tell};

/// A tool that keeps all it hears, and a host of it.
pub(crate) struct Host<S> {
    pub(crate) tool: Arc<S>,
    pub(crate) account: Account,
    url: &'static str,
    books: Arc<Mutex<Books>>,
}

/// What hosts of one tool were told that their calls took.
#[derive(Default)]
pub(crate) struct Books {
    pub(crate) bills: Vec<Bill>,
    /// Of accounts that were closed.
    closed: CallCounts,
}

/// The counts of one run, and its exchanges by their place in the tool's log.
#[derive(Clone, Debug)]
pub(crate) struct Bill {
    pub(crate) calls: CallCounts,
    pub(crate) exchanges: Range<usize>,
}

/// All that was said in a scenario.
pub(crate) struct Minutes {
    pub(crate) exchanges: Vec<Exchange>,
    /// The counts of runs that no other run was beside.
    pub(crate) bills: Vec<Bill>,
}

/// A clock that stands still at noon of a day in autumn, and options for a tool on it.
pub(crate) fn noon(latency: Duration) -> SandboxOptions {
    SandboxOptions {
        clock: Clock::starting_at("2026-11-14T12:00:00Z".parse().unwrap()),
        latency,
        capture: true,
        ..SandboxOptions::default()
    }
}

impl<S: Sandbox> Host<S> {
    /// A host of `tool` at `url`, with these options for its App.
    pub(crate) async fn of(tool: Arc<S>, url: &'static str, options: &Json) -> Self {
        Self::with_books(tool, url, options, Arc::default()).await
    }

    async fn with_books(tool: Arc<S>, url: &'static str, options: &Json, books: Arc<Mutex<Books>>) -> Self {
        let outflow = Outflow::new()
            .unwrap()
            .with_clock(tool.controls().clock.clone())
            .with_transport(InProcess::new().with(url, Arc::clone(&tool) as Arc<dyn Sandbox>))
            .with_retry(RetryPolicy { jitter_seed: Some(7), ..RetryPolicy::default() });
        let account = outflow.account(tool.app(), options).await.unwrap();
        Self { tool, account, url, books }
    }

    /// Another program that uses the same tool, and knows nothing of this one.
    pub(crate) async fn beside(&self, options: &Json) -> Self {
        let books = Arc::clone(&self.books);
        Self::with_books(Arc::clone(&self.tool), self.url, options, books).await
    }

    pub(crate) fn controls(&self) -> &Controls {
        self.tool.controls()
    }

    pub(crate) fn destination(&self, connection: &str, options: &Json) -> Destination {
        self.account.destination(connection, options).unwrap()
    }

    /// Exports everything, and keeps the run's bill.
    pub(crate) async fn export(
        &self,
        destination: &Destination,
        run: Run,
        exports: Vec<Export>,
    ) -> (Report, Vec<Outcomed>) {
        let before = self.heard();
        let Done { report, outcomes } = Done::of(destination, exports, run).await;
        self.books
            .lock()
            .unwrap()
            .bills
            .push(Bill { calls: report.calls.clone(), exchanges: before..self.heard() });
        (report, outcomes)
    }

    fn heard(&self) -> usize {
        self.controls().log.exchanges().len()
    }

    /// Goes wrong on the next call of an operation, by the sandbox's name.
    pub(crate) fn fault(&self, operation: &str, action: FaultAction) {
        self.fault_on(Match::operation(operation), action);
    }

    pub(crate) fn fault_on(&self, on: Match, action: FaultAction) {
        self.controls().faults.push(Fault::new(on, action));
    }

    /// The end of this host: its account's counts are kept.
    pub(crate) fn close(self) {
        let counts = self.account.calls();
        let mut books = self.books.lock().unwrap();
        books.closed.total += counts.total;
        books.closed.cost += counts.cost;
    }

    /// The end of a scenario. The bill of everything, tests and schemas included, is the
    /// last one.
    pub(crate) fn minutes(self) -> Minutes {
        let exchanges = self.controls().log.exchanges();
        let mut calls = self.account.calls();
        let books = std::mem::take(&mut *self.books.lock().unwrap());
        calls.total += books.closed.total;
        calls.cost += books.closed.cost;
        let mut bills = books.bills;
        bills.push(Bill { calls, exchanges: 0..exchanges.len() });
        Minutes { exchanges, bills }
    }
}

/// The outcomes' names and codes, in the order of the exports.
pub(crate) fn told(outcomes: &[Outcomed]) -> Vec<String> {
    outcomes.iter().map(|outcomed| tell(&outcomed.outcome)).collect()
}

/// The tool's ids, in the order of the exports.
pub(crate) fn ids(outcomes: &[Outcomed]) -> Vec<u64> {
    let id = |outcomed: &Outcomed| outcomed.remote_id.as_ref().unwrap().as_u64().unwrap();
    outcomes.iter().map(id).collect()
}
