//! Saved filters of groups: a convenience that no record waits or fails for.

use std::time::Duration;

use outflow_core::Export;
use outflow_sandbox::{Fault, FaultAction, Match};
use rstest::rstest;

use crate::rig::{Rig, new_person};

fn fail_filters(rig: &Rig, times: u64, action: FaultAction) {
    let on = Match { method: Some("POST".to_owned()), ..Match::path("/filters").times(times) };
    rig.controls().faults.push(Fault::new(on, action));
}

fn vips(numbers: std::ops::RangeInclusive<u64>) -> Vec<Export> {
    numbers.map(|number| new_person(number).group("VIP")).collect()
}

/// Whether the filter was made, the list of filters knows: it is made, and never twice.
#[rstest]
#[case(FaultAction::Reset)]
#[case(FaultAction::ResetAfter)]
#[case(FaultAction::TimeoutAfter)]
#[case(FaultAction::Html { status: 502 })]
#[tokio::test(start_paused = true)]
async fn a_lost_answer_costs_no_profile_its_write(#[case] action: FaultAction) {
    let rig = Rig::new().await;
    fail_filters(&rig, 1, action);
    let done = rig.export(vips(1..=20)).await;
    assert_eq!(done.report.outcomes.created, 20);
    for id in done.ids() {
        assert_eq!(rig.groups_of(id), ["VIP"]);
    }
    assert_eq!(rig.group_filters(), ["In Group: VIP"]);
}

#[tokio::test(start_paused = true)]
async fn a_filter_that_cannot_be_made_now_is_made_later() {
    let rig = Rig::new().await;
    fail_filters(&rig, 2, FaultAction::Reset);
    let done = rig.export(vips(1..=20)).await;
    assert_eq!(done.report.outcomes.created, 20);
    // Once more after a look at what is there, and not for every profile.
    assert_eq!(done.calls_to("create_filter"), 2);
    assert_eq!(rig.group_filters(), [""; 0]);

    rig.clock.sleep(Duration::from_secs(60)).await;
    let later = rig.export(vips(21..=22)).await;
    assert_eq!(later.report.outcomes.created, 2);
    assert_eq!(rig.group_filters(), ["In Group: VIP"]);
    let again = rig.export(vips(23..=23)).await;
    assert_eq!(again.tokens(), 5);
}

/// Nothing of what filters need has to work.
#[rstest]
#[case("list filters")]
#[case("list person fields (v1)")]
#[tokio::test(start_paused = true)]
async fn an_outage_around_filters_is_nobodys_failure(#[case] operation: &str) {
    let rig = Rig::new().await;
    let on = Match::operation(operation).always();
    rig.controls().faults.push(Fault::new(on, FaultAction::Html { status: 503 }));
    let done = rig.export(vips(1..=3)).await;
    assert_eq!(done.report.outcomes.created, 3);
    assert!(rig.calls_to(operation) > 0);
    assert_eq!(rig.group_filters(), [""; 0]);
}

#[rstest]
#[case::capped(
    403,
    r#"{"success":false,"error":"Filters limit reached","code":"feature_capping_filters_limit"}"#
)]
#[case::no_permission(403, r#"{"success":false,"error":"Scope and URL mismatch"}"#)]
#[case::refused(400, r#"{"success":false,"error":"Bad request"}"#)]
#[tokio::test(start_paused = true)]
async fn a_refused_filter_refuses_no_profile_and_is_not_asked_for_at_once_again(
    #[case] status: u16,
    #[case] body: &str,
) {
    let rig = Rig::new().await;
    let action = FaultAction::Status { status, body: body.to_owned(), headers: Default::default() };
    fail_filters(&rig, 1, action);
    let done = rig.export(vips(1..=20)).await;
    assert_eq!(done.report.outcomes.created, 20);
    assert!(done.report.stopped.is_none());
    rig.export(vips(21..=22)).await;
    assert_eq!(rig.calls_to("create filter"), 1);

    rig.clock.sleep(Duration::from_secs(3_600)).await;
    rig.export(vips(23..=23)).await;
    assert_eq!(rig.group_filters(), ["In Group: VIP"]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_filter_keeps_no_other_group_from_its_own() {
    let rig = Rig::new().await;
    let on =
        Match { body_contains: Some("In Group: B".to_owned()), ..Match::operation("create filter").always() };
    let action = FaultAction::Status {
        status: 400,
        body: r#"{"success":false,"error":"Bad request"}"#.to_owned(),
        headers: Default::default(),
    };
    rig.controls().faults.push(Fault::new(on, action));
    let exports = [(1, "A"), (2, "B"), (3, "C")];
    let exports = exports.map(|(number, group)| new_person(number).group(group));
    let done = rig.export(exports.to_vec()).await;
    assert_eq!(done.names(), ["created"; 3]);
    let mut made = rig.group_filters();
    made.sort_unstable();
    assert_eq!(made, ["In Group: A", "In Group: C"]);
}

/// An option that was made, though nobody heard of it, is a new group's all the same.
#[tokio::test(start_paused = true)]
async fn a_group_whose_own_create_got_no_answer_has_its_filter() {
    let rig = Rig::new().await;
    rig.fault("create person field", FaultAction::ResetAfter);
    assert_eq!(rig.export(vips(1..=1)).await.names(), ["created"]);
    assert_eq!(rig.group_filters(), ["In Group: VIP"]);
}
