//! Outcomes: of rows, of exports, in counts.

use std::time::Duration;

use jiff::Timestamp;
use outflow_core::{
    Error, ErrorKind, Outcome, OutcomeCounts, Outcomes, Problem, RemoteId, RowOutcome, Scope, SkipReason,
};
use rstest::rstest;

fn problem(error: &Error) -> Problem {
    Problem::from(error)
}

#[rstest]
#[case(ErrorKind::Rejected, "rejected")]
#[case(ErrorKind::TooLarge, "rejected")]
#[case(ErrorKind::Plugin, "rejected")]
#[case(ErrorKind::NoAnswer, "unknown")]
#[case(ErrorKind::Throttled { retry_after: None }, "retry")]
#[case(ErrorKind::Unavailable { retry_after: None }, "retry")]
#[case(ErrorKind::QuotaExhausted { until: Timestamp::UNIX_EPOCH }, "retry")]
#[case(ErrorKind::TokenExpired, "retry")]
#[case(ErrorKind::Gone, "retry")]
#[case(ErrorKind::Configuration, "retry")]
fn each_kind_of_error_has_its_outcome(#[case] kind: ErrorKind, #[case] name: &str) {
    let error = Error::new(kind, "it failed");
    let outcome = Outcome::of_error(&error);
    assert_eq!(outcome.name(), name);
    assert_eq!(outcome.problem(), Some(&problem(&error)));
    assert!(!outcome.is_done());
}

#[test]
fn the_servers_delay_is_in_the_outcome() {
    let after = Some(Duration::from_secs(17));
    let error = Error::throttled(after, "slow down");
    assert_eq!(Outcome::of_error(&error), Outcome::Retry { after, cause: problem(&error) });
}

#[test]
fn a_problem_has_code_field_and_the_source_in_words() {
    let source = std::io::Error::other("the cause");
    let error = Error::rejected("it failed").with_code("1003").with_field("Score").with_source(source);
    let expected = Problem {
        code: "1003".to_owned(),
        field: Some("Score".to_owned()),
        message: "it failed: the cause".to_owned(),
    };
    assert_eq!(problem(&error), expected);
    assert_eq!(problem(&error.clone()), expected, "a copy loses its source, not the words");
    assert_eq!(problem(&Error::rejected("x")).code, "rejected", "for want of a code");
}

#[test]
fn an_error_reads_as_a_sentence_with_its_code() {
    let error = Error::rejected("no such partition").with_code("1008").context("Marketo leads");
    assert_eq!(error.to_string(), "Marketo leads: no such partition [1008]");
    assert_eq!(error.scope(), Scope::Call);
    assert_eq!(Error::configuration("x").scope(), Scope::Destination);
    let until = Timestamp::UNIX_EPOCH;
    assert_eq!(Error::new(ErrorKind::QuotaExhausted { until }, "x").scope(), Scope::Destination);
    assert_eq!(Error::rejected("x").with_kind(ErrorKind::Gone).kind().name(), "gone");
}

#[test]
fn done_is_what_the_tool_agrees_with() {
    let id = RemoteId::from("1");
    for done in [Outcome::Created(id.clone()), Outcome::Updated(id), Outcome::Deleted, Outcome::Unchanged] {
        assert!(done.is_done() && done.problem().is_none());
    }
    let skipped = Outcome::Skipped(SkipReason::NothingToDelete);
    assert!(!skipped.is_done() && skipped.problem().is_none());
}

#[rstest]
#[case(SkipReason::CreateNotAllowed, "create_not_allowed")]
#[case(SkipReason::UpdateNotAllowed, "update_not_allowed")]
#[case(SkipReason::DeleteNotAllowed, "delete_not_allowed")]
#[case(SkipReason::NothingToDelete, "nothing_to_delete")]
fn a_reason_to_skip_has_one_code_everywhere(#[case] reason: SkipReason, #[case] code: &str) {
    assert_eq!(reason.code(), code);
    assert_eq!(serde_json::to_value(reason).unwrap(), code);
    assert!(!reason.message().is_empty());
}

#[test]
fn counts_add_up() {
    let cause = problem(&Error::rejected("x"));
    let outcomes = [
        Outcome::Created("1".into()),
        Outcome::Updated("1".into()),
        Outcome::Updated("2".into()),
        Outcome::Deleted,
        Outcome::Unchanged,
        Outcome::Skipped(SkipReason::NothingToDelete),
        Outcome::Rejected(cause.clone()),
        Outcome::Retry { after: None, cause: cause.clone() },
        Outcome::Unknown(cause),
    ];
    let mut counts = OutcomeCounts::default();
    outcomes.iter().for_each(|outcome| counts.count(outcome));
    assert_eq!(counts.total(), 9);
    let json = serde_json::to_value(counts).unwrap();
    for outcome in &outcomes {
        let expected = if outcome.name() == "updated" { 2 } else { 1 };
        assert_eq!(json[outcome.name()], expected, "{}", outcome.name());
    }
}

fn missing(outcomes: &Outcomes) -> Vec<usize> {
    outcomes.missing().collect()
}

#[test]
fn outcomes_are_by_row_and_what_is_not_set_is_missing() {
    let mut outcomes = Outcomes::new(3);
    assert_eq!(missing(&outcomes), [0, 1, 2]);
    outcomes.set(2, RowOutcome::Deleted);
    outcomes.set(0, Error::rejected("no"));
    assert_eq!(missing(&outcomes), [1]);
    assert!(missing(&Outcomes::all(3, RowOutcome::Deleted)).is_empty());
}

#[test]
fn the_outcomes_of_a_part_go_where_its_rows_came_from() {
    let mut outcomes = Outcomes::new(4);
    let mut part = Outcomes::new(2);
    part.set(1, RowOutcome::Created("9".into()));
    outcomes.merge(&[3, 0], part);
    assert_eq!(missing(&outcomes), [1, 2, 3]);
}

#[test]
fn an_outcome_for_a_row_that_is_not_there_breaks_nothing() {
    let mut outcomes = Outcomes::new(1);
    outcomes.set(7, RowOutcome::Deleted);
    outcomes.set(0, RowOutcome::Deleted);
    outcomes.set(0, Error::rejected("a second one"));
    assert!(missing(&outcomes).is_empty());
}
