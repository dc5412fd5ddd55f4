//! The report of an export, for a program or for a person.

use std::io::{self, Write};
use std::time::Duration;

use outflow_core::http::CallCounts;
use outflow_core::{ErrorKind, OutcomeCounts, Report};
use serde::Serialize;

use crate::exit::{Exit, with_advice};
use crate::outcomes::{Outcomes, ShownProblem};
use crate::output::Output;
use crate::table::{Table, grouped};

/// All of the JSON report but its problems, which can be more than memory holds.
#[derive(Serialize)]
pub(crate) struct Counted<'a> {
    connection: &'a str,
    exports: u64,
    #[serde(flatten)]
    outcomes: OutcomeCounts,
    calls: &'a CallCounts,
    cost: u64,
    elapsed_ms: u64,
}

impl<'a> Counted<'a> {
    /// What a run did, with the lines that were no exports counted as rejected.
    pub(crate) fn new(report: &'a Report, bad_lines: u64) -> Self {
        let mut outcomes = report.outcomes;
        outcomes.rejected += bad_lines;
        Self {
            connection: report.connection,
            exports: outcomes.total(),
            outcomes,
            calls: &report.calls,
            cost: report.calls.cost,
            elapsed_ms: u64::try_from(report.elapsed.as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// All done, or something left to look at.
    fn exit(&self) -> Exit {
        let OutcomeCounts {
            rejected,
            retry,
            unknown,
            ..
        } = self.outcomes;
        if rejected + retry + unknown == 0 {
            Exit::Done
        } else {
            Exit::SomeFailed
        }
    }
}

/// The exit code that a report means.
pub(crate) fn exit(report: &Report, outcomes: &Outcomes) -> Exit {
    match report.stopped.as_ref().map(|error| error.kind()) {
        // The budget comes back by itself: what is left can go then.
        Some(ErrorKind::QuotaExhausted { .. }) => Exit::SomeFailed,
        Some(_) => Exit::Refused,
        None if outcomes.broken_input.is_some() => Exit::Usage,
        None => Counted::new(report, outcomes.bad_lines).exit(),
    }
}

/// Writes the report to stdout, and what a person must know of it to stderr.
pub(crate) fn write(report: &Report, outcomes: &mut Outcomes, output: &mut Output) -> io::Result<()> {
    if output.is_json() {
        write_json(report, outcomes, output.results())?;
    } else {
        write_text(report, outcomes, output.results())?;
    }
    // The report before the remarks, where both go to one terminal.
    output.flush()?;
    if let Some(error) = &report.stopped {
        output.say(format_args!(
            "error: {} stopped: {}",
            report.connection,
            with_advice(error)
        ));
    }
    if let Some(why) = &outcomes.broken_input {
        output.say(format_args!("error: {why}; export the rest again"));
    }
    Ok(())
}

fn write_json(report: &Report, outcomes: &mut Outcomes, out: &mut dyn Write) -> io::Result<()> {
    let mut head = serde_json::to_string(&Counted::new(report, outcomes.bad_lines))?;
    // The object is left open for its last member.
    head.pop();
    write!(out, "{head},\"problems\":[")?;
    outcomes.write_problems(out)?;
    writeln!(out, "]}}")
}

fn write_text(report: &Report, outcomes: &Outcomes, out: &mut dyn Write) -> io::Result<()> {
    let counted = Counted::new(report, outcomes.bad_lines);
    writeln!(
        out,
        "{}: {} exports in {}",
        counted.connection,
        grouped(counted.exports),
        seconds(report.elapsed)
    )?;
    let mut table = Table::of_counts(COUNT_HEADINGS, 0);
    table.row(count_cells(&counted.outcomes, &report.calls));
    writeln!(out, "{table}")?;
    let by_operation: Vec<String> = report
        .calls
        .by_operation
        .iter()
        .map(|(operation, calls)| format!("{operation} {}", grouped(*calls)))
        .collect();
    if !by_operation.is_empty() {
        writeln!(out, "calls: {}", by_operation.join(", "))?;
    }
    if outcomes.noted > 0 {
        writeln!(
            out,
            "{} done differently than asked; --outcomes FILE says how",
            grouped(outcomes.noted)
        )?;
    }
    write_shown(
        &outcomes.first,
        outcomes.problems,
        "--outcomes FILE keeps them all",
        out,
    )
}

/// Headings of [`count_cells`].
pub(crate) const COUNT_HEADINGS: [&str; 10] = [
    "created",
    "updated",
    "deleted",
    "unchanged",
    "skipped",
    "rejected",
    "retry",
    "unknown",
    "calls",
    "cost",
];

/// How many exports had each outcome, and what it took.
pub(crate) fn count_cells(outcomes: &OutcomeCounts, calls: &CallCounts) -> [String; 10] {
    [
        outcomes.created,
        outcomes.updated,
        outcomes.deleted,
        outcomes.unchanged,
        outcomes.skipped,
        outcomes.rejected,
        outcomes.retry,
        outcomes.unknown,
        calls.total,
        calls.cost,
    ]
    .map(grouped)
}

/// Writes the first problems as a table, and how many more there are.
pub(crate) fn write_shown(
    first: &[ShownProblem],
    problems: u64,
    where_all_are: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    if first.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(["profile", "outcome", "code", "field", "message"]);
    for problem in first {
        table.row([
            problem.profile_id.clone(),
            problem.outcome.to_owned(),
            problem.code.clone(),
            problem.field.clone(),
            problem.message.clone(),
        ]);
    }
    writeln!(out, "{table}")?;
    let more = problems - first.len() as u64;
    if more > 0 {
        writeln!(out, "and {} more; {where_all_are}", grouped(more))?;
    }
    Ok(())
}

/// A duration as people read it.
pub(crate) fn seconds(duration: Duration) -> String {
    format!("{:.2} s", duration.as_secs_f64())
}
