//! Report: what a run did, in counts.

use std::time::Duration;

use serde::Serialize;

use crate::error::Error;
use crate::http::CallCounts;
use crate::outcome::Outcome;

/// How many exports had each outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "each is documented as the outcome of its name")]
pub struct OutcomeCounts {
    pub created: u64,
    pub updated: u64,
    pub deleted: u64,
    pub unchanged: u64,
    pub skipped: u64,
    pub rejected: u64,
    pub retry: u64,
    pub unknown: u64,
}

impl OutcomeCounts {
    /// Counts one more.
    pub fn count(&mut self, outcome: &Outcome) {
        *match outcome {
            Outcome::Created(_) => &mut self.created,
            Outcome::Updated(_) => &mut self.updated,
            Outcome::Deleted => &mut self.deleted,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Skipped(_) => &mut self.skipped,
            Outcome::Rejected(_) => &mut self.rejected,
            Outcome::Retry { .. } => &mut self.retry,
            Outcome::Unknown(_) => &mut self.unknown,
        } += 1;
    }

    /// All exports counted.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.created
            + self.updated
            + self.deleted
            + self.unchanged
            + self.skipped
            + self.rejected
            + self.retry
            + self.unknown
    }
}

/// What a run did.
#[derive(Debug)]
pub struct Report {
    /// The connection's name.
    pub connection: &'static str,
    /// The outcomes, counted.
    pub outcomes: OutcomeCounts,
    /// The calls it made, with their cost.
    pub calls: CallCounts,
    /// How long it took, on the account's clock.
    pub elapsed: Duration,
    /// The error that stopped the destination before all was sent. What was not sent
    /// has the outcome `Retry`.
    pub stopped: Option<Error>,
    /// The run was cancelled: exports that were not read have no outcome and stay due.
    pub cancelled: bool,
}
