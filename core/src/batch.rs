//! What goes into a plugin's operations, and what comes out of them.

use std::collections::{BTreeSet, HashMap};
use std::ops::Deref;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::export::Export;
use crate::identity::{Key, ProfileId, RemoteId};
use crate::outcome::{Problem, SkipReason};
use crate::schema::{Field, MappingSchema};
use crate::value::Value;

/// One record to write or delete.
#[derive(Clone, Debug)]
pub struct Row {
    /// The export it comes from.
    pub export: Arc<Export>,
    /// The key the record is to have. Only a delete or an update by remote id can lack it;
    /// it is empty then.
    pub key: Key,
    /// The tool's id: always there in `update` and `delete`, never in `create`.
    pub remote_id: Option<RemoteId>,
    /// The values to write, converted to the field's type; `Null` clears. The number
    /// is the field's place in the schema.
    pub values: Vec<(usize, Value)>,
    /// The groups the record is to be in, all of them, when they ride in the record
    /// ([`GroupSupport::InRecord`](crate::GroupSupport::InRecord)) and differ from what
    /// was acknowledged.
    pub groups: Option<BTreeSet<String>>,
}

impl Row {
    /// The host's id of the profile.
    #[must_use]
    pub fn profile_id(&self) -> &ProfileId {
        &self.export.profile_id
    }

    /// The tool's id.
    ///
    /// # Errors
    /// When the row has none, which in `update` and `delete` cannot be.
    pub fn id(&self) -> Result<&RemoteId> {
        self.remote_id
            .as_ref()
            .ok_or_else(|| Error::plugin(format!("profile {}: the row has no remote id", self.profile_id())))
    }
}

/// Which writes an `upsert` may make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Write {
    /// Create what is missing, update what is there.
    CreateOrUpdate,
    /// Create what is missing; leave what is there.
    CreateOnly,
    /// Update what is there; leave what is missing.
    UpdateOnly,
}

/// Rows that go to the tool in one operation. No two of them have a key in common.
#[derive(Clone, Debug)]
pub struct Batch {
    rows: Vec<Row>,
    schema: MappingSchema,
    write: Write,
}

impl Batch {
    /// A batch of these rows.
    #[must_use]
    pub fn new(rows: Vec<Row>, schema: MappingSchema, write: Write) -> Self {
        Self { rows, schema, write }
    }

    /// Which writes an `upsert` may make.
    #[must_use]
    pub fn write(&self) -> Write {
        self.write
    }

    /// The fields the values belong to.
    #[must_use]
    pub fn schema(&self) -> &MappingSchema {
        &self.schema
    }

    /// A row's values with their fields.
    pub fn values<'a>(&'a self, row: &'a Row) -> impl Iterator<Item = (&'a Field, &'a Value)> + 'a {
        row.values.iter().map(|(field, value)| (&self.schema.fields()[*field], value))
    }

    /// A batch of the rows at `indexes`, for a plugin that sends part of it again.
    #[must_use]
    pub fn subset(&self, indexes: &[usize]) -> Self {
        let rows = indexes.iter().filter_map(|index| self.rows.get(*index).cloned()).collect();
        Self { rows, schema: self.schema.clone(), write: self.write }
    }

    pub(crate) fn into_rows(self) -> Vec<Row> {
        self.rows
    }
}

impl Deref for Batch {
    type Target = [Row];

    fn deref(&self) -> &[Row] {
        &self.rows
    }
}

/// What an operation did with one row.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum RowOutcome {
    /// It created the record.
    Created(RemoteId),
    /// It updated the record.
    Updated(RemoteId),
    /// It deleted the record, or found it gone already after asking.
    Deleted,
    /// It did nothing, on purpose.
    Skipped(SkipReason),
    /// The remote id is gone (deleted, or merged into another): the engine forgets the
    /// id and looks again, once.
    Gone,
    /// It failed; the error's kind says how.
    Failed(Error),
}

impl From<Error> for RowOutcome {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// One outcome for each row of a batch, by the row's index.
///
/// Whatever is not set when it comes back to the engine is an error, never a success.
///
/// ```
/// use outflow_core::{Outcomes, RowOutcome};
///
/// let mut outcomes = Outcomes::new(2);
/// outcomes.set(0, RowOutcome::Created("7149".into()));
/// assert_eq!(outcomes.missing().collect::<Vec<_>>(), [1]);
/// ```
#[derive(Clone, Debug)]
pub struct Outcomes {
    rows: Vec<Option<RowOutcome>>,
    notes: Vec<(usize, Problem)>,
    faults: Vec<String>,
}

impl Outcomes {
    /// No outcome yet for each of `rows` rows.
    #[must_use]
    pub fn new(rows: usize) -> Self {
        Self { rows: vec![None; rows], notes: Vec::new(), faults: Vec::new() }
    }

    /// The same outcome for each of `rows` rows.
    #[must_use]
    pub fn all(rows: usize, outcome: RowOutcome) -> Self {
        Self { rows: vec![Some(outcome); rows], ..Self::new(0) }
    }

    /// Sets a row's outcome. A second outcome for a row, or one for a row that is not
    /// there, is remembered as the plugin's fault; the first outcome stands.
    pub fn set(&mut self, index: usize, outcome: impl Into<RowOutcome>) {
        match self.rows.get_mut(index) {
            Some(row @ None) => *row = Some(outcome.into()),
            Some(Some(_)) => self.faults.push(format!("row {index} got a second outcome")),
            None => self
                .faults
                .push(format!("row {index} got an outcome, and there are only {} rows", self.rows.len())),
        }
    }

    /// Says that a row was done differently than asked.
    pub fn note(&mut self, index: usize, note: Problem) {
        self.notes.push((index, note));
    }

    /// Takes over the outcomes of a batch that was a [`subset`](Batch::subset).
    pub fn merge(&mut self, indexes: &[usize], part: Self) {
        for (index, outcome) in indexes.iter().zip(part.rows) {
            if let Some(outcome) = outcome {
                self.set(*index, outcome);
            }
        }
        let notes = part.notes.into_iter().filter_map(|(index, note)| Some((*indexes.get(index)?, note)));
        self.notes.extend(notes);
        self.faults.extend(part.faults);
    }

    /// The rows that have no outcome yet.
    pub fn missing(&self) -> impl Iterator<Item = usize> + '_ {
        self.rows.iter().enumerate().filter(|(_, outcome)| outcome.is_none()).map(|(index, _)| index)
    }

    /// The engine's completeness check: exactly `rows` outcomes, a missing one replaced
    /// by `NoAnswer`, since nobody knows what became of the row.
    pub(crate) fn complete(self, rows: usize, operation: &str) -> (Vec<RowOutcome>, Vec<(usize, Problem)>) {
        if self.rows.len() > rows {
            tracing::error!(
                operation,
                rows,
                outcomes = self.rows.len(),
                "plugin fault: more outcomes than rows"
            );
        }
        for fault in &self.faults {
            tracing::error!(operation, fault, "plugin fault");
        }
        let mut outcomes: Vec<RowOutcome> = self
            .rows
            .into_iter()
            .map(|outcome| outcome.unwrap_or_else(|| unreported(operation).into()))
            .collect();
        outcomes.truncate(rows);
        outcomes.resize_with(rows, || unreported(operation).into());
        (outcomes, self.notes)
    }
}

fn unreported(operation: &str) -> Error {
    Error::new(ErrorKind::NoAnswer, format!("the plugin reported no outcome of {operation} for this profile"))
        .with_code("unreported")
}

/// One outcome for each row, in the batch's order: for APIs that answer so.
impl FromIterator<RowOutcome> for Outcomes {
    fn from_iter<I: IntoIterator<Item = RowOutcome>>(outcomes: I) -> Self {
        Self { rows: outcomes.into_iter().map(Some).collect(), ..Self::new(0) }
    }
}

/// What a look-up found, by key.
#[derive(Clone, Debug, Default)]
pub struct Found {
    ids: HashMap<Key, Vec<RemoteId>>,
    refused: HashMap<Key, Error>,
}

impl Found {
    /// Nothing found yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A record holds this key. Several records for one key are all kept: the engine
    /// then reports the key as ambiguous.
    pub fn insert(&mut self, key: Key, id: impl Into<RemoteId>) {
        let (ids, id) = (self.ids.entry(key).or_default(), id.into());
        if !ids.contains(&id) {
            ids.push(id);
        }
    }

    /// This key cannot be looked up (the API has no way to write it in a query, say); the
    /// others can. Its export gets the error's outcome.
    pub fn refuse(&mut self, key: Key, error: Error) {
        self.refused.insert(key, error);
    }

    pub(crate) fn extend(&mut self, other: Self) {
        for (key, ids) in other.ids {
            for id in ids {
                self.insert(key.clone(), id);
            }
        }
        self.refused.extend(other.refused);
    }

    /// The records that hold the key.
    ///
    /// # Errors
    /// Why the key could not be looked up.
    pub(crate) fn get(&self, key: &Key) -> Result<&[RemoteId]> {
        match self.refused.get(key) {
            Some(error) => Err(error.clone()),
            None => Ok(self.ids.get(key).map_or(&[], Vec::as_slice)),
        }
    }
}

/// A group whose id is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedGroup {
    /// Its name, as [`normalize_group`](crate::BatchExport::normalize_group) has it.
    pub name: String,
    /// Create it when it is not there: somebody is to join it. Nobody needs a group
    /// created to leave it.
    pub create: bool,
}

/// The id of each wanted group (of its list, label or option), by index: `None` when it is
/// not there and was not to be created, an error when this one group cannot be had.
pub type GroupIds = Vec<Result<Option<RemoteId>>>;
