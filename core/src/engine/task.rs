//! A task: one export on its way through the engine.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::error::Error;
use crate::export::Export;
use crate::identity::{Key, RemoteId};
use crate::outcome::{Outcome, Problem};
use crate::value::Value;

/// One export on its way through the engine.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) export: Arc<Export>,
    /// The key the record is to have.
    pub(super) key: Option<Key>,
    /// The key it had, when that is another.
    pub(super) old_key: Option<Key>,
    /// The tool's record, as far as it is known.
    pub(super) remote_id: Option<RemoteId>,
    /// The record that a look-up found: claimed, as another profile may have found it too.
    pub(super) found_id: Option<RemoteId>,
    /// It is first at all it claims, and under way.
    pub(super) is_going: bool,
    /// What to write, converted.
    pub(super) values: Vec<(usize, Value)>,
    pub(super) new_groups: BTreeSet<String>,
    pub(super) old_groups: BTreeSet<String>,
    /// Its remote id turned out to be gone, and was looked for anew. Once is enough.
    pub(super) looked_again: bool,
    /// The record's own outcome, while the groups are still under way.
    pub(super) written: Option<Outcome>,
    /// Group changes that have no answer yet.
    pub(super) group_changes: usize,
    /// The first group change that failed.
    pub(super) group_failure: Option<Error>,
    pub(super) notes: Vec<Problem>,
}

impl Task {
    pub(super) fn new(export: Arc<Export>) -> Self {
        Self {
            remote_id: export.remote_id.clone(),
            export,
            key: None,
            found_id: None,
            is_going: false,
            old_key: None,
            values: Vec::new(),
            new_groups: BTreeSet::new(),
            old_groups: BTreeSet::new(),
            looked_again: false,
            written: None,
            group_changes: 0,
            group_failure: None,
            notes: Vec::new(),
        }
    }

    /// The keys and ids that no other task may touch meanwhile.
    pub(super) fn claims(&self) -> impl Iterator<Item = Claim> + use<> {
        let keys = [self.key.clone(), self.old_key.clone()].into_iter().flatten().map(Claim::Key);
        let given = self.export.remote_id.clone();
        let found = self.found_id.clone().filter(|found| Some(found) != given.as_ref());
        keys.chain([given, found].into_iter().flatten().map(Claim::RemoteId))
    }

    /// Whether a write of the record is to say which groups it is in. What was acknowledged
    /// of a record that is gone says nothing of the one found in its place.
    pub(super) fn writes_groups(&self, step: Step) -> bool {
        let is_first_write = step != Step::Update || self.looked_again;
        self.new_groups != self.old_groups || (is_first_write && !self.new_groups.is_empty())
    }

    /// The keys that find the record, the one to prefer first.
    pub(super) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.key.iter().chain(&self.old_key)
    }
}

/// What only one task at a time may touch.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Claim {
    Key(Key),
    RemoteId(RemoteId),
}

/// An operation of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Step {
    Find,
    Delete,
    Update,
    Upsert,
    Create,
}

impl Step {
    /// The order in which a run's work goes out. Find comes first, as it decides the rest.
    pub(super) const ALL: [Self; 5] = [Self::Find, Self::Delete, Self::Update, Self::Upsert, Self::Create];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Find => "find",
            Self::Delete => "delete",
            Self::Update => "update",
            Self::Upsert => "upsert",
            Self::Create => "create",
        }
    }
}
