//! Destination: where a host sends profiles.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::{Stream, stream};
use serde_json::Value as Json;

use crate::account::Shared;
use crate::app::AccountContext;
use crate::cancel::Cancel;
use crate::capability::Capability;
use crate::connection::ErasedExport;
use crate::engine;
use crate::error::Result;
use crate::export::Export;
use crate::outcome::Outcomed;
use crate::report::Report;
use crate::schema::MappingSchema;
use crate::sync_mode::SyncMode;

/// A connection configured on an account.
#[derive(Clone)]
pub struct Destination {
    pub(crate) connection: Arc<dyn ErasedExport>,
    pub(crate) context: AccountContext,
    /// Tells destinations of one account apart in its cache.
    pub(crate) cache_scope: Arc<str>,
    /// A host may drop the account and keep this: the limits must stay the account's.
    _shared: Arc<Shared>,
}

/// How a run is done.
#[derive(Clone, Debug)]
pub struct Run {
    /// What it may do to the tool's records.
    pub sync_mode: SyncMode,
    /// Stops it cleanly: what is in flight finishes, the rest stays due.
    pub cancel: Cancel,
    /// How long a batch that is not full waits for more input when the input pauses.
    pub linger: Duration,
}

impl Default for Run {
    fn default() -> Self {
        Self { sync_mode: SyncMode::SYNC, cancel: Cancel::new(), linger: Duration::from_secs(2) }
    }
}

impl Run {
    /// A run that may do what this mode says.
    #[must_use]
    pub fn of_mode(sync_mode: SyncMode) -> Self {
        Self { sync_mode, ..Self::default() }
    }
}

/// How old a remembered field schema may be.
const SCHEMA_MAX_AGE: Duration = Duration::from_secs(3600);

impl Destination {
    pub(crate) fn new(
        connection: Arc<dyn ErasedExport>,
        context: AccountContext,
        shared: Arc<Shared>,
        options: &Json,
    ) -> Self {
        // Options decide what a schema or a group's id is (the lists' folder, say).
        let cache_scope = format!("{} {options}", connection.name()).into();
        Self { connection, context, cache_scope, _shared: shared }
    }

    /// The connection's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.connection.name()
    }

    /// What it can do.
    #[must_use]
    pub fn capability(&self) -> Capability {
        self.connection.capability()
    }

    /// The fields it can write, at most an hour old.
    ///
    /// # Errors
    /// When the tool cannot be asked.
    pub async fn mapping_schema(&self) -> Result<Arc<MappingSchema>> {
        let load = self.connection.mapping_schema();
        self.context.cache.get_or_load("mapping schema", &self.cache_scope, SCHEMA_MAX_AGE, load).await
    }

    /// The fields it can write, asked for anew: for mapping screens, whose user may just
    /// have added a field in the tool.
    ///
    /// # Errors
    /// When the tool cannot be asked.
    pub async fn refresh_mapping_schema(&self) -> Result<Arc<MappingSchema>> {
        self.context.cache.forget("mapping schema", &self.cache_scope).await;
        self.mapping_schema().await
    }

    /// Exports a stream of profiles, batch by batch, and hands over each outcome as soon
    /// as it is known. Memory does not grow with the number of exports.
    ///
    /// Every export that is read from the stream gets exactly one outcome, not
    /// necessarily in order. A failure that stops the destination is in the report; the
    /// exports it left undone have the outcome `Retry`.
    pub async fn export<S, F>(&self, exports: S, run: Run, on_outcome: F) -> Report
    where
        S: Stream<Item = Export> + Send,
        F: FnMut(Outcomed) + Send,
    {
        engine::run(self, exports, run, on_outcome).await
    }

    /// Exports a list of profiles. The outcomes are in the order of the list.
    pub async fn export_all(&self, exports: Vec<Export>, run: Run) -> (Report, Vec<Outcomed>) {
        let mut outcomes = Vec::with_capacity(exports.len());
        let report = self.export(stream::iter(exports), run, |outcome| outcomes.push(outcome)).await;
        outcomes.sort_by_key(|outcome| outcome.sequence);
        (report, outcomes)
    }
}

impl fmt::Debug for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Destination").field("connection", &self.name()).finish_non_exhaustive()
    }
}
