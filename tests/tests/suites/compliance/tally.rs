//! How many exchanges agree, and what the others say.

use std::collections::{BTreeMap, BTreeSet};

use outflow_tests::say;

use super::excuse::{Excuse, Ground};
use super::heard::Heard;
use super::judge::{Judge, Judged};

/// The exchanges of many scenarios, judged.
pub(crate) struct Tally<'a> {
    judge: &'a Judge,
    agreeing: usize,
    excused: usize,
    /// How many exchanges need each excuse, by its place in the list.
    by_excuse: BTreeMap<usize, usize>,
    unexplained: Vec<String>,
    silence: BTreeMap<String, usize>,
    /// Exchanges whose answer was not the tool's.
    by_request_alone: usize,
    readings: BTreeMap<&'static str, usize>,
    operations: BTreeMap<String, usize>,
}

impl<'a> Tally<'a> {
    pub(crate) fn new(judge: &'a Judge) -> Self {
        Self {
            judge,
            agreeing: 0,
            excused: 0,
            by_excuse: BTreeMap::new(),
            unexplained: Vec::new(),
            silence: BTreeMap::new(),
            by_request_alone: 0,
            readings: BTreeMap::new(),
            operations: BTreeMap::new(),
        }
    }

    pub(crate) fn add(&mut self, scenario: &str, heard: &Heard) {
        let judged = self.judge.judge(heard);
        if !heard.is_answered() {
            self.by_request_alone += 1;
        }
        if let Some(reading) = heard.reading {
            *self.readings.entry(reading).or_default() += 1;
        }
        match (judged.unexplained.is_empty(), judged.excused.is_empty()) {
            (true, true) => self.agreeing += 1,
            (true, false) => self.excused += 1,
            (false, _) => self.unexplained.push(complaint(scenario, heard, &judged)),
        }
        for place in judged.excused {
            *self.by_excuse.entry(place).or_default() += 1;
        }
        for why in judged.silence {
            *self.silence.entry(why).or_default() += 1;
        }
        *self.operations.entry(judged.operation).or_default() += 1;
    }

    /// How many were judged.
    pub(crate) fn total(&self) -> usize {
        self.agreeing + self.excused + self.unexplained.len()
    }

    /// The operations that were heard, as the specifications name them.
    pub(crate) fn operations(&self) -> BTreeSet<&str> {
        self.operations.keys().map(String::as_str).collect()
    }

    /// Exchanges that are neither as specified nor excused.
    pub(crate) fn unexplained(&self) -> &[String] {
        &self.unexplained
    }

    /// The excuses that were needed, by their place in the list.
    pub(crate) fn needed(&self) -> BTreeSet<usize> {
        self.by_excuse.keys().copied().collect()
    }

    /// Tells whoever runs the tests.
    pub(crate) fn tell(&self, whose: &str) {
        let mut lines = vec![format!(
            "\n{whose} and the specifications: {} of {} exchanges of {} operations agree; {} are otherwise for a \
             known reason, {} for none.",
            self.agreeing,
            self.total(),
            self.operations.len(),
            self.excused,
            self.unexplained.len()
        )];
        for (place, count) in &self.by_excuse {
            let excuse = &self.judge.excuses[*place];
            lines.push(format!(
                "  {count} otherwise, {}: {}",
                excuse.ground.name(),
                described(excuse)
            ));
        }
        lines.extend(self.unexplained.iter().map(|why| format!("  disagrees: {why}")));
        for (why, count) in &self.silence {
            lines.push(format!("  {count} agree in the rest: {why}"));
        }
        let readings = self.readings.iter();
        lines.extend(readings.map(|(reading, count)| format!("  {count} are read {reading}")));
        if self.by_request_alone > 0 {
            lines.push(format!(
                "  {} are judged by their request alone: their answers are fault scripts', or never came",
                self.by_request_alone
            ));
        }
        say(&lines.join("\n"));
    }
}

pub(crate) fn described(excuse: &Excuse) -> String {
    format!("{}: {} ({})", excuse.on, excuse.disagreement, excuse.reason)
}

/// Says which of these excuses were not needed.
pub(crate) fn not_needed(
    excuses: &[Excuse],
    needed: &BTreeSet<usize>,
    is_asked: impl Fn(Ground) -> bool,
) -> Vec<String> {
    let all = excuses.iter().enumerate();
    all.filter(|(place, excuse)| is_asked(excuse.ground) && !needed.contains(place))
        .map(|(_, excuse)| described(excuse))
        .collect()
}

fn complaint(scenario: &str, heard: &Heard, judged: &Judged) -> String {
    const SHOWN: usize = 4;
    let reasons = &judged.unexplained;
    let mut why = reasons[..reasons.len().min(SHOWN)].join("; ");
    if reasons.len() > SHOWN {
        why += &format!("; and {} more", reasons.len() - SHOWN);
    }
    format!("{scenario}: {}: {why}", heard.name())
}
