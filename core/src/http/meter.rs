//! Counts of calls: per account, and per run.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use super::call::CallInfo;
use crate::cancel::Cancel;

/// Calls so far. Every attempt counts, as every attempt reaches the tool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CallCounts {
    /// All calls.
    pub total: u64,
    /// Calls by operation.
    pub by_operation: BTreeMap<&'static str, u64>,
    /// What they took from the day's budget, in the tool's own unit.
    #[serde(skip)]
    pub cost: u64,
}

/// Counts calls. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<Mutex<CallCounts>>);

impl Meter {
    pub(super) fn count(&self, call: &CallInfo) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.total += 1;
        counts.cost += call.cost;
        *counts.by_operation.entry(call.operation).or_default() += 1;
    }

    /// The counts so far.
    #[must_use]
    pub fn counts(&self) -> CallCounts {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What the calls of one run share.
#[derive(Clone, Debug)]
pub(crate) struct RunScope {
    pub(crate) meter: Meter,
    pub(crate) cancelled: Cancel,
}

tokio::task_local! {
    /// The run that the current task makes calls for.
    pub(crate) static RUN: RunScope;
}
