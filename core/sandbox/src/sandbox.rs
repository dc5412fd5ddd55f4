//! What a tool's sandbox is to those who start it and look into it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use outflow_core::Clock;
use serde_json::Value;

use crate::Controls;

/// How a sandbox is started.
#[derive(Clone, Debug)]
pub struct SandboxOptions {
    /// The clock for limits, token lifetimes, timestamps and latency.
    pub clock: Clock,
    /// Whether the tool's limits are enforced. They are counted either way.
    pub limits: bool,
    /// How long each call takes before it is answered, in the clock's time.
    pub latency: Duration,
    /// The seed of everything that looks random.
    pub seed: u64,
    /// Whether the call log keeps whole exchanges, not only counts.
    pub capture: bool,
}

impl Default for SandboxOptions {
    fn default() -> Self {
        Self { clock: Clock::system(), limits: true, latency: Duration::ZERO, seed: 0, capture: false }
    }
}

/// A stateful imitation of one account of a tool.
pub trait Sandbox: Send + Sync + 'static {
    /// The name of the App it imitates: `marketo`.
    fn app(&self) -> &'static str;

    /// Clock, faults, call log and settings, all of which may change while it runs.
    fn controls(&self) -> &Controls;

    /// The tool's whole API, with its [`Gate`](crate::Gate) in front. Every router of a
    /// sandbox shares its state and its limits.
    fn router(self: Arc<Self>) -> Router;

    /// Options for the App that reach this sandbox at `base_url`, with valid credentials.
    fn account(&self, base_url: &str) -> Value;

    /// What the tool holds now, as a connection of the plugin would see it, ordered by
    /// id. Empty for a connection it does not know.
    fn records(&self, connection: &str) -> Vec<SandboxRecord>;
}

/// One record as the tool holds it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SandboxRecord {
    /// The tool's own id.
    pub id: String,
    /// The fields that have a value, by the tool's name.
    pub fields: BTreeMap<String, Value>,
    /// Names of the lists, tags or labels it is in.
    pub groups: BTreeSet<String>,
}
