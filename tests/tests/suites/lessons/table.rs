//! The lessons by number, and the check that each is held by a test somewhere in the
//! workspace: one whose name has its number, as in `lesson_12_and_42_…`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use outflow_tests::say;

/// What holds a lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    /// Tests whose names have its number.
    Tests,
    /// Nothing yet: what it is about does not exist. The reason says what is missing.
    NotYet(&'static str),
    /// It is about how tests are written, and these suites are written so.
    Habit(&'static str),
}

use Held::{Habit, NotYet, Tests};

const NO_FILES: &str = "nothing writes a file of rows: exports are JSON, and bulk imports are to come";
const NO_JOBS: &str = "there are no bulk jobs: they come with bulk imports";

/// Each lesson, by number.
const LESSONS: [(u8, &str, Held); 44] = [
    (1, "the first profile decides for its batch", Tests),
    (2, "one failed call fails the whole batch", Tests),
    (3, "success beside a list of errors", Tests),
    (4, "a failed look-up taken for an empty one", Tests),
    (5, "results aligned by their place among others", Tests),
    (6, "the first profile's list, field and operation for all", Tests),
    (7, "zero and false cleared", Tests),
    (8, "missing values sent as null", Tests),
    (9, "keys in a URL longer than the server takes", Tests),
    (10, "one new key twice in a batch", Tests),
    (11, "a key changed by a write by key", Tests),
    (12, "a create repeated after a timeout", Tests),
    (13, "one member refused fails a call's others", Tests),
    (14, "leaving a list one is not in is an error", Tests),
    // What the ledger remembers is to be tested with it.
    (15, "a revert compared with what was queued", Tests),
    (16, "options that change, and nothing is sent", Tests),
    (17, "cells of a file without quotes", NotYet(NO_FILES)),
    (18, "an apostrophe breaks a query", Tests),
    (19, "rows of a job that fail unseen", NotYet(NO_JOBS)),
    (20, "rows of a job matched by their hash", NotYet(NO_JOBS)),
    (21, "code for failures that never runs", Tests),
    (22, "a replay of the error instead of the request", Tests),
    (23, "two Authorization values", Tests),
    (24, "one token for all processes, and 0 s of life", Tests),
    (25, "codes taken for what they are not, and unknown ones", Tests),
    (26, "retries all within a minute, or without end", Tests),
    (27, "retries past the rate limit", Tests),
    (28, "caches keyed without the account", Tests),
    (29, "permits that leak", Tests),
    (30, "secrets in URLs, logs and errors", Tests),
    (31, "hosts compared by halves", Tests),
    (32, "an error that looks like an empty answer", Tests),
    (33, "an empty page that ends the paging", Tests),
    (34, "files in memory, without checksum or resuming", NotYet(NO_FILES)),
    (35, "the registered plugin is not the tested one", Tests),
    (36, "caches left out of tests", Tests),
    (37, "requests asserted, and not what they did", Habit("every suite here reads the tool's state back")),
    (38, "fixtures of ten rows", Tests),
    (39, "a name that only begins alike", Tests),
    (40, "a key that two records hold", Tests),
    (41, "bytes of a URL not counted", Tests),
    (42, "a blind retry inside the HTTP client", Tests),
    (43, "a burst limit found by running into it", Tests),
    (44, "everybody waits for the slowest delay", Tests),
];

/// The tests of each lesson in the workspace's sources, by number.
fn tests_by_lesson() -> BTreeMap<u8, BTreeSet<String>> {
    let mut tests: BTreeMap<u8, BTreeSet<String>> = BTreeMap::new();
    for file in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..")) {
        let text = fs::read_to_string(file).unwrap();
        for after in text.split("fn lesson_").skip(1) {
            let is_part = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
            let name: String = after.chars().take_while(is_part).collect();
            for number in numbers(&name) {
                tests.entry(number).or_default().insert(name.clone());
            }
        }
    }
    tests
}

/// The numbers a name begins with: 12 and 42 of `12_and_42_a_create`.
fn numbers(name: &str) -> Vec<u8> {
    let parts = name.split('_').filter(|part| *part != "and");
    let numbers = parts.map_while(|part| part.parse().ok().filter(|_| part.len() == 2));
    numbers.collect()
}

/// Every Rust file below a folder, but for what was built.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            files.extend(sources(&path));
        } else if name.ends_with(".rs") {
            files.push(path);
        }
    }
    files
}

#[test]
fn the_table_has_every_lesson_in_its_place() {
    let numbers = LESSONS.map(|(number, ..)| usize::from(number));
    assert_eq!(numbers.to_vec(), (1..=LESSONS.len()).collect::<Vec<_>>());
}

#[test]
fn every_lesson_is_held_by_a_test() {
    let tests = tests_by_lesson();
    let missing: Vec<String> = LESSONS
        .iter()
        .filter(|(number, _, held)| *held == Tests && !tests.contains_key(number))
        .map(|(number, title, _)| format!("lesson_{number:02}: {title}"))
        .collect();
    assert!(missing.is_empty(), "no test holds\n{}", missing.join("\n"));
}

#[test]
fn what_has_tests_is_not_said_to_have_none() {
    let tests = tests_by_lesson();
    let known = |number: &u8| LESSONS.iter().find(|(other, ..)| other == number);
    for (number, names) in &tests {
        match known(number) {
            Some((_, _, Tests)) => {}
            other => panic!("{names:?} test lesson {number}, which is {other:?} in the table"),
        }
    }
}

/// Says how many tests hold each lesson, and why there is none for the others.
#[test]
fn the_lessons_as_they_are_held() {
    let tests = tests_by_lesson();
    let lines = LESSONS.map(|(number, title, held)| {
        let held = match held {
            Tests => format!("{} tests", tests.get(&number).map_or(0, BTreeSet::len)),
            NotYet(reason) => format!("not yet: {reason}"),
            Habit(reason) => reason.to_owned(),
        };
        format!("{number:>2} {title}: {held}")
    });
    say(&lines.join("\n"));
}

#[test]
fn numbers_are_read_off_a_name() {
    assert_eq!(numbers("09_and_41_no_url_grows"), [9, 41]);
    assert_eq!(numbers("07_08_zero"), [7, 8]);
    assert_eq!(numbers("24_0_seconds"), [24]);
    assert!(numbers("of_life").is_empty());
}
