//! Answers about records: which row each belongs to, and what it means for it.

use std::collections::HashMap;

use outflow_core::{Clock, Error, ErrorKind, Outcomes, RemoteId, Result, RowOutcome, Scope};

use crate::api::{RecordResult, Status};
use crate::errors::{Doing, outcome_of, unreadable};

/// The rows of a call that names leads by id.
pub(crate) struct LeadsById {
    /// The rows whose remote id is a lead's.
    pub(crate) rows: Vec<usize>,
    /// Their ids, in the same order.
    pub(crate) ids: Vec<u64>,
    /// The outcomes so far: of rows whose remote id can be no lead's.
    pub(crate) outcomes: Outcomes,
}

impl LeadsById {
    /// Lead ids are numbers; a remote id that is none came from somewhere else, and
    /// costs its own row an outcome, not the others theirs.
    pub(crate) fn of<'a>(ids: impl ExactSizeIterator<Item = Result<&'a RemoteId>>) -> Self {
        let mut leads = Self {
            rows: Vec::with_capacity(ids.len()),
            ids: Vec::with_capacity(ids.len()),
            outcomes: Outcomes::new(ids.len()),
        };
        for (row, id) in ids.enumerate() {
            match id.and_then(RemoteId::as_u64) {
                Ok(id) => {
                    leads.rows.push(row);
                    leads.ids.push(id);
                }
                Err(error) => leads.outcomes.set(row, error.with_scope(Scope::Record)),
            }
        }
        leads
    }

    /// Takes the results in, and says what became of each row.
    pub(crate) fn settle(mut self, results: Vec<RecordResult>, doing: Doing, clock: &Clock) -> Outcomes {
        let results = aligned(&self.ids, results);
        for ((row, id), result) in self.rows.iter().zip(&self.ids).zip(results) {
            let outcome = match result {
                Some(result) => outcome(&result, doing, Some(*id), clock),
                None => unmentioned().into(),
            };
            self.outcomes.set(*row, outcome);
        }
        self.outcomes
    }
}

/// Puts results in the order of the leads asked for. The API keeps that order [rec], and
/// a skipped result may lack its id; where ids are out of order, they alone count.
pub(crate) fn aligned(asked: &[u64], results: Vec<RecordResult>) -> Vec<Option<RecordResult>> {
    let fits = |(asked, result): (&u64, &RecordResult)| result.id.is_none_or(|id| id == *asked);
    if results.len() == asked.len() && asked.iter().zip(&results).all(fits) {
        return results.into_iter().map(Some).collect();
    }
    let mut by_id = HashMap::with_capacity(results.len());
    for result in results {
        if let Some(id) = result.id {
            // Of two results for one lead the first stands.
            by_id.entry(id).or_insert(result);
        }
    }
    asked.iter().map(|id| by_id.remove(id)).collect()
}

/// A row that the answer does not mention. All calls by id are safe to repeat.
pub(crate) fn unmentioned() -> Error {
    Error::unavailable("Marketo's answer does not mention this lead")
        .with_code("unmentioned")
        .with_scope(Scope::Record)
}

/// Results that cannot be matched with what was sent: of leads written by key the order
/// alone says whose each is.
pub(crate) fn misaligned(sent: usize, results: usize, doing: Doing) -> Error {
    let kind = if doing == Doing::CreateOnly {
        ErrorKind::NoAnswer
    } else {
        ErrorKind::Unavailable { retry_after: None }
    };
    Error::new(kind, format!("Marketo answered {sent} leads with {results} results"))
        .with_code("misaligned_answer")
}

/// What a result means for its row. `asked` is the lead that the row named.
pub(crate) fn outcome(result: &RecordResult, doing: Doing, asked: Option<u64>, clock: &Clock) -> RowOutcome {
    let id = result.id.or(asked).map(RemoteId::from);
    match (result.status, id) {
        (Status::Created, Some(id)) => RowOutcome::Created(id),
        (Status::Updated | Status::Added | Status::Removed, Some(id)) => RowOutcome::Updated(id),
        (Status::Deleted, _) => RowOutcome::Deleted,
        (Status::Skipped, id) => {
            let done = match id {
                Some(id) if doing != Doing::Delete => RowOutcome::Updated(id),
                _ => RowOutcome::Deleted,
            };
            outcome_of(&result.reasons, doing, done, clock)
        }
        _ => unreadable("a record").with_scope(Scope::Record).into(),
    }
}
