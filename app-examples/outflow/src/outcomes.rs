//! The outcomes of a run, kept as they come in memory that does not grow with them.

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, Write};

use outflow_core::{Cancel, Outcome, Outcomed, Problem};
use serde::Serialize;
use tempfile::SpooledTempFile;

use crate::exit::Failure;
use crate::input::{BadLine, NoExport};
use crate::whole_lines::WholeLines;

/// Problems that text output shows.
const SHOWN: usize = 20;

/// Bytes of problems kept in memory; more go to a temporary file.
const SPOOLED: usize = 1024 * 1024;

/// One export's outcome, as reports and files of outcomes have it.
#[derive(Serialize)]
pub(crate) struct OutcomeLine<'a> {
    pub(crate) profile_id: Option<&'a str>,
    pub(crate) outcome: &'static str,
    pub(crate) code: Option<&'a str>,
    pub(crate) field: Option<&'a str>,
    pub(crate) message: Option<Cow<'a, str>>,
    pub(crate) remote_id: Option<&'a str>,
    /// Reports have no notes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) notes: Option<&'a [Problem]>,
}

impl<'a> OutcomeLine<'a> {
    pub(crate) fn of(outcomed: &'a Outcomed) -> Self {
        let outcome = &outcomed.outcome;
        let problem = outcome.problem();
        let (code, message) = match outcome {
            Outcome::Skipped(reason) => (Some(reason.code()), Some(Cow::Borrowed(reason.message()))),
            _ => (
                problem.map(|problem| problem.code.as_str()),
                problem.map(|problem| with_delay(outcome, &problem.message)),
            ),
        };
        Self {
            profile_id: Some(outcomed.profile_id.as_str()),
            outcome: outcome.name(),
            code,
            field: problem.and_then(|problem| problem.field.as_deref()),
            message,
            remote_id: outcomed.remote_id.as_ref().map(|id| id.as_str()),
            notes: None,
        }
    }

    /// A line that is no export is one that was refused before it could be sent.
    fn of_bad_line(bad: &'a BadLine) -> Self {
        Self {
            profile_id: bad.profile_id.as_ref().map(|id| id.as_str()),
            outcome: "rejected",
            code: Some(&bad.problem.code),
            field: bad.problem.field.as_deref(),
            message: Some(Cow::Borrowed(&bad.problem.message)),
            remote_id: None,
            notes: None,
        }
    }
}

fn with_delay<'a>(outcome: &Outcome, message: &'a str) -> Cow<'a, str> {
    match outcome {
        Outcome::Retry { after: Some(after), .. } => {
            Cow::Owned(format!("{message}; try again after {} s", after.as_secs().max(1)))
        }
        _ => Cow::Borrowed(message),
    }
}

/// A problem for a person to read.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ShownProblem {
    pub(crate) profile_id: String,
    pub(crate) outcome: &'static str,
    pub(crate) code: String,
    pub(crate) field: String,
    pub(crate) message: String,
}

impl fmt::Display for ShownProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.profile_id.is_empty() {
            write!(f, "{} ", self.profile_id)?;
        }
        write!(f, "{} [{}", self.outcome, self.code)?;
        if !self.field.is_empty() {
            write!(f, ", {}", self.field)?;
        }
        write!(f, "]: {}", self.message)
    }
}

impl From<&OutcomeLine<'_>> for ShownProblem {
    fn from(line: &OutcomeLine<'_>) -> Self {
        // What a tool or an input wrote must not steer a terminal.
        let text = |text: Option<&str>| text.unwrap_or_default().replace(char::is_control, " ");
        Self {
            profile_id: text(line.profile_id),
            outcome: line.outcome,
            code: text(line.code),
            field: text(line.field),
            message: text(line.message.as_deref()),
        }
    }
}

/// Takes the outcomes of a run.
pub(crate) struct Outcomes {
    /// Lines of the input that are no exports; each counts as rejected.
    pub(crate) bad_lines: u64,
    /// How many problems there are.
    pub(crate) problems: u64,
    /// The first of them.
    pub(crate) first: Vec<ShownProblem>,
    /// Exports that were done differently than asked.
    pub(crate) noted: u64,
    /// Why not all of the input was read.
    pub(crate) broken_input: Option<String>,
    spool: SpooledTempFile,
    /// Bytes of whole problems in it.
    spooled: u64,
    file: Option<WholeLines<File>>,
    failure: Option<io::Error>,
    cancel: Cancel,
}

impl Outcomes {
    /// Keeps all outcomes in `file`, when there is one. It sets `cancel` when they cannot
    /// be kept: nothing more is to be sent whose outcome would be lost.
    pub(crate) fn new(file: Option<File>, cancel: Cancel) -> Self {
        Self {
            bad_lines: 0,
            problems: 0,
            first: Vec::with_capacity(SHOWN),
            noted: 0,
            broken_input: None,
            spool: SpooledTempFile::new(SPOOLED),
            spooled: 0,
            file: file.map(WholeLines::to),
            failure: None,
            cancel,
        }
    }

    /// Takes an export's outcome.
    pub(crate) fn take(&mut self, outcomed: &Outcomed) {
        self.noted += u64::from(!outcomed.notes.is_empty());
        let is_problem = !outcomed.outcome.is_done();
        if is_problem || self.file.is_some() {
            self.keep(OutcomeLine::of(outcomed), &outcomed.notes, is_problem);
        }
    }

    /// Takes what of the input was no export.
    pub(crate) fn take_no_export(&mut self, no_export: NoExport) {
        match no_export {
            NoExport::BadLine(bad) => {
                self.bad_lines += 1;
                self.keep(OutcomeLine::of_bad_line(&bad), &[], true);
            }
            NoExport::Broken { after_line, error } => {
                self.broken_input = Some(format!("the input failed after line {after_line}: {error}"));
            }
        }
    }

    fn keep<'a>(&mut self, mut line: OutcomeLine<'a>, notes: &'a [Problem], is_problem: bool) {
        let kept = if is_problem { self.spool(&line) } else { Ok(()) };
        line.notes = Some(notes);
        let kept = kept.and_then(|()| match &mut self.file {
            Some(file) => file.line(&line),
            None => Ok(()),
        });
        self.check(kept);
    }

    fn spool(&mut self, line: &OutcomeLine<'_>) -> io::Result<()> {
        if self.first.len() < SHOWN {
            self.first.push(line.into());
        }
        // Written as one piece: a temporary file takes every write as a system call.
        let mut text = Vec::with_capacity(256);
        if self.problems > 0 {
            text.push(b',');
        }
        serde_json::to_writer(&mut text, line)?;
        self.problems += 1;
        // Behind a problem that was cut short, none could be read.
        if self.failure.is_none() {
            self.spool.write_all(&text)?;
            self.spooled += text.len() as u64;
        }
        Ok(())
    }

    fn check(&mut self, kept: io::Result<()>) {
        if let Err(error) = kept
            && self.failure.is_none()
        {
            self.failure = Some(error);
            self.cancel.set();
        }
    }

    /// Writes the problems as the elements of a JSON list.
    pub(crate) fn write_problems(&mut self, target: &mut dyn Write) -> io::Result<()> {
        self.spool.rewind()?;
        io::copy(&mut Read::by_ref(&mut self.spool).take(self.spooled), target)?;
        Ok(())
    }

    /// Brings the outcomes there are into the file, for whoever follows it, and for the
    /// process that is killed while it waits: what a tool acknowledged must not be lost.
    pub(crate) fn flush(&mut self) {
        let flushed = self.file.as_mut().map_or(Ok(()), WholeLines::flush);
        self.check(flushed);
    }

    /// Brings the file of outcomes to its end.
    ///
    /// # Errors
    /// When an outcome could not be kept.
    pub(crate) fn finish(&mut self) -> Result<(), Failure> {
        self.flush();
        match self.failure.take() {
            Some(error) => Err(Failure::Usage(format!(
                "the outcomes could not be written, so the run was stopped: {error}; \
                 check the space left for --outcomes and for temporary files"
            ))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use outflow_core::SkipReason;
    use pretty_assertions::assert_eq;
    use serde_json::{Value as Json, json};

    use super::*;

    fn outcomed(id: &str, outcome: Outcome) -> Outcomed {
        Outcomed { profile_id: id.into(), sequence: 0, outcome, remote_id: None, notes: Vec::new() }
    }

    fn problems(outcomes: &mut Outcomes) -> Json {
        let mut text = b"[".to_vec();
        outcomes.write_problems(&mut text).unwrap();
        text.push(b']');
        serde_json::from_slice(&text).unwrap()
    }

    #[test]
    fn problems_are_whatever_is_not_done() {
        let mut outcomes = Outcomes::new(None, Cancel::new());
        outcomes.take(&outcomed("a", Outcome::Created("1".into())));
        outcomes.take(&outcomed("b", Outcome::Skipped(SkipReason::NothingToDelete)));
        outcomes.take(&outcomed(
            "c",
            Outcome::Retry {
                after: Some(Duration::from_secs(9)),
                cause: Problem { code: "throttled".to_owned(), field: None, message: "slow down".to_owned() },
            },
        ));
        assert_eq!(
            problems(&mut outcomes),
            json!([
                {
                    "profile_id": "b", "outcome": "skipped", "code": "nothing_to_delete", "field": null,
                    "message": "it is to be deleted, and the tool has no record for it", "remote_id": null
                },
                {
                    "profile_id": "c", "outcome": "retry", "code": "throttled", "field": null,
                    "message": "slow down; try again after 9 s", "remote_id": null
                },
            ])
        );
    }

    #[test]
    fn a_million_problems_are_not_kept_in_memory() {
        let mut outcomes = Outcomes::new(None, Cancel::new());
        for _ in 0..20_000 {
            outcomes.take(&outcomed("b", Outcome::Skipped(SkipReason::NothingToDelete)));
        }
        assert!(outcomes.spool.is_rolled());
        assert_eq!((outcomes.first.len(), outcomes.problems), (SHOWN, 20_000));
        assert_eq!(problems(&mut outcomes).as_array().unwrap().len(), 20_000);
        outcomes.finish().unwrap();
    }

    #[test]
    fn a_file_of_outcomes_has_every_export_with_its_notes() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut outcomes = Outcomes::new(Some(file.reopen().unwrap()), Cancel::new());
        let mut done = outcomed("a", Outcome::Updated("1".into()));
        done.remote_id = Some("1".into());
        done.notes.push(Problem {
            code: "1003".to_owned(),
            field: Some("x".to_owned()),
            message: "left out".to_owned(),
        });
        outcomes.take(&done);
        outcomes.finish().unwrap();
        let line: Json = serde_json::from_reader(file.reopen().unwrap()).unwrap();
        assert_eq!(
            line,
            json!({
                "profile_id": "a", "outcome": "updated", "remote_id": "1", "code": null, "field": null,
                "message": null, "notes": [{ "code": "1003", "field": "x", "message": "left out" }]
            })
        );
        assert_eq!((outcomes.problems, outcomes.noted), (0, 1));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn outcomes_that_cannot_be_kept_stop_the_run() {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let cancel = Cancel::new();
        let mut outcomes = Outcomes::new(Some(full), cancel.clone());
        for _ in 0..1_000 {
            outcomes.take(&outcomed("a", Outcome::Unchanged));
        }
        assert!(cancel.is_set());
        assert!(outcomes.finish().unwrap_err().to_string().contains("stopped"));
    }
}
