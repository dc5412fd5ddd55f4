//! Call counts at every size around the limit of 300, and steady state.

use outflow_core::{Export, Outcome};
use rstest::rstest;
use serde_json::json;

use super::world::{World, counts, email, people, person};

#[rstest]
#[case(0, 0)]
#[case(1, 1)]
#[case(299, 1)]
#[case(300, 1)]
#[case(301, 2)]
#[case(3_000, 10)]
#[tokio::test(start_paused = true)]
async fn lesson_38_upserts_take_a_call_for_300(#[case] profiles: usize, #[case] calls: u64) {
    let world = World::new();
    let (report, outcomes) = world.export(people(profiles)).await;

    assert!(report.stopped.is_none());
    assert_eq!(report.outcomes.created, profiles as u64);
    assert_eq!(world.calls(), counts([("sync leads", calls), ("describe leads 2", 1)]));
    assert_eq!(report.calls.total, calls + 1);
    assert_eq!(report.calls.cost, calls + 1);
    let leads = world.leads();
    assert_eq!(leads.len(), profiles);
    for (n, (lead, outcomed)) in leads.iter().zip(&outcomes).enumerate() {
        assert_eq!(lead.fields["email"], email(n));
        assert_eq!(outcomed.outcome, Outcome::Created(lead.id.as_str().into()));
    }
}

#[rstest]
#[case(299, 1)]
#[case(301, 2)]
#[case(3_000, 10)]
#[tokio::test(start_paused = true)]
async fn updates_by_known_id_take_a_call_for_300(#[case] profiles: usize, #[case] calls: u64) {
    let world = World::new();
    let ids = world.seed((0..profiles).map(|n| json!({ "email": email(n) })));
    let exports =
        ids.iter().enumerate().map(|(n, id)| person(n).old_property("email", email(n)).remote_id(*id));
    let (report, outcomes) = world.export(exports.collect()).await;

    assert_eq!(report.outcomes.updated, profiles as u64);
    assert_eq!(world.calls(), counts([("sync leads", calls), ("describe leads 2", 1)]));
    for (n, (lead, outcomed)) in world.leads().iter().zip(&outcomes).enumerate() {
        assert_eq!(lead.fields["firstName"], format!("Name {n}"));
        assert_eq!(outcomed.outcome, Outcome::Updated(lead.id.as_str().into()));
    }
}

#[tokio::test(start_paused = true)]
async fn what_did_not_change_is_not_written() {
    let world = World::new();
    let unchanged = |export: Export| Export { old_properties: export.new_properties.clone(), ..export };
    let (report, _) = world.export(people(1_000).into_iter().map(unchanged).collect()).await;
    assert_eq!(report.outcomes.unchanged, 1_000);
    assert_eq!(world.calls(), counts([("describe leads 2", 1)]));
}

#[tokio::test(start_paused = true)]
async fn the_schema_is_asked_for_once_by_runs_of_one_destination() {
    let world = World::new();
    let destination = world.destination(json!({})).await;
    for part in 0..3 {
        let exports = (0..10).map(|n| person(part * 10 + n)).collect();
        destination.export_all(exports, Default::default()).await;
    }
    assert_eq!(world.calls(), counts([("sync leads", 3), ("describe leads 2", 1)]));
}

/// Batches are filled across pauses of the input, and never doubled by them.
#[tokio::test(start_paused = true)]
async fn lesson_10_a_key_that_comes_twice_is_created_once_and_the_last_wins() {
    let world = World::new();
    let mut exports = people(300);
    exports.push(person(7).property("firstName", "Last"));
    exports.push(Export::new("upper").property("email", "PERSON-8@EXAMPLE.COM").property("lastName", "Case"));
    let (report, _) = world.export(exports).await;

    assert_eq!((report.outcomes.created, report.outcomes.updated), (300, 2));
    assert_eq!(world.leads().len(), 300);
    assert_eq!(world.lead(&email(7)).fields["firstName"], "Last");
    // Marketo keeps an email as it was written last; it is the same lead all the same.
    assert_eq!(world.lead("PERSON-8@EXAMPLE.COM").fields["lastName"], "Case");
}

#[tokio::test(start_paused = true)]
async fn a_body_over_a_megabyte_is_sent_in_halves() {
    let world = World::new();
    let notes = "ü".repeat(2_500);
    let exports = people(300)
        .into_iter()
        .map(|export| export.property("leadSource", "x").property("address", notes.clone()));
    let (report, _) = world.export(exports.collect()).await;

    assert_eq!(report.outcomes.created, 300);
    assert_eq!(world.calls(), counts([("sync leads", 2), ("describe leads 2", 1)]));
    assert_eq!(world.lead(&email(299)).fields["address"], notes);
}
