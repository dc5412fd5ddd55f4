//! Limits: paced before being told, and never provoked.

use std::time::Duration;

use outflow_core::{ErrorKind, Outcome};
use outflow_pipedrive::sandbox::Plan;
use outflow_sandbox::FaultAction;
use rstest::rstest;

use crate::rig::{Rig, Setup, new_person, person};

async fn rig(plan: Plan, oauth: bool, latency: Duration) -> Rig {
    Rig::with(Setup { plan, oauth, latency, ..Setup::default() }).await
}

/// 300 updates under 20 requests in 2 s: within 5 % of 30 s, and not one refused.
#[rstest]
#[case(Duration::ZERO)]
#[case(Duration::from_millis(120))]
#[case(Duration::from_millis(800))]
#[tokio::test(start_paused = true)]
async fn lesson_43_300_updates_take_the_time_they_must(#[case] latency: Duration) {
    let rig = rig(Plan::Lite, false, latency).await;
    let first = rig.sandbox.add_many_persons(300);
    rig.persons().mapping_schema().await.unwrap();
    rig.clock.sleep(Duration::from_secs(5)).await;
    let updates = (0..300).map(|index| {
        person(index + 1)
            .property("Name", "Renamed")
            .old_property("Email", crate::rig::email(index + 1))
            .remote_id(first + index)
    });
    let done = rig.export(updates.collect()).await;
    assert_eq!(done.report.outcomes.updated, 300);
    assert_eq!(done.calls().total, 300);
    assert_eq!(rig.controls().log.refused(), 0);
    let seconds = done.report.elapsed.as_secs_f64();
    assert!((28.5..31.5).contains(&seconds), "{seconds} s");
}

#[rstest]
#[case(Plan::Growth, false, 40)]
#[case(Plan::Premium, false, 100)]
#[case(Plan::Ultimate, false, 120)]
#[case(Plan::Lite, true, 80)]
#[case(Plan::Ultimate, true, 480)]
#[tokio::test(start_paused = true)]
async fn each_plan_is_used_to_its_limit(#[case] plan: Plan, #[case] oauth: bool, #[case] burst: u64) {
    let rig = rig(plan, oauth, Duration::from_millis(400)).await;
    rig.persons().mapping_schema().await.unwrap();
    rig.clock.sleep(Duration::from_secs(5)).await;
    let count = burst * 5;
    let done = rig.export((1..=count).map(new_person).collect()).await;
    assert_eq!(done.report.outcomes.created, count);
    assert_eq!(rig.controls().log.refused(), 0);
    let floor = 8.0;
    let seconds = done.report.elapsed.as_secs_f64();
    assert!((floor..floor * 1.1 + 0.5).contains(&seconds), "{seconds} s");
}

#[tokio::test(start_paused = true)]
async fn searches_keep_to_their_own_window() {
    let rig = rig(Plan::Ultimate, false, Duration::from_millis(300)).await;
    rig.sandbox.add_many_persons(40_000);
    rig.clock.sleep(Duration::from_secs(60)).await;
    let done = rig.export((1..=30).map(person).collect()).await;
    assert_eq!(done.calls_to("search_persons"), 30);
    assert_eq!(rig.controls().log.refused(), 0);
    assert_eq!(done.report.outcomes.updated, 30);
}

/// Another program uses the same token: refusals hold everybody back, and pass.
#[tokio::test(start_paused = true)]
async fn refusals_hold_every_caller_back() {
    let rig = rig(Plan::Lite, false, Duration::from_millis(50)).await;
    let other = rig.another_process().await;
    let (one, two) = tokio::join!(
        rig.export((1..=100).map(new_person).collect()),
        other.export((101..=200).map(new_person).collect()),
    );
    assert_eq!(one.report.outcomes.created + two.report.outcomes.created, 200);
    assert_eq!(rig.sandbox.persons().len(), 200);
    assert!(rig.controls().log.refused() < 200, "{}", rig.controls().log.refused());
}

/// Our own count of the day's tokens stops us before the tool does.
#[tokio::test(start_paused = true)]
async fn the_days_budget_is_not_overdrawn() {
    let rig =
        Rig::with(Setup { plan: Plan::Lite, seats: 1, latency: Duration::ZERO, ..Setup::default() }).await;
    let done = rig.export((1..=6_100).map(new_person).collect()).await;
    let created = done.report.outcomes.created;
    assert!((5_990..=5_998).contains(&created), "{created}");
    assert_eq!(done.report.outcomes.retry, 6_100 - created);
    assert_eq!(rig.controls().log.refused(), 0);
    assert!(matches!(done.stopped().kind(), ErrorKind::QuotaExhausted { .. }));
    let Outcome::Retry { after: Some(after), .. } = &done.outcomes[6_099].outcome else {
        panic!("{:?}", done.outcomes[6_099]);
    };
    assert!(*after < Duration::from_secs(12 * 3600));

    rig.clock.sleep(*after + Duration::from_secs(1)).await;
    assert_eq!(rig.export(vec![new_person(7_000)]).await.names(), ["created"]);
}

/// Other programs of the company spent it: the tool's own word counts.
#[tokio::test(start_paused = true)]
async fn a_budget_that_others_spent_is_waited_for() {
    let rig = Rig::with(Setup { plan: Plan::Lite, seats: 1, ..Setup::default() }).await;
    rig.export(vec![new_person(1)]).await;
    rig.sandbox.spend_tokens(30_000 - 100);
    let done = rig.export((2..=60).map(new_person).collect()).await;
    assert!(done.report.outcomes.created <= 20);
    assert_eq!(done.report.outcomes.created + done.report.outcomes.retry, 59);
    assert!(matches!(done.stopped().kind(), ErrorKind::QuotaExhausted { .. }));
    assert_eq!(rig.sandbox.persons().len() as u64, 1 + done.report.outcomes.created);
    let left = rig.account.limits_left();
    assert!(left.paused_until.is_some() || left.daily.unwrap().0 < 100);
    // Nothing goes while it is spent.
    let calls = rig.controls().log.calls();
    rig.export(vec![new_person(100)]).await;
    assert!(rig.controls().log.calls() <= calls + 1);
}

#[tokio::test(start_paused = true)]
async fn lesson_27_every_attempt_takes_what_the_tool_says_it_costs() {
    let rig = Rig::new().await;
    rig.sandbox.add_many_persons(3_000);
    rig.account.test().await.unwrap();
    let done =
        rig.export((1..=5).map(|number| person(number).property("Phone", "1").group("VIP")).collect()).await;
    assert_eq!(done.report.outcomes.updated, 5);
    rig.fault("delete person", FaultAction::Reset);
    assert_eq!(rig.export(vec![person(1).delete()]).await.names(), ["deleted"]);
    assert_eq!(rig.calls_to("delete person"), 2);
    // The connection broke before the tool had it; ours counts all the same.
    assert_eq!(rig.account.calls().cost, rig.controls().log.cost() + 3);
    assert_eq!(rig.account.calls().total, rig.controls().log.calls());
}
