//! What can be wrong with a cassette, and what to do about it.

use std::fmt;
use std::path::PathBuf;

/// What is wrong with a cassette or with its use.
///
/// No message holds a secret: requests are shown as redaction leaves them. `Debug` prints
/// the message too, so that a test that ends in `unwrap` or returns the error reads well.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum CassetteError {
    /// The mode asked for does not exist.
    #[error("a cassette cannot {0:?}; set OUTFLOW_CASSETTES to replay, record, append or live")]
    UnknownMode(String),

    /// The name would lead out of the folder of cassettes, or is empty.
    #[error("{0:?} cannot name a cassette; use letters, digits, '-', '_', '.' and '/' for folders")]
    Name(String),

    /// There is no such file.
    #[error("there is no cassette at {}; run the test once with OUTFLOW_CASSETTES=record to make it", .0.display())]
    Missing(PathBuf),

    /// The file cannot be read or written.
    #[error("the cassette {} cannot be {action}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// `read` or `written`.
        action: &'static str,
        /// Why.
        source: std::io::Error,
    },

    /// The file is no HAR that can be used.
    #[error("{cassette} {problem}")]
    Damaged {
        /// The cassette.
        cassette: String,
        /// What is wrong with it, and what to do.
        problem: String,
    },

    /// One of its entries cannot be used.
    #[error("{cassette}, entry {number}: {problem}")]
    Entry {
        /// The cassette.
        cassette: String,
        /// Which entry, counted from 1.
        number: usize,
        /// What is wrong with it, and what to do.
        problem: String,
    },

    /// It was recorded with other options than it is opened with.
    #[error(
        "{cassette} was recorded with other options: {differences}. Open it with those, or record it again (OUTFLOW_CASSETTES=record)"
    )]
    OtherOptions {
        /// The cassette.
        cassette: String,
        /// Option by option.
        differences: String,
    },

    /// A rule of redaction or matching cannot be read.
    #[error("the rule {rule:?} is no {kind}: {problem}")]
    Rule {
        /// The rule as given.
        rule: String,
        /// `JSON path` or `regular expression`.
        kind: &'static str,
        /// Why not.
        problem: String,
    },

    /// A secret would have reached the disk; the file was not written.
    #[error(
        "{cassette} was not written: after redaction, entry {number} still holds the secret {secret:?}, {place}. Add a redaction rule for that place"
    )]
    SecretLeft {
        /// The cassette.
        cassette: String,
        /// Which entry, counted from 1.
        number: usize,
        /// The secret's name.
        secret: String,
        /// Where it stands.
        place: String,
    },

    /// The run and the recording differ.
    #[error("{cassette} was not replayed as it was recorded.\n{report}")]
    Mismatch {
        /// The cassette.
        cassette: String,
        /// Requests that it has no answer to, and entries left unused.
        report: String,
    },
}

impl fmt::Debug for CassetteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A problem of one entry, before it is known which one and of which file.
#[derive(Debug)]
pub(crate) struct EntryProblem(pub(crate) String);

impl EntryProblem {
    pub(crate) fn of(self, cassette: &str, number: usize) -> CassetteError {
        CassetteError::Entry { cassette: cassette.to_owned(), number, problem: self.0 }
    }
}
