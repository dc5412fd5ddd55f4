//! One destination of the demo: its sandbox, its account, and the rounds of exports to it.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures::stream;
use indicatif::ProgressBar;
use outflow_core::{Account, Cancel, Destination, Outflow, Report, Run};
use outflow_sandbox::Sandbox;
use serde_json::json;

use super::agreement;
use super::mapping::Mapping;
use super::memory::Memory;
use super::profiles::Profile;
use crate::exit::Failure;
use crate::outcomes::Outcomes;

/// A sandbox that imitates a tool, and the address at which it does.
pub(super) struct Tool {
    pub(super) sandbox: Arc<dyn Sandbox>,
    pub(super) url: String,
}

/// A destination with what the host remembers of it.
pub(super) struct Target {
    pub(super) mapping: &'static Mapping,
    pub(super) rounds: Vec<Round>,
    sandbox: Arc<dyn Sandbox>,
    account: Account,
    destination: Destination,
    memory: Memory,
    /// Records that the sandbox held from the start.
    there_before: HashSet<String>,
    /// Calls that the sandbox had seen from the start.
    calls_before: u64,
}

/// What came of one round.
pub(super) struct Round {
    pub(super) title: &'static str,
    pub(super) report: Report,
    pub(super) outcomes: Outcomes,
}

impl Target {
    pub(super) async fn open(
        outflow: &Outflow,
        tool: &Tool,
        mapping: &'static Mapping,
    ) -> Result<Self, Failure> {
        let configuration = |error| Failure::configuration(&error);
        let options = tool.sandbox.account(&tool.url);
        let account = outflow.account(mapping.app, &options).await.map_err(configuration)?;
        let destination = account.destination(mapping.connection, &json!({})).map_err(configuration)?;
        let records = tool.sandbox.records(mapping.connection);
        Ok(Self {
            mapping,
            rounds: Vec::new(),
            calls_before: tool.sandbox.controls().log.calls(),
            sandbox: Arc::clone(&tool.sandbox),
            account,
            destination,
            memory: Memory::default(),
            there_before: records.into_iter().map(|record| record.id).collect(),
        })
    }

    /// Sends what differs from what the tool acknowledged.
    pub(super) async fn round(
        &mut self,
        title: &'static str,
        profiles: &[Profile],
        cancel: &Cancel,
        progress: &ProgressBar,
    ) {
        let exports = self.memory.exports(profiles, self.mapping);
        progress.set_position(0);
        progress.set_length(exports.len() as u64);
        progress.set_message(title);
        let (places, exports): (Vec<usize>, Vec<_>) = exports.into_iter().unzip();
        let run = Run { cancel: cancel.clone(), ..Run::default() };
        let mut outcomes = Outcomes::new(None, cancel.clone());
        let report = self
            .destination
            .export(stream::iter(exports), run, |outcomed| {
                progress.inc(1);
                outcomes.take(&outcomed);
                let place = usize::try_from(outcomed.sequence).ok();
                if let Some(profile) = place.and_then(|at| profiles.get(*places.get(at)?)) {
                    self.memory.learn(profile, self.mapping, &outcomed);
                }
            })
            .await;
        self.rounds.push(Round { title, report, outcomes });
    }

    /// How the sandbox differs from what was asked for.
    pub(super) fn differences(&self, profiles: &[Profile]) -> Vec<String> {
        let records = self.sandbox.records(self.mapping.connection);
        let mut differences = agreement::differences(profiles, self.mapping, &records, &self.there_before);
        let seen = self.sandbox.controls().log.calls() - self.calls_before;
        let counted = self.account.calls().total;
        if seen != counted {
            differences.push(format!("the sandbox saw {seen} calls, and {counted} were counted"));
        }
        differences
    }

    /// Calls that a limit of the sandbox turned away.
    pub(super) fn refused_calls(&self) -> u64 {
        self.sandbox.controls().log.refused()
    }

    /// How long it all took, on the tool's clock.
    pub(super) fn elapsed(&self) -> Duration {
        self.rounds.iter().map(|round| round.report.elapsed).sum()
    }
}
