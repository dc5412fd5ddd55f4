//! Each class of the error table: the outcome, what is called afterwards, and what the
//! sandbox then holds.

use std::collections::BTreeMap;

use outflow_core::{ErrorKind, Export, Scope};
use outflow_sandbox::{Fault, FaultAction, Match};
use rstest::rstest;

use crate::rig::{Done, Rig, Setup, new_person, person};

fn status(status: u16, body: &str) -> FaultAction {
    FaultAction::Status { status, body: body.to_owned(), headers: BTreeMap::new() }
}

/// An update of a known person, refused so.
async fn update_refused(action: FaultAction) -> (Rig, Done) {
    let rig = Rig::new().await;
    let id = rig.sandbox.add_many_persons(1);
    rig.fault("update person", action);
    let done = rig.export(vec![renamed(id)]).await;
    (rig, done)
}

fn renamed(id: u64) -> Export {
    person(1).property("Name", "Renamed").remote_id(id)
}

#[rstest]
#[case(400)]
#[case(422)]
#[case(418)]
#[tokio::test(start_paused = true)]
async fn a_refused_record_is_rejected_alone(#[case] code: u16) {
    let rig = Rig::new().await;
    rig.fault(
        "create person",
        status(code, r#"{"success":false,"error":"Validation failed: name: no","code":"ERR_X"}"#),
    );
    let done = rig.export(vec![new_person(1), new_person(2)]).await;
    assert_eq!(done.names(), ["rejected", "created"]);
    let problem = done.outcomes[0].outcome.problem().unwrap();
    assert_eq!(problem.code, "ERR_X");
    assert_eq!(problem.field.as_deref(), Some("Name"));
    assert!(problem.message.contains("name: no"), "{problem:?}");
    assert!(done.report.stopped.is_none());
    assert_eq!(rig.calls_to("create person"), 2);
}

#[rstest]
#[case::unauthorized(401, r#"{"success":false,"error":"unauthorized access","errorCode":401}"#)]
#[case::unpaid(402, r#"{"success":false,"error":"Payment required"}"#)]
#[case::forbidden(403, r#"{"success":false,"error":"Scope missing","code":"ERR_FORBIDDEN"}"#)]
#[case::capped(403, r#"{"success":false,"error":"Limit","code":"feature_capping_persons_limit"}"#)]
#[case::redirect(302, "")]
#[tokio::test(start_paused = true)]
async fn a_refused_account_stops_the_destination(#[case] code: u16, #[case] body: &str) {
    let rig = Rig::new().await;
    rig.controls().faults.push(Fault::new(Match::operation("create person").always(), status(code, body)));
    let done = rig.export((1..=200).map(new_person).collect()).await;
    assert_eq!(done.names(), ["retry"; 200]);
    let stopped = done.stopped();
    assert_eq!(*stopped.kind(), ErrorKind::Configuration, "{stopped}");
    assert_eq!(stopped.scope(), Scope::Destination);
    // What was under way, and nothing after it.
    assert!(rig.calls_to("create person") <= 70, "{}", rig.calls_to("create person"));
    assert!(rig.sandbox.persons().is_empty());
}

/// A page instead of JSON: nothing more is called for minutes.
#[tokio::test(start_paused = true)]
async fn a_lock_out_leaves_the_account_alone_for_minutes() {
    let rig = Rig::with(Setup { plan: outflow_pipedrive::sandbox::Plan::Lite, ..Setup::default() }).await;
    rig.controls()
        .faults
        .push(Fault::new(Match::operation("create person").nth(15), FaultAction::Html { status: 403 }));
    let done = rig.export((1..=200).map(new_person).collect()).await;
    assert!(done.report.outcomes.created < 30);
    assert_eq!(done.report.outcomes.created + done.report.outcomes.retry, 200);
    assert!(matches!(done.stopped().kind(), ErrorKind::Configuration | ErrorKind::QuotaExhausted { .. }));
    let problems = done.outcomes.iter().filter_map(|done| done.outcome.problem());
    assert!(problems.into_iter().any(|problem| problem.code == "blocked"));
    let calls = rig.controls().log.calls();

    let at_once = rig.export(vec![new_person(300)]).await;
    assert_eq!(at_once.names(), ["retry"]);
    assert_eq!(rig.controls().log.calls(), calls, "the account is left alone");

    rig.clock.sleep(std::time::Duration::from_secs(301)).await;
    assert_eq!(rig.export(vec![new_person(300)]).await.names(), ["created"]);
}

#[rstest]
#[case(404)]
#[case(410)]
#[tokio::test(start_paused = true)]
async fn a_gone_record_is_looked_up_and_created(#[case] code: u16) {
    let (rig, done) = update_refused(status(code, r#"{"success":false,"error":"Person not found"}"#)).await;
    // The sandbox still has it, under its key: it is found there again.
    assert_eq!(done.names(), ["created"]);
    assert_eq!(rig.calls_to("update person"), 1);
}

#[rstest]
#[case(404)]
#[case(410)]
#[tokio::test(start_paused = true)]
async fn deleting_what_is_gone_is_a_success(#[case] code: u16) {
    let rig = Rig::new().await;
    let id = rig.sandbox.add_many_persons(1);
    rig.fault("delete person", status(code, "{}"));
    let done = rig.export(vec![person(1).remote_id(id).delete()]).await;
    assert_eq!(done.names(), ["deleted"]);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_content_type_is_a_fault_of_the_plugin() {
    let (rig, done) = update_refused(status(415, "{}")).await;
    assert_eq!(done.names(), ["rejected"]);
    assert_eq!(rig.calls_to("update person"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_busy_burst_is_waited_out() {
    let headers = BTreeMap::from([("x-ratelimit-reset".to_owned(), "2".to_owned())]);
    let action = FaultAction::Status {
        status: 429,
        body: r#"{"success":false,"error":"Rate limit exceeded"}"#.to_owned(),
        headers,
    };
    let (rig, done) = update_refused(action).await;
    assert_eq!(done.names(), ["updated"]);
    assert_eq!(rig.calls_to("update person"), 2);
    assert!(done.report.elapsed.as_secs_f64() >= 2.0);
    assert_eq!(rig.person(1)["name"], "Renamed");
}

/// Without a word about the day's budget, a row of refusals means that it is spent.
#[tokio::test(start_paused = true)]
async fn refusals_without_an_end_are_the_days_budget() {
    let rig = Rig::new().await;
    rig.controls().faults.push(Fault::new(
        Match::operation("create person").always(),
        status(429, r#"{"success":false,"error":"Rate limit exceeded"}"#),
    ));
    let done = rig.export(vec![new_person(1), new_person(2)]).await;
    assert_eq!(done.names(), ["retry"; 2]);
    assert!(matches!(done.stopped().kind(), ErrorKind::QuotaExhausted { .. }), "{:?}", done.stopped());
    assert!(rig.calls_to("create person") <= 10, "{}", rig.calls_to("create person"));
}

#[rstest]
#[case(500)]
#[case(502)]
#[case(503)]
#[tokio::test(start_paused = true)]
async fn a_passing_failure_of_an_update_is_repeated(#[case] code: u16) {
    let (rig, done) = update_refused(status(code, "<html>Bad gateway</html>")).await;
    assert_eq!(done.names(), ["updated"]);
    assert_eq!(rig.calls_to("update person"), 2);
    assert_eq!(rig.person(1)["name"], "Renamed");
}

/// Lesson 26: what lasts is left for later, and a tool that is down is left alone.
#[tokio::test(start_paused = true)]
async fn lesson_26_a_failure_that_lasts_is_left_for_later() {
    let rig = Rig::new().await;
    let first = rig.sandbox.add_many_persons(50);
    rig.controls().faults.push(Fault::new(Match::operation("update person").always(), status(503, "")));
    let exports = (0..50).map(|index| person(index + 1).remote_id(first + index));
    let done = rig.export(exports.collect()).await;
    assert_eq!(done.names(), ["retry"; 50]);
}

/// An answer of 200 that says it failed did fail.
#[tokio::test(start_paused = true)]
async fn lesson_03_success_false_is_no_success() {
    let rig = Rig::new().await;
    rig.fault("create person", status(200, r#"{"success":false,"error":"no","data":null}"#));
    let done = rig.export(vec![new_person(1)]).await;
    assert_eq!(done.names(), ["rejected"]);
    assert!(rig.sandbox.persons().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_data_is_no_answer() {
    let rig = Rig::new().await;
    rig.fault("create person", status(200, r#"{"success":true}"#));
    let done = rig.export(vec![new_person(1)]).await;
    assert_eq!(done.names(), ["unknown"]);
}
