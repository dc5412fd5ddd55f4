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
struct Counted<'a> {
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
    fn new(report: &'a Report, bad_lines: u64) -> Self {
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
        let OutcomeCounts { rejected, retry, unknown, .. } = self.outcomes;
        if rejected + retry + unknown == 0 { Exit::Done } else { Exit::SomeFailed }
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
        output.say(format_args!("error: {} stopped: {}", report.connection, with_advice(error)));
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
    writeln!(out, "{} exports in {}", grouped(counted.exports), seconds(report.elapsed))?;
    let column = CountsColumn {
        heading: "exports",
        outcomes: counted.outcomes,
        calls: &report.calls,
        elapsed: report.elapsed,
    };
    writeln!(out, "{}", counts_table(report.connection, &[column]))?;
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
        writeln!(out, "{} done differently than asked; --outcomes FILE says how", grouped(outcomes.noted))?;
    }
    write_shown(&outcomes.first, outcomes.problems, "--outcomes FILE keeps them all", out)
}

/// A column of a table of counts.
pub(crate) struct CountsColumn<'a> {
    pub(crate) heading: &'a str,
    pub(crate) outcomes: OutcomeCounts,
    pub(crate) calls: &'a CallCounts,
    pub(crate) elapsed: Duration,
}

impl CountsColumn<'_> {
    fn cells(&self) -> [String; 11] {
        let outcomes = &self.outcomes;
        [
            grouped(outcomes.created),
            grouped(outcomes.updated),
            grouped(outcomes.deleted),
            grouped(outcomes.unchanged),
            grouped(outcomes.skipped),
            grouped(outcomes.rejected),
            grouped(outcomes.retry),
            grouped(outcomes.unknown),
            grouped(self.calls.total),
            grouped(self.calls.cost),
            seconds(self.elapsed),
        ]
    }
}

/// How many exports had each outcome, and what it took. A row for each count, since eleven
/// columns of them fit few terminals.
pub(crate) fn counts_table(title: &str, columns: &[CountsColumn<'_>]) -> Table {
    let names = [
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
        "time",
    ];
    let headings = columns.iter().map(|column| column.heading);
    let mut table = Table::of_counts([title].into_iter().chain(headings), 1);
    let columns: Vec<_> = columns.iter().map(CountsColumn::cells).collect();
    for (row, name) in names.into_iter().enumerate() {
        let cells = columns.iter().map(|cells| cells[row].clone());
        table.row([name.to_owned()].into_iter().chain(cells));
    }
    table
}

/// Writes the first problems, a line each, and how many more there are.
pub(crate) fn write_shown(
    first: &[ShownProblem],
    problems: u64,
    where_all_are: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    for problem in first {
        writeln!(out, "  {problem}")?;
    }
    match problems - first.len() as u64 {
        0 => Ok(()),
        more => writeln!(out, "  and {} more; {where_all_are}", grouped(more)),
    }
}

/// A duration as people read it.
pub(crate) fn seconds(duration: Duration) -> String {
    format!("{:.2} s", duration.as_secs_f64())
}
