//! Deletes, with and without known ids.

use outflow_core::{Export, SyncMode};
use rstest::rstest;
use serde_json::json;

use super::world::{World, counts, email, person, told};

fn gone(n: usize) -> Export {
    Export::new(n.to_string()).old_property("email", email(n)).delete()
}

#[rstest]
#[case(1, 1)]
#[case(300, 1)]
#[case(301, 2)]
#[case(3_000, 10)]
#[tokio::test(start_paused = true)]
async fn known_ids_take_a_call_for_300(#[case] profiles: usize, #[case] calls: u64) {
    let world = World::new();
    let ids = world.seed((0..profiles).map(|n| json!({ "email": email(n) })));
    let exports = ids.iter().enumerate().map(|(n, id)| gone(n).remote_id(*id));
    let (report, _) = world.export(exports.collect()).await;

    assert_eq!(report.outcomes.deleted, profiles as u64);
    assert_eq!(world.calls(), counts([("delete leads", calls), ("describe leads 2", 1)]));
    assert_eq!(world.leads(), []);
}

#[rstest]
#[case(1, 1)]
#[case(300, 1)]
#[case(301, 2)]
#[case(3_000, 10)]
#[tokio::test(start_paused = true)]
async fn lesson_09_and_41_unknown_ids_take_a_look_up_for_300_more(
    #[case] profiles: usize,
    #[case] calls: u64,
) {
    let world = World::new();
    world.seed((0..profiles).map(|n| json!({ "email": email(n) })));
    let (report, _) = world.export((0..profiles).map(gone).collect()).await;

    assert_eq!(report.outcomes.deleted, profiles as u64);
    assert_eq!(
        world.calls(),
        counts([("find leads", calls), ("delete leads", calls), ("describe leads 2", 1)])
    );
    assert_eq!(world.leads(), []);
}

#[tokio::test(start_paused = true)]
async fn lesson_01_each_profile_decides_for_itself_whether_it_is_deleted() {
    let world = World::new();
    world.seed((0..4).map(|n| json!({ "email": email(n) })));
    let (_, outcomes) = world.export(vec![gone(0), person(1), gone(2), person(3)]).await;

    assert_eq!(told(&outcomes), ["deleted", "updated", "deleted", "updated"]);
    let left: Vec<_> = world.leads().iter().map(|lead| lead.fields["email"].clone()).collect();
    assert_eq!(left, [json!(email(1)), json!(email(3))]);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_nothing_to_delete() {
    let world = World::new();
    let id = world.seed([json!({ "email": email(1) })])[0];
    world.marketo.delete_lead(id);
    let (_, outcomes) = world.export(vec![gone(0), gone(1).remote_id(id)]).await;
    // A remembered lead that is gone was, as far as anybody can tell, deleted by us.
    assert_eq!(told(&outcomes), ["skipped nothing_to_delete", "deleted"]);
}

#[tokio::test(start_paused = true)]
async fn lesson_40_a_key_that_two_leads_hold_is_not_deleted_but_said() {
    let world = World::new();
    world.seed([
        json!({ "email": email(0) }),
        json!({ "email": "Person-0@Example.com" }),
        json!({ "email": email(1) }),
    ]);
    let (_, outcomes) = world.export(vec![gone(0), gone(1)]).await;
    assert_eq!(told(&outcomes), ["rejected ambiguous_key", "deleted"]);
    assert_eq!(world.leads().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn lesson_33_look_ups_follow_pages_to_their_end() {
    let world = World::new();
    // Two leads for each of 300 keys: two pages of one look-up.
    world.seed((0..600).map(|n| json!({ "email": email(n % 300) })));
    let (report, outcomes) = world.export((0..300).map(gone).collect()).await;
    assert_eq!(report.outcomes.rejected, 300, "{:?}", told(&outcomes)[0]);
    assert_eq!(world.calls(), counts([("find leads", 2), ("describe leads 2", 1)]));
    assert_eq!(world.leads().len(), 600);
}

#[tokio::test(start_paused = true)]
async fn more_matches_than_marketo_shows_are_looked_up_in_halves() {
    let world = World::new();
    // 300 keys of four leads each: 1,200 matches, and Marketo refuses over 1,000.
    world.seed((0..1_200).map(|n| json!({ "email": email(n % 300) })));
    let (report, outcomes) = world.export((0..300).map(gone).collect()).await;
    assert_eq!(report.outcomes.rejected, 300);
    assert!(told(&outcomes).iter().all(|told| told == "rejected ambiguous_key"));
    assert_eq!(world.calls()["find leads"], 1 + 2 * 2);
}

#[tokio::test(start_paused = true)]
async fn a_key_with_a_comma_cannot_be_looked_up_and_costs_the_others_nothing() {
    let world = World::new();
    let with_comma = |email: &str| Export::new(email).old_property("email", email).delete();
    world.seed((0..9).map(|n| json!({ "email": email(n) })));
    let mut exports: Vec<Export> = (0..9).map(gone).collect();
    exports.insert(4, with_comma("person-0,person-1@example.com"));
    let (report, outcomes) = world.export(exports).await;

    assert_eq!(report.outcomes.deleted, 9);
    assert_eq!(told(&outcomes)[4], "rejected comma_in_key");
    let problem = outcomes[4].outcome.problem().unwrap();
    assert_eq!(problem.field.as_deref(), Some("email"));
    assert!(problem.message.contains("person-0,person-1@example.com"));
    assert_eq!(world.leads(), []);
}

#[tokio::test(start_paused = true)]
async fn without_leave_to_delete_nothing_is_called() {
    let world = World::new();
    let (_, outcomes) = world.export_with(json!({}), SyncMode::ADDITIVE, vec![gone(0)]).await;
    assert_eq!(told(&outcomes), ["skipped delete_not_allowed"]);
    assert_eq!(world.calls(), counts([("describe leads 2", 1)]));
}

#[tokio::test(start_paused = true)]
async fn lesson_04_a_look_up_that_failed_is_not_an_empty_one() {
    let world = World::new();
    world.seed([json!({ "email": email(0) })]);
    world.fault_on(
        outflow_sandbox::Match::operation("find leads").always(),
        outflow_sandbox::FaultAction::Status {
            status: 502,
            body: String::new(),
            headers: Default::default(),
        },
    );
    let renamed = person(1).old_property("email", email(0));
    let (_, outcomes) = world.export(vec![gone(0), renamed]).await;
    assert_eq!(told(&outcomes), ["retry 502", "retry 502"]);
    assert_eq!(world.leads().len(), 1);
}
