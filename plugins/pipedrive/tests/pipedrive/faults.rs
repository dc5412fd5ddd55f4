//! Faults on the wire: one right outcome for each profile, and nobody doubled.

use outflow_sandbox::{Fault, FaultAction, Match};
use rstest::rstest;

use crate::rig::{Rig, Setup, email, new_person, person};

fn bad_gateway() -> FaultAction {
    FaultAction::Status { status: 502, body: "Bad Gateway".to_owned(), headers: Default::default() }
}

/// Whether the create happened, nobody can tell: the next run looks.
#[rstest]
#[case::bad_gateway(bad_gateway(), 0)]
#[case::reset(FaultAction::Reset, 0)]
#[case::lesson_42_reset_after(FaultAction::ResetAfter, 1)]
#[case::timeout(FaultAction::Timeout, 0)]
#[case::lesson_12_timeout_after(FaultAction::TimeoutAfter, 1)]
#[case::truncated(FaultAction::Truncated, 1)]
#[tokio::test(start_paused = true)]
async fn an_unanswered_create_is_unknown_and_looked_for(#[case] action: FaultAction, #[case] applied: usize) {
    let rig = Rig::new().await;
    rig.controls().faults.push(Fault::new(Match::operation("create person").nth(2), action));
    let exports = || (1..=3).map(new_person).collect();
    let done = rig.export(exports()).await;
    assert_eq!(done.report.outcomes.unknown, 1);
    assert_eq!(done.report.outcomes.created, 2);
    assert_eq!(rig.calls_to("create person"), 3);
    assert_eq!(rig.sandbox.persons().len(), 2 + applied);

    let again = rig.export((1..=3).map(person).collect()).await;
    assert_eq!(again.report.outcomes.updated as usize, 2 + applied);
    assert_eq!(again.report.outcomes.created as usize, 1 - applied);
    for number in 1..=3 {
        rig.only_person(&email(number));
    }
}

/// An update says what the record is to be: it is sent again.
#[rstest]
#[case::bad_gateway(bad_gateway())]
#[case::reset(FaultAction::Reset)]
#[case::reset_after(FaultAction::ResetAfter)]
#[case::timeout(FaultAction::Timeout)]
#[case::timeout_after(FaultAction::TimeoutAfter)]
#[tokio::test(start_paused = true)]
async fn an_unanswered_update_or_delete_is_sent_again(#[case] action: FaultAction) {
    let rig = Rig::new().await;
    let first = rig.sandbox.add_many_persons(2);
    rig.fault("update person", action.clone());
    rig.fault("delete person", action);
    let exports =
        vec![person(1).property("Name", "Renamed").remote_id(first), person(2).remote_id(first + 1).delete()];
    let done = rig.export(exports).await;
    assert_eq!(done.names(), ["updated", "deleted"]);
    assert_eq!(rig.calls_to("update person"), 2);
    assert_eq!(rig.person(first)["name"], "Renamed");
    assert_eq!(rig.sandbox.persons().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn half_an_answer_to_an_update_is_no_success() {
    let rig = Rig::new().await;
    let id = rig.sandbox.add_many_persons(1);
    rig.fault("update person", FaultAction::Truncated);
    let done = rig.export(vec![person(1).property("Name", "Renamed").remote_id(id)]).await;
    assert!(["updated", "retry"].contains(&done.names()[0]), "{:?}", done.only());
    assert_eq!(rig.person(id)["name"], "Renamed");
}

#[rstest]
#[case::bad_gateway(bad_gateway())]
#[case::reset(FaultAction::Reset)]
#[case::timeout(FaultAction::Timeout)]
#[case::html(FaultAction::Html { status: 502 })]
#[tokio::test(start_paused = true)]
async fn a_look_up_is_repeated(#[case] action: FaultAction) {
    let rig = Rig::new().await;
    rig.sandbox.add_many_persons(2);
    rig.fault("list persons", action.clone());
    let done = rig.export(vec![person(1)]).await;
    assert_eq!(done.names(), ["updated"]);
    rig.fault("list person fields", action);
    let later = rig.another_process().await;
    assert_eq!(later.export(vec![person(2)]).await.names(), ["updated"]);
}

/// Lesson 44: the row that failed has its own fate; the others do not wait for it.
#[tokio::test(start_paused = true)]
async fn lesson_02_a_failed_call_is_one_profiles_failure() {
    let rig = Rig::new().await;
    rig.controls()
        .faults
        .push(Fault::new(Match::operation("create person").nth(7).times(2), FaultAction::ResetAfter));
    let done = rig.export((1..=20).map(new_person).collect()).await;
    assert_eq!(done.report.outcomes.created, 18);
    assert_eq!(done.report.outcomes.unknown, 2);
    assert_eq!(rig.sandbox.persons().len(), 20);
}

#[tokio::test(start_paused = true)]
async fn lesson_22_an_expired_token_is_refreshed_and_the_request_replayed() {
    let rig = Rig::with(Setup { oauth: true, ..Setup::default() }).await;
    rig.controls()
        .faults
        .push(Fault::new(Match::operation("create person").nth(10), FaultAction::ExpireToken));
    let done = rig.export((1..=50).map(new_person).collect()).await;
    assert_eq!(done.report.outcomes.created, 50);
    assert_eq!(rig.sandbox.persons().len(), 50);
    // The first token, and one more for all the calls that were refused with it.
    assert_eq!(rig.calls_to("refresh token"), 2);
    let name = |number: u64| rig.only_person(&email(number))["name"].clone();
    assert_eq!(name(10), "Person 10");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_grows_old_is_refreshed_before_it_expires() {
    let rig = Rig::with(Setup { oauth: true, ..Setup::default() }).await;
    rig.export(vec![new_person(1)]).await;
    rig.clock.sleep(std::time::Duration::from_secs(3_600)).await;
    let done = rig.export(vec![new_person(2)]).await;
    assert_eq!(done.names(), ["created"]);
    assert_eq!(rig.calls_to("refresh token"), 2);
    assert_eq!(rig.calls_to("create person"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_withdrawn_app_is_told_to_be_authorised_again() {
    let rig = Rig::with(Setup { oauth: true, ..Setup::default() }).await;
    rig.sandbox.revoke_refresh_token();
    let done = rig.export(vec![new_person(1), new_person(2)]).await;
    assert_eq!(done.names(), ["retry"; 2]);
    let stopped = done.stopped();
    assert!(stopped.message().contains("authorise the app again"), "{stopped}");
    assert!(rig.calls_to("refresh token") <= 2);
}
