//! Every sync mode, without a look-up.

use outflow_core::{Export, SyncMode};
use rstest::rstest;
use serde_json::json;

use super::world::{World, counts, email, person, told};

/// There, not there, there and to be deleted, not there and to be deleted.
fn exports() -> Vec<Export> {
    let gone = |n: usize| Export::new(n.to_string()).old_property("email", email(n)).delete();
    vec![person(0), person(1), gone(2), gone(3)]
}

#[rstest]
#[case("sync", ["updated", "created", "deleted", "skipped nothing_to_delete"], 2)]
#[case("additive", ["updated", "created", "skipped delete_not_allowed", "skipped delete_not_allowed"], 3)]
#[case("enrich", ["updated", "skipped create_not_allowed", "skipped delete_not_allowed", "skipped delete_not_allowed"], 2)]
#[case("create", ["skipped update_not_allowed", "created", "skipped delete_not_allowed", "skipped delete_not_allowed"], 3)]
#[case("create,delete", ["skipped update_not_allowed", "created", "deleted", "skipped nothing_to_delete"], 2)]
#[case("update,delete", ["updated", "skipped create_not_allowed", "deleted", "skipped nothing_to_delete"], 1)]
#[tokio::test(start_paused = true)]
async fn each_mode_does_what_it_may(#[case] mode: &str, #[case] expected: [&str; 4], #[case] leads: usize) {
    let world = World::new();
    world.seed([0, 2].map(|n| json!({ "email": email(n) })));
    let mode: SyncMode = mode.parse().unwrap();
    let (report, outcomes) = world.export_with(json!({}), mode, exports()).await;

    assert_eq!(told(&outcomes), expected);
    assert_eq!(world.leads().len(), leads);
    let look_ups = u64::from(mode.delete);
    assert_eq!(
        world.calls(),
        counts([
            ("sync leads", 1),
            ("find leads", look_ups),
            ("delete leads", look_ups),
            ("describe leads 2", 1)
        ])
    );
    assert!(report.stopped.is_none());
    let updated = world.lead(&email(0)).fields.contains_key("firstName");
    assert_eq!(updated, mode.update);
}

#[tokio::test(start_paused = true)]
async fn deletes_alone_write_nothing_else() {
    let world = World::new();
    world.seed([0, 2].map(|n| json!({ "email": email(n) })));
    let mode: SyncMode = "delete".parse().unwrap();
    let (_, outcomes) = world.export_with(json!({}), mode, exports()).await;
    let told = told(&outcomes);
    assert!(told[0].starts_with("skipped"), "{told:?}");
    assert!(told[1].starts_with("skipped"), "{told:?}");
    assert_eq!(told[2..], ["deleted", "skipped nothing_to_delete"]);
    assert!(!world.lead(&email(0)).fields.contains_key("firstName"));
}
