//! Answers that do not line up with what was asked.

use outflow_core::SyncMode;
use outflow_sandbox::{FaultAction, Match};
use rstest::rstest;
use serde_json::{Value as Json, json};

use super::world::{World, email, people, person, told};

/// This list of results instead of the tool's, which does nothing.
fn answer(results: &Json) -> FaultAction {
    FaultAction::Status {
        status: 200,
        body: json!({ "requestId": "1#2", "success": true, "result": results }).to_string(),
        headers: Default::default(),
    }
}

#[rstest]
#[case::missing(json!([{ "id": 1, "status": "created" }]))]
#[case::one_too_many(json!([
    { "id": 1, "status": "created" }, { "id": 2, "status": "created" },
    { "id": 3, "status": "created" }, { "id": 4, "status": "created" }
]))]
#[case::none(json!([]))]
#[tokio::test(start_paused = true)]
async fn lesson_05_results_that_cannot_be_matched_are_nobodys(#[case] results: Json) {
    let world = World::new();
    world.fault_on(Match::operation("sync leads").always(), answer(&results));
    let (_, outcomes) = world.export(people(3)).await;
    // A createOrUpdate may be sent again.
    assert_eq!(told(&outcomes), ["retry misaligned_answer"; 3]);

    // A createOnly may not: it may have created.
    let (_, outcomes) = world.export_with(json!({}), "create".parse::<SyncMode>().unwrap(), people(3)).await;
    assert_eq!(told(&outcomes), ["unknown misaligned_answer"; 3]);
}

#[tokio::test(start_paused = true)]
async fn lesson_05_results_by_id_land_on_their_rows_in_any_order() {
    let world = World::new();
    let ids = world.seed((0..4).map(|n| json!({ "email": email(n) })));
    let results = json!([
        { "id": ids[2], "status": "skipped", "reasons": [{ "code": "1003", "message": "Invalid" }] },
        { "id": ids[0], "status": "updated" },
        { "id": ids[0], "status": "updated" },
        { "id": ids[3], "status": "updated" },
    ]);
    world.fault("sync leads", answer(&results));
    let exports = (0..4).map(|n| person(n).remote_id(ids[n])).collect();
    let (_, outcomes) = world.export(exports).await;
    assert_eq!(told(&outcomes), ["updated", "retry unmentioned", "rejected 1003", "updated"]);
    for (n, outcomed) in outcomes.iter().enumerate() {
        assert_eq!(outcomed.remote_id.as_ref().unwrap().as_str(), ids[n].to_string());
    }
}

#[tokio::test(start_paused = true)]
async fn a_delete_or_a_member_that_is_not_mentioned_is_no_success() {
    let world = World::new();
    let ids = world.seed((0..3).map(|n| json!({ "email": email(n) })));
    world.fault("delete leads", answer(&json!([{ "id": ids[1], "status": "deleted" }])));
    let exports = (0..2).map(|n| person(n).remote_id(ids[n]).delete()).collect();
    let (_, outcomes) = world.export(exports).await;
    assert_eq!(told(&outcomes), ["retry unmentioned", "deleted"]);

    world.fault("add members", answer(&json!([])));
    let (_, outcomes) = world.export(vec![person(2).remote_id(ids[2]).group("VIP")]).await;
    assert_eq!(told(&outcomes), ["retry unmentioned"]);
}

#[rstest]
#[case::a_status_of_another_day(json!([{ "id": 5, "status": "queued" }]), "retry unreadable_answer")]
#[case::created_without_an_id(json!([{ "status": "created" }]), "retry unreadable_answer")]
#[case::skipped_without_a_reason(json!([{ "status": "skipped" }]), "rejected no_reason")]
#[case::skipped_with_no_reasons(json!([{ "status": "skipped", "reasons": [] }]), "rejected no_reason")]
#[tokio::test(start_paused = true)]
async fn lesson_03_a_result_that_says_nothing_known_is_no_success(
    #[case] results: Json,
    #[case] outcome: &str,
) {
    let world = World::new();
    world.fault("sync leads", answer(&results));
    let (_, outcomes) = world.export(vec![person(0)]).await;
    assert_eq!(told(&outcomes), [outcome]);
}

#[rstest]
#[case::no_token(json!({ "requestId": "1#2", "success": true, "result": [], "moreResult": true }))]
#[case::the_same_token(json!({
    "requestId": "1#2", "success": true, "result": [], "moreResult": true, "nextPageToken": "again"
}))]
#[tokio::test(start_paused = true)]
async fn lesson_33_pages_that_lead_nowhere_are_an_error_not_an_end(#[case] body: Json) {
    let world = World::new();
    world.seed([json!({ "email": email(0) })]);
    world.fault_on(
        Match::operation("find leads").always(),
        FaultAction::Status { status: 200, body: body.to_string(), headers: Default::default() },
    );
    let gone = outflow_core::Export::new("0").old_property("email", email(0)).delete();
    let (_, outcomes) = world.export(vec![gone]).await;
    assert_eq!(told(&outcomes), ["retry no_next_page"]);
    assert!(world.calls()["find leads"] <= 2);
}

#[rstest]
#[case::that_says_so(json!({ "moreResult": true, "nextPageToken": "0000000000======" }), 2, "deleted")]
#[case::that_has_a_token_alone(json!({ "nextPageToken": "0000000000======" }), 2, "deleted")]
#[case::unless_it_says_so(
    json!({ "moreResult": false, "nextPageToken": "0000000000======" }), 1, "skipped nothing_to_delete"
)]
#[tokio::test(start_paused = true)]
async fn lesson_33_an_empty_page_is_not_the_last(
    #[case] paging: Json,
    #[case] calls: u64,
    #[case] outcome: &str,
) {
    let world = World::new();
    world.seed([json!({ "email": email(0) })]);
    let mut page = json!({ "requestId": "1#2", "success": true, "result": [] });
    page.as_object_mut().unwrap().extend(paging.as_object().unwrap().clone());
    world.fault(
        "find leads",
        FaultAction::Status { status: 200, body: page.to_string(), headers: Default::default() },
    );
    let gone = outflow_core::Export::new("0").old_property("email", email(0)).delete();
    let (_, outcomes) = world.export(vec![gone]).await;
    assert_eq!(told(&outcomes), [outcome]);
    assert_eq!(world.calls()["find leads"], calls);
}

/// Lesson 39: what is found must hold the key.
#[tokio::test(start_paused = true)]
async fn lesson_39_a_hit_that_holds_another_key_is_not_ours() {
    let world = World::new();
    let id = world.seed([json!({ "email": "someone-else@example.com" })])[0];
    world.fault("find leads", answer(&json!([{ "id": id, "email": "someone-else@example.com" }])));
    let gone = outflow_core::Export::new("0").old_property("email", email(0)).delete();
    let (_, outcomes) = world.export(vec![gone]).await;
    assert_eq!(told(&outcomes), ["skipped nothing_to_delete"]);
    assert_eq!(world.leads().len(), 1);
}
