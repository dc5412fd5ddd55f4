//! `on_invalid_field`: a value that only Marketo can refuse.

use outflow_core::{Export, SyncMode};
use outflow_sandbox::{FaultAction, Match};
use serde_json::{Value as Json, json};

use super::world::{World, counts, email, people, person, told};

/// Marketo's whole numbers have 32 bits; the engine's have more.
const TOO_LARGE: i64 = 5_000_000_000;

fn drop() -> Json {
    json!({ "on_invalid_field": "drop" })
}

fn with_bad_score(n: usize) -> Export {
    person(n).property("leadScore", TOO_LARGE)
}

#[tokio::test(start_paused = true)]
async fn a_refused_value_rejects_its_profile_alone() {
    let world = World::new();
    let mut exports = people(10);
    exports[4] = with_bad_score(4);
    let (report, outcomes) = world.export(exports).await;

    assert_eq!(report.outcomes.created, 9);
    let problem = outcomes[4].outcome.problem().unwrap();
    assert_eq!(told(&outcomes)[4], "rejected 1003");
    assert_eq!(problem.field.as_deref(), Some("leadScore"));
    assert!(problem.message.contains("5000000000"), "{problem:?}");
    assert!(world.leads_with(&email(4)).is_empty());
}

#[tokio::test(start_paused = true)]
async fn dropped_it_is_sent_again_without_the_field_and_says_so() {
    let world = World::new();
    let mut exports = people(300);
    exports[4] = with_bad_score(4);
    exports[7] = with_bad_score(7).property("rating", "hot");
    let (report, outcomes) = world.export_with(drop(), SyncMode::SYNC, exports).await;

    assert_eq!(report.outcomes.created, 300);
    assert_eq!(world.calls(), counts([("sync leads", 2), ("describe leads 2", 1)]));
    assert_eq!(outcomes[4].notes.len(), 1);
    assert_eq!(outcomes[4].notes[0].code, "field_dropped");
    assert_eq!(outcomes[4].notes[0].field.as_deref(), Some("leadScore"));
    assert!(outcomes[5].notes.is_empty());
    let lead = world.lead(&email(7));
    assert_eq!(lead.fields["rating"], "hot");
    assert!(!lead.fields.contains_key("leadScore"));
    assert_eq!(lead.id, outcomes[7].remote_id.as_ref().unwrap().as_str());
}

#[tokio::test(start_paused = true)]
async fn several_bad_fields_are_dropped_one_after_the_other() {
    let world = World::new();
    let export = with_bad_score(0).property("priority", TOO_LARGE);
    let (_, outcomes) = world.export_with(drop(), SyncMode::SYNC, vec![export, person(1)]).await;
    assert_eq!(told(&outcomes), ["created", "created"]);
    let mut dropped: Vec<_> = outcomes[0].notes.iter().filter_map(|note| note.field.clone()).collect();
    dropped.sort();
    assert_eq!(dropped, ["leadScore", "priority"]);
    assert_eq!(world.calls()["sync leads"], 3);
}

#[tokio::test(start_paused = true)]
async fn updates_by_id_drop_fields_too() {
    let world = World::new();
    let id = world.seed([json!({ "email": email(0), "leadScore": 3 })])[0];
    let export = with_bad_score(0).remote_id(id);
    let (_, outcomes) = world.export_with(drop(), SyncMode::SYNC, vec![export]).await;
    assert_eq!(told(&outcomes), ["updated"]);
    assert_eq!(outcomes[0].notes.len(), 1);
    let lead = world.lead(&email(0));
    assert_eq!(lead.fields["leadScore"], 3, "left as it was");
    assert_eq!(lead.fields["firstName"], "Name 0");
}

/// Whatever Marketo says, dropping ends: the key stays, and rounds are bounded.
#[tokio::test(start_paused = true)]
async fn what_cannot_be_dropped_is_rejected() {
    for field in ["email", "Email Address", "lastName", "no such field"] {
        let world = World::new();
        let message = format!("Invalid value for field '{field}' and value 'x'");
        let body = json!({
            "requestId": "1#2",
            "success": true,
            "result": [{ "status": "skipped", "reasons": [{ "code": "1003", "message": message }] }],
        });
        world.fault_on(
            Match::operation("sync leads").always(),
            FaultAction::Status { status: 200, body: body.to_string(), headers: Default::default() },
        );
        let (_, outcomes) = world.export_with(drop(), SyncMode::SYNC, vec![person(0)]).await;
        assert_eq!(told(&outcomes), ["rejected 1003"]);
        assert_eq!(world.calls()["sync leads"], 1);
    }
}

#[tokio::test(start_paused = true)]
async fn lesson_02_a_failure_of_the_second_call_is_no_failure_of_the_first() {
    let world = World::new();
    world.fault_on(
        Match::operation("sync leads").nth(2).always(),
        FaultAction::ErrorCode { code: "1012".to_owned(), message: String::new() },
    );
    let mut exports = people(3);
    exports[1] = with_bad_score(1);
    let (_, outcomes) = world.export_with(drop(), SyncMode::SYNC, exports).await;
    assert_eq!(told(&outcomes), ["created", "rejected 1012", "created"]);
    assert_eq!(world.leads().len(), 2);
}
