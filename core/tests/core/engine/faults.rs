//! What the engine makes of failures.

use futures::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use outflow_core::{Error, ErrorKind, Export, Outcome, Run, Scope};
use rstest::rstest;

use super::tool::{Fault, destination};
use super::{names, person};

fn unavailable() -> Error {
    Error::unavailable("down")
}

#[tokio::test(start_paused = true)]
async fn lesson_02_a_poison_record_is_bisected_until_it_stands_alone() {
    let (destination, tool) = destination(100, false, "none").await;
    let export = |n| {
        if n == 37 { person(n).property("first", "poison").known_new() } else { person(n).known_new() }
    };
    let (_, outcomes) = destination.export_all((0..100).map(export).collect(), Run::default()).await;
    for (n, outcome) in outcomes.iter().enumerate() {
        assert_eq!(outcome.outcome.name(), if n == 37 { "rejected" } else { "created" }, "profile {n}");
    }
    let tool = tool.lock().unwrap();
    assert_eq!(tool.records.len(), 99);
    assert!(tool.count("create") <= 1 + 2 * 7, "{} calls", tool.count("create"));
}

#[tokio::test(start_paused = true)]
async fn many_poison_records_are_each_found() {
    let (destination, tool) = destination(300, false, "none").await;
    let bad = |n: usize| (n * 7) % 10 < 4;
    let export = |n| if bad(n) { person(n).property("first", "poison") } else { person(n) }.known_new();
    let (report, outcomes) = destination.export_all((0..600).map(export).collect(), Run::default()).await;
    assert!(report.stopped.is_none());
    for (n, outcome) in outcomes.iter().enumerate() {
        assert_eq!(outcome.outcome.name(), if bad(n) { "rejected" } else { "created" }, "profile {n}");
    }
    assert_eq!(tool.lock().unwrap().records.len(), 360);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_every_batch_alike_stops_the_destination_before_it_burns_the_quota() {
    let (destination, tool) = destination(300, false, "none").await;
    let refused = || Fault::Call(Error::rejected("no such partition").with_code("1008"));
    tool.lock().unwrap().faults.extend((0..10_000).map(|_| ("create", refused())));
    let exports = (0..3_000).map(|n| person(n).known_new()).collect();
    let (report, outcomes) = destination.export_all(exports, Run::default()).await;
    assert_eq!(outcomes.len(), 3_000);
    assert_eq!(report.stopped.unwrap().code(), Some("1008"));
    assert!(tool.lock().unwrap().count("create") < 100, "{} calls", tool.lock().unwrap().count("create"));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_cannot_be_looked_up_concerns_nobody_else() {
    let (destination, tool) = destination(100, false, "none").await;
    let exports = vec![person(0), Export::new("u").property("email", "unaskable@example.com"), person(1)];
    let (_, outcomes) = destination.export_all(exports, Run::default()).await;
    assert_eq!(names(&outcomes), ["created", "rejected", "created"]);
    assert_eq!(tool.lock().unwrap().count("find"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_too_large_is_halved() {
    let (destination, tool) = destination(100, true, "none").await;
    let too_large = || Fault::Call(Error::new(ErrorKind::TooLarge, "too large"));
    tool.lock().unwrap().faults.extend([("upsert", too_large()), ("upsert", too_large())]);
    let (_, outcomes) = destination.export_all((0..100).map(person).collect(), Run::default()).await;
    assert!(names(&outcomes).iter().all(|name| *name == "created"));
    assert_eq!(tool.lock().unwrap().count("upsert"), 5);
}

#[tokio::test(start_paused = true)]
async fn lesson_03_05_an_outcome_the_plugin_forgot_is_an_error() {
    let (destination, tool) = destination(100, true, "none").await;
    tool.lock().unwrap().faults.push(("upsert", Fault::Forget(1)));
    let (_, outcomes) = destination.export_all((0..3).map(person).collect(), Run::default()).await;
    assert_eq!(names(&outcomes), ["created", "unknown", "created"]);
    assert_eq!(outcomes[1].outcome.problem().unwrap().code, "unreported");
}

#[tokio::test(start_paused = true)]
async fn lesson_04_a_failed_look_up_is_never_an_empty_one() {
    let (destination, tool) = destination(100, false, "none").await;
    tool.lock().unwrap().seed(&[("email", "p0@example.com".into())]);
    tool.lock().unwrap().faults.push(("find", Fault::Call(Error::throttled(None, "slow down"))));
    let (_, outcomes) = destination.export_all(vec![person(0)], Run::default()).await;
    assert_eq!(names(&outcomes), ["retry"]);
    assert_eq!(tool.lock().unwrap().records.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn lesson_12_42_a_create_without_an_answer_is_unknown_and_not_repeated() {
    let (destination, tool) = destination(1, false, "none").await;
    tool.lock().unwrap().faults.push(("create", Fault::After(Error::new(ErrorKind::NoAnswer, "reset"))));
    let (_, outcomes) = destination.export_all(vec![person(0), person(1)], Run::default()).await;
    assert_eq!(names(&outcomes), ["unknown", "created"]);
    assert_eq!(tool.lock().unwrap().records.len(), 2);
    let (_, outcomes) = destination.export_all(vec![person(0)], Run::default()).await;
    assert_eq!(names(&outcomes), ["updated"], "the next run looks first");
    assert_eq!(tool.lock().unwrap().records.len(), 2);
}

#[rstest]
#[case::configuration(Error::configuration("no permission").with_code("603"))]
#[case::quota(Error::new(ErrorKind::QuotaExhausted { until: Timestamp::now() + SignedDuration::from_hours(3) }, "no calls left").with_code("607"))]
#[tokio::test(start_paused = true)]
async fn lesson_32_a_failure_of_the_account_stops_the_destination_and_nobody_is_lost(#[case] error: Error) {
    let (destination, tool) = destination(10, true, "none").await;
    tool.lock().unwrap().faults.push(("upsert", Fault::Call(error.clone())));
    let (report, outcomes) = destination.export_all((0..500).map(person).collect(), Run::default()).await;
    assert_eq!(outcomes.len(), 500);
    assert_eq!(report.stopped.unwrap().code(), error.code());
    let created = outcomes.iter().filter(|outcome| outcome.outcome.name() == "created").count();
    assert_eq!(created + outcomes.iter().filter(|outcome| outcome.outcome.name() == "retry").count(), 500);
    assert_eq!(tool.lock().unwrap().records.len(), created);
    assert!(tool.lock().unwrap().count("upsert") <= 8, "nothing more is sent");
    if matches!(error.kind(), ErrorKind::QuotaExhausted { .. }) {
        let Outcome::Retry { after: Some(after), .. } = &outcomes[499].outcome else {
            panic!("{:?}", outcomes[499])
        };
        assert!(after.as_secs() > 2 * 3600);
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_that_says_every_record_is_wrong_stops_the_destination() {
    let (destination, tool) = destination(1, true, "none").await;
    let error = Error::configuration("the field is gone").with_scope(Scope::Destination);
    tool.lock().unwrap().faults.push(("upsert", Fault::Call(error)));
    let (report, outcomes) = destination.export_all((0..50).map(person).collect(), Run::default()).await;
    assert!(report.stopped.is_some());
    assert_eq!(outcomes.len(), 50);
}

#[tokio::test(start_paused = true)]
async fn a_tool_that_is_down_is_left_alone_after_a_few_batches() {
    let (destination, tool) = destination(10, true, "none").await;
    for _ in 0..1000 {
        tool.lock().unwrap().faults.push(("upsert", Fault::Call(unavailable())));
    }
    let (report, outcomes) = destination.export_all((0..2_000).map(person).collect(), Run::default()).await;
    assert!(names(&outcomes).iter().all(|name| *name == "retry"));
    assert_eq!(outcomes.len(), 2_000);
    assert!(report.stopped.is_some());
    assert!(tool.lock().unwrap().count("upsert") < 12);
}

#[tokio::test(start_paused = true)]
async fn a_schema_that_cannot_be_had_answers_everyone() {
    let (destination, tool) = destination(10, true, "none").await;
    tool.lock().unwrap().faults.push(("schema", Fault::Call(unavailable())));
    let (report, outcomes) = destination.export_all((0..20).map(person).collect(), Run::default()).await;
    assert!(report.stopped.is_some());
    assert_eq!(names(&outcomes), vec!["retry"; 20]);
}

#[tokio::test(start_paused = true)]
async fn cancelling_lets_batches_in_flight_finish_and_leaves_the_rest_due() {
    let (destination, tool) = destination(10, true, "calls").await;
    let run = Run::default();
    let cancel = run.cancel.clone();
    let mut outcomes = Vec::new();
    let endless = stream::iter(0..).map(|n| person(n).group("VIP"));
    let stopper = async {
        tokio::time::sleep(std::time::Duration::from_millis(450)).await;
        cancel.set();
    };
    let (report, ()) =
        tokio::join!(destination.export(endless, run, |outcome| outcomes.push(outcome)), stopper);
    assert!(report.cancelled);
    assert!(report.stopped.is_none());
    let acknowledged = outcomes.iter().filter(|outcome| outcome.remote_id.is_some()).count();
    assert_eq!(tool.lock().unwrap().records.len(), acknowledged, "whatever was written is told");
    assert!(outcomes.iter().any(|outcome| outcome.outcome.name() == "retry"));
    let mut sequences: Vec<u64> = outcomes.iter().map(|outcome| outcome.sequence).collect();
    sequences.sort_unstable();
    assert_eq!(sequences, (0..outcomes.len() as u64).collect::<Vec<_>>(), "one outcome for each export read");
}

#[tokio::test(start_paused = true)]
async fn a_pause_of_the_input_sends_what_is_there() {
    let (destination, tool) = destination(300, true, "none").await;
    let slow = stream::iter(0..3).then(|n| async move {
        tokio::time::sleep(std::time::Duration::from_secs(10)).await;
        person(n)
    });
    let report = destination.export(slow, Run::default(), |_| {}).await;
    assert_eq!(report.outcomes.created, 3);
    assert_eq!(tool.lock().unwrap().count("upsert"), 3);
}

#[tokio::test(start_paused = true)]
async fn lesson_44_calls_that_fail_together_count_once_and_a_short_outage_is_sat_out() {
    let (destination, tool) = destination(1, false, "none").await;
    let reset = || Fault::Call(Error::new(ErrorKind::NoAnswer, "reset"));
    tool.lock().unwrap().faults.extend((0..6).map(|_| ("create", reset())));
    let exports = (0..200).map(|n| person(n).known_new()).collect();
    let (report, outcomes) = destination.export_all(exports, Run::default()).await;
    assert!(report.stopped.is_none());
    assert_eq!((report.outcomes.unknown, report.outcomes.created), (6, 194));
    assert_eq!(outcomes.len(), 200);
}

#[tokio::test(start_paused = true)]
async fn cancelling_ends_the_halving_of_group_calls() {
    let (destination, tool) = destination(300, true, "calls").await;
    let refused = || Fault::Call(Error::rejected("not now").with_code("1001"));
    tool.lock().unwrap().faults.extend((0..10_000).map(|_| ("add", refused())));
    let run = Run::default();
    let cancel = run.cancel.clone();
    let exports = (0..600).map(|n| person(n).group("A").group("B")).collect();
    let stopper = async {
        tokio::time::sleep(std::time::Duration::from_millis(450)).await;
        cancel.set();
        tool.lock().unwrap().count("add")
    };
    let ((report, outcomes), before) = tokio::join!(destination.export_all(exports, run), stopper);
    assert!(report.cancelled);
    assert!(tool.lock().unwrap().count("add") <= before, "nothing new is sent");
    assert_eq!(names(&outcomes), vec!["retry"; 600]);
    for outcome in &outcomes {
        assert!(
            outcome
                .outcome
                .problem()
                .is_some_and(|problem| problem.message.contains("the record was written"))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_drained_by_a_stop_is_due_again_whatever_stopped_it() {
    let (destination, tool) = destination(10, true, "calls").await;
    let refused = || Fault::Call(Error::rejected("no such partition").with_code("1008"));
    tool.lock().unwrap().faults.push(("add", Fault::Call(Error::configuration("no permission for lists"))));
    tool.lock().unwrap().faults.extend((0..10_000).map(|_| ("remove", refused())));
    let exports = (0..40).map(|n| person(n).group("VIP").group("All")).collect();
    let (report, outcomes) = destination.export_all(exports, Run::default()).await;
    assert!(report.stopped.is_some());
    assert!(
        names(&outcomes).iter().all(|name| ["retry", "created"].contains(name)),
        "{:?}",
        names(&outcomes)
    );
    assert!(names(&outcomes).contains(&"retry"));
}

#[tokio::test(start_paused = true)]
async fn a_trickle_of_input_is_sent_within_the_linger() {
    let (destination, tool) = destination(300, true, "none").await;
    let slow = stream::iter(0..25).then(|n| async move {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        person(n)
    });
    let mut first = None;
    let began = tokio::time::Instant::now();
    let report = destination
        .export(slow, Run::default(), |_| {
            first.get_or_insert(began.elapsed());
        })
        .await;
    assert_eq!(report.outcomes.created, 25);
    assert!(first.unwrap().as_secs() < 5, "{first:?}");
    assert!(tool.lock().unwrap().count("upsert") <= 13, "but not each alone");
}

#[tokio::test(start_paused = true)]
async fn a_record_that_is_gone_and_has_no_key_is_rejected() {
    let (destination, _) = destination(10, true, "none").await;
    let export = Export::new("a").remote_id(999).property("first", "Ada");
    let (_, outcomes) = destination.export_all(vec![export], Run::default()).await;
    assert_eq!(
        (outcomes[0].outcome.name(), outcomes[0].outcome.problem().unwrap().code.as_str()),
        ("rejected", "gone")
    );
}
