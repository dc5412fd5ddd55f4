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
    /// Exchanges that no specification knows.
    unspecified: BTreeMap<String, usize>,
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
            unspecified: BTreeMap::new(),
            by_request_alone: 0,
            readings: BTreeMap::new(),
            operations: BTreeMap::new(),
        }
    }

    pub(crate) fn add(&mut self, scenario: &str, heard: &Heard) {
        let Some(judged) = self.judge.judge(heard) else {
            let what = format!("{} {}", heard.method, heard.path);
            *self.unspecified.entry(what).or_default() += 1;
            return;
        };
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

    /// Methods and paths that no specification knows.
    pub(crate) fn unspecified(&self) -> BTreeSet<&str> {
        self.unspecified.keys().map(String::as_str).collect()
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
            "\n{whose} and the specifications: of {} exchanges of {} operations {} agree in every word, {} but \
             for a known reason below, and {} disagree.",
            self.total(),
            self.operations.len(),
            self.agreeing,
            self.excused,
            self.unexplained.len()
        )];
        for (place, count) in &self.by_excuse {
            let excuse = &self.judge.excuses[*place];
            lines.push(format!("  {count} otherwise, {}: {}", excuse.ground.name(), described(excuse)));
        }
        lines.extend(self.unexplained.iter().map(|why| format!("  disagrees: {why}")));
        for (why, count) in &self.silence {
            lines.push(format!("  {count} agree in the rest: {why}"));
        }
        let unspecified = self.unspecified.iter();
        lines.extend(
            unspecified.map(|(what, count)| format!("  {count} besides are specified nowhere: {what}")),
        );
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

/// What is wrong with an exchange, places in lists left out where they say the same.
fn complaint(scenario: &str, heard: &Heard, judged: &Judged) -> String {
    const SHOWN: usize = 6;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for why in &judged.unexplained {
        *counts.entry(without_places(why)).or_default() += 1;
    }
    let mut reasons: Vec<String> = counts
        .iter()
        .map(|(why, count)| if *count > 1 { format!("{why} ({count} times)") } else { why.clone() })
        .collect();
    if reasons.len() > SHOWN {
        let more = reasons.split_off(SHOWN).len();
        reasons.push(format!("and {more} more"));
    }
    format!("{scenario}: {}: {}", heard.name(), reasons.join("; "))
}

/// `body/input/17/x: …` as `body/input/*/x: …`.
fn without_places(why: &str) -> String {
    let (place, what) = why.split_once(": ").unwrap_or((why, ""));
    let part = |part: &'_ str| {
        let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { "*".to_owned() } else { part.to_owned() }
    };
    let place: Vec<String> = place.split('/').map(part).collect();
    format!("{}: {what}", place.join("/"))
}

#[test]
fn places_in_lists_are_left_out() {
    assert_eq!(without_places("answer/data/17/x: is 3"), "answer/data/*/x: is 3");
    assert_eq!(without_places("request: body/2: a"), "request: body/2: a");
}
