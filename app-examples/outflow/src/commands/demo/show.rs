//! What the demo shows in the end.

use std::io::{self, Write};

use outflow_core::OutcomeCounts;
use outflow_core::http::CallCounts;
use serde::Serialize;

use super::NOTHING_CHANGED;
use super::agreement;
use super::profiles::Profile;
use super::rounds::{Round, Target};
use crate::outcomes::ShownProblem;
use crate::output::Output;
use crate::report::{CountsColumn, counts_table, seconds, write_shown};
use crate::table::{Table, grouped};

/// Problems and differences shown of each destination.
const SHOWN: usize = 5;

pub(super) struct Demo<'a> {
    pub(super) profiles: &'a [Profile],
    pub(super) seed: u64,
    pub(super) speed: f64,
    pub(super) targets: &'a [Target],
    /// It was stopped before the end: there is nothing to compare.
    pub(super) was_stopped: bool,
}

#[derive(Serialize)]
struct DemoShown<'a> {
    profiles: usize,
    seed: u64,
    clock_speed: f64,
    destinations: Vec<TargetShown<'a>>,
    /// Null when the demo was stopped before the end.
    agrees: Option<bool>,
}

#[derive(Serialize)]
struct TargetShown<'a> {
    connection: &'static str,
    rounds: Vec<RoundShown<'a>>,
    records: usize,
    refused_calls: u64,
    agrees: Option<bool>,
    differences: Vec<String>,
}

#[derive(Serialize)]
struct RoundShown<'a> {
    round: &'static str,
    exports: u64,
    #[serde(flatten)]
    outcomes: OutcomeCounts,
    calls: &'a CallCounts,
    cost: u64,
    elapsed_ms: u128,
    /// The first of them.
    problems: &'a [ShownProblem],
    problems_in_all: u64,
}

impl Demo<'_> {
    /// Writes it, and says whether no sandbox differs from what was asked for.
    pub(super) fn write(&self, output: &mut Output) -> io::Result<bool> {
        let destinations: Vec<_> = self.targets.iter().map(|target| self.of_target(target)).collect();
        let shown = DemoShown {
            profiles: self.profiles.len(),
            seed: self.seed,
            clock_speed: self.speed,
            agrees: self.unless_stopped(destinations.iter().all(|shown| shown.differences.is_empty())),
            destinations,
        };
        if output.is_json() {
            output.json(&shown)?;
        } else {
            write_text(&shown, self.targets, output.results())?;
        }
        Ok(shown.agrees != Some(false))
    }

    fn unless_stopped(&self, agrees: bool) -> Option<bool> {
        (!self.was_stopped).then_some(agrees)
    }

    fn of_target<'a>(&self, target: &'a Target) -> TargetShown<'a> {
        let differences = if self.was_stopped { Vec::new() } else { differences(target, self.profiles) };
        TargetShown {
            connection: target.mapping.connection,
            rounds: target.rounds.iter().map(of_round).collect(),
            records: agreement::expected(self.profiles).len(),
            refused_calls: target.refused_calls(),
            agrees: self.unless_stopped(differences.is_empty()),
            differences,
        }
    }
}

fn differences(target: &Target, profiles: &[Profile]) -> Vec<String> {
    let mut differences = target.differences(profiles);
    if let Some(calls) = calls_for_nothing(target) {
        differences.push(format!("{calls} calls were made though nothing had changed"));
    }
    differences
}

fn calls_for_nothing(target: &Target) -> Option<u64> {
    let round = target.rounds.iter().find(|round| round.title == NOTHING_CHANGED)?;
    Some(round.report.calls.total).filter(|calls| *calls > 0)
}

fn of_round(round: &Round) -> RoundShown<'_> {
    let report = &round.report;
    let first = &round.outcomes.first;
    RoundShown {
        round: round.title,
        exports: report.outcomes.total(),
        outcomes: report.outcomes,
        calls: &report.calls,
        cost: report.calls.cost,
        elapsed_ms: report.elapsed.as_millis(),
        problems: &first[..first.len().min(SHOWN)],
        problems_in_all: round.outcomes.problems,
    }
}

fn write_text(shown: &DemoShown<'_>, targets: &[Target], out: &mut dyn Write) -> io::Result<()> {
    for (target, of_target) in targets.iter().zip(&shown.destinations) {
        writeln!(
            out,
            "{} profiles in {} of the tool's time, which ran {} times as fast here",
            grouped(shown.profiles as u64),
            seconds(target.elapsed()),
            shown.clock_speed.round(),
        )?;
        writeln!(out, "{}", rounds_table(target))?;
        for round in &of_target.rounds {
            write_shown(round.problems, round.problems_in_all, "some profiles are bad on purpose", out)?;
        }
        write_agreement(of_target, out)?;
        writeln!(out)?;
    }
    Ok(())
}

fn rounds_table(target: &Target) -> Table {
    let columns: Vec<CountsColumn<'_>> = target
        .rounds
        .iter()
        .map(|round| CountsColumn {
            heading: round.title,
            outcomes: round.report.outcomes,
            calls: &round.report.calls,
            elapsed: round.report.elapsed,
        })
        .collect();
    counts_table(target.mapping.connection, &columns)
}

fn write_agreement(shown: &TargetShown<'_>, out: &mut dyn Write) -> io::Result<()> {
    let refused = shown.refused_calls;
    match shown.agrees {
        None => return writeln!(out, "Stopped before the end: nothing was compared."),
        Some(true) => {
            return writeln!(
                out,
                "The sandbox agrees: it holds the {} records asked for, with their fields and groups; \
                 it turned {refused} calls away.",
                grouped(shown.records as u64),
            );
        }
        Some(false) => {}
    }
    let count = shown.differences.len();
    writeln!(out, "THE SANDBOX DISAGREES in {count} places:")?;
    for difference in shown.differences.iter().take(SHOWN) {
        writeln!(out, "  {difference}")?;
    }
    if count > SHOWN {
        writeln!(out, "  and {} more; --output json lists them all", count - SHOWN)?;
    }
    Ok(())
}
