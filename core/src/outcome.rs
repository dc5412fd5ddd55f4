//! Outcomes: what became of each export.

use std::time::Duration;

use serde::Serialize;

use crate::error::{Error, ErrorKind};
use crate::identity::{ProfileId, RemoteId};

/// What became of one export. Every export that goes in gets exactly one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A record was created; the tool acknowledged it.
    Created(RemoteId),
    /// The record was updated (or written as it was); the tool acknowledged it.
    Updated(RemoteId),
    /// The record was deleted; the tool acknowledged it.
    Deleted,
    /// Nothing differed from what the tool had acknowledged: nothing was sent.
    Unchanged,
    /// Not done on purpose: information, not an error, never retried.
    Skipped(SkipReason),
    /// The tool or validation refuses this data; not retried until the data changes.
    Rejected(Problem),
    /// A passing failure outlasted this run: what is asked for is not done, or not all of
    /// it (the message says so when the record was written and its groups were not).
    /// Sending the export again is safe.
    Retry {
        /// How long to wait before the next attempt, when the tool said so.
        after: Option<Duration>,
        /// What failed.
        cause: Problem,
    },
    /// A write got no answer and may have happened; the next run must look before it
    /// creates.
    Unknown(Problem),
}

impl Outcome {
    /// The name used in reports: `created`, `updated`, `deleted`, `unchanged`,
    /// `skipped`, `rejected`, `retry`, `unknown`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Created(_) => "created",
            Self::Updated(_) => "updated",
            Self::Deleted => "deleted",
            Self::Unchanged => "unchanged",
            Self::Skipped(_) => "skipped",
            Self::Rejected(_) => "rejected",
            Self::Retry { .. } => "retry",
            Self::Unknown(_) => "unknown",
        }
    }

    /// The outcome that an error which reached a row means for it.
    #[must_use]
    pub fn of_error(error: &Error) -> Self {
        let problem = Problem::from(error);
        match error.kind() {
            ErrorKind::Rejected | ErrorKind::TooLarge | ErrorKind::Plugin => Self::Rejected(problem),
            ErrorKind::NoAnswer => Self::Unknown(problem),
            ErrorKind::Throttled { .. }
            | ErrorKind::Unavailable { .. }
            | ErrorKind::QuotaExhausted { .. }
            | ErrorKind::TokenExpired
            | ErrorKind::Gone
            | ErrorKind::Configuration => Self::Retry { after: error.retry_after(), cause: problem },
        }
    }

    /// Why it is a problem, for `Rejected`, `Retry` and `Unknown`.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Rejected(problem) | Self::Unknown(problem) | Self::Retry { cause: problem, .. } => {
                Some(problem)
            }
            _ => None,
        }
    }

    /// Whether the tool now agrees with the export.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Created(_) | Self::Updated(_) | Self::Deleted | Self::Unchanged)
    }
}

/// Why an export was not done, on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SkipReason {
    /// The tool has no record for it, and the sync mode does not create.
    CreateNotAllowed,
    /// The tool has a record for it, and the sync mode does not update.
    UpdateNotAllowed,
    /// The sync mode neither creates nor updates.
    WriteNotAllowed,
    /// It is to be deleted, and the sync mode does not delete.
    DeleteNotAllowed,
    /// It is to be deleted, and the tool has no record for it.
    NothingToDelete,
}

impl SkipReason {
    /// The code used in reports.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::CreateNotAllowed => "create_not_allowed",
            Self::UpdateNotAllowed => "update_not_allowed",
            Self::WriteNotAllowed => "write_not_allowed",
            Self::DeleteNotAllowed => "delete_not_allowed",
            Self::NothingToDelete => "nothing_to_delete",
        }
    }

    /// A sentence for a person.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::CreateNotAllowed => "the tool has no record for it, and the sync mode does not create",
            Self::UpdateNotAllowed => "the tool has a record for it, and the sync mode does not update",
            Self::WriteNotAllowed => "the sync mode neither creates nor updates",
            Self::DeleteNotAllowed => "it is to be deleted, and the sync mode does not delete",
            Self::NothingToDelete => "it is to be deleted, and the tool has no record for it",
        }
    }
}

/// What is wrong, in words and in a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The tool's code, or ours.
    pub code: String,
    /// The field, property, group or option.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// A sentence for a person.
    pub message: String,
}

impl From<&Error> for Problem {
    fn from(error: &Error) -> Self {
        let message = match std::error::Error::source(error) {
            Some(source) => format!("{}: {source}", error.message()),
            None => error.message().to_owned(),
        };
        Self {
            code: error.code().unwrap_or_else(|| error.kind().name()).to_owned(),
            field: error.field().map(str::to_owned),
            message,
        }
    }
}

/// One export's outcome as a run gives it to its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcomed {
    /// Which profile.
    pub profile_id: ProfileId,
    /// Which export of the run: 0 for the first that went in.
    pub sequence: u64,
    /// What became of it.
    pub outcome: Outcome,
    /// The tool's record, as far as it is known, whatever became of the export.
    pub remote_id: Option<RemoteId>,
    /// What was done differently than asked (a refused field left out, say).
    pub notes: Vec<Problem>,
}
