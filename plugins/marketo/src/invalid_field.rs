//! `on_invalid_field = drop`: rows that Marketo skipped for one field's value, sent again
//! without it.

use outflow_core::{Batch, Outcomes, Problem, Row, RowOutcome};

use crate::api::{RecordResult, Status};
use crate::app::MarketoClient;
use crate::errors::{Doing, named_field};
use crate::leads_export::{LeadsExport, OnInvalidField, read};

/// How often a row is sent again at most. Marketo names one field at a time, and each
/// round costs a call: a profile with more bad fields than this is rejected after all.
const MOST_ROUNDS: usize = 8;

/// The code of a value that does not fit its field [rec].
const INVALID_VALUE: &str = "1003";

/// A row without the fields that were refused.
pub(crate) struct Dropped {
    /// Its place in the batch.
    index: usize,
    /// What is left of it.
    row: Row,
    /// What was said of each field left out.
    notes: Vec<Problem>,
    /// The last refusal, should the rounds run out.
    result: RecordResult,
}

impl LeadsExport {
    /// The row without the field that its result refuses; `None` when nothing was
    /// refused, or what was cannot be left out.
    pub(crate) fn without_refused_field(
        &self,
        batch: &Batch,
        index: usize,
        result: &Option<RecordResult>,
    ) -> Option<Dropped> {
        if self.on_invalid_field == OnInvalidField::Reject {
            return None;
        }
        let row = batch.get(index)?;
        self.drop_field(batch, row, index, Vec::new(), result.as_ref()?)
    }

    fn drop_field(
        &self,
        batch: &Batch,
        row: &Row,
        index: usize,
        mut notes: Vec<Problem>,
        result: &RecordResult,
    ) -> Option<Dropped> {
        let reason = result.reasons.first()?;
        if result.status != Status::Skipped || reason.code != INVALID_VALUE {
            return None;
        }
        let (field, described) = batch.schema().find(named_field(&reason.message)?).ok()?;
        if described.name == self.lookup_field {
            return None;
        }
        let mut row = row.clone();
        let before = row.values.len();
        row.values.retain(|(there, _)| *there != field);
        // A field that the row does not have cannot be left out of it.
        if row.values.len() == before {
            return None;
        }
        notes.push(Problem {
            code: "field_dropped".to_owned(),
            field: Some(described.name.clone()),
            message: format!("the field was left out: {}", reason.message),
        });
        Some(Dropped { index, row, notes, result: result.clone() })
    }

    /// Sends what was refused again, round by round: each leaves out one more field of
    /// every row that is left.
    pub(crate) async fn resend(
        &self,
        client: &MarketoClient,
        batch: &Batch,
        doing: Doing,
        mut refused: Vec<Dropped>,
        outcomes: &mut Outcomes,
    ) {
        for _ in 0..MOST_ROUNDS {
            if refused.is_empty() {
                return;
            }
            let rows = refused.iter().map(|dropped| dropped.row.clone()).collect();
            let part = Batch::new(rows, batch.schema().clone(), batch.write());
            let results = match self.sync(client, &part, doing).await {
                Ok(results) => results,
                // The rows of the first call have their outcomes: the failure is these rows' own.
                Err(error) => {
                    for dropped in refused {
                        outcomes.set(dropped.index, error.clone());
                    }
                    return;
                }
            };
            let mut still_refused = Vec::new();
            for (dropped, result) in refused.into_iter().zip(results) {
                match self.again(batch, &dropped, &result) {
                    Some(again) => still_refused.push(again),
                    None => dropped.end(read(result, doing, client), outcomes),
                }
            }
            refused = still_refused;
        }
        for dropped in refused {
            outcomes.set(dropped.index, read(Some(dropped.result), doing, client));
        }
    }

    /// The row without yet another field.
    fn again(&self, batch: &Batch, dropped: &Dropped, result: &Option<RecordResult>) -> Option<Dropped> {
        let notes = dropped.notes.clone();
        self.drop_field(batch, &dropped.row, dropped.index, notes, result.as_ref()?)
    }
}

impl Dropped {
    /// The row's outcome, with a note for each field that was not written.
    fn end(self, outcome: RowOutcome, outcomes: &mut Outcomes) {
        let is_written = matches!(outcome, RowOutcome::Created(_) | RowOutcome::Updated(_));
        outcomes.set(self.index, outcome);
        for note in self.notes.into_iter().filter(|_| is_written) {
            outcomes.note(self.index, note);
        }
    }
}
