//! Marketo's limits, kept at full speed.

use std::time::Duration;

use outflow_core::Run;
use serde_json::json;

use super::world::{World, counts, email, people};

/// A full batch takes this long [rec].
const LATENCY: Duration = Duration::from_millis(1_200);

/// 200 calls under 100 in 20 s and 10 at once: the 200th starts 20 s after the 100th,
/// which starts 10.8 s in, and takes 1.2 s.
const FLOOR: Duration = Duration::from_secs(32);

#[tokio::test(start_paused = true)]
async fn lesson_43_sixty_thousand_upserts_keep_the_limits_and_lose_no_time() {
    let world = World::with_latency(LATENCY);
    let destination = world.destination(json!({})).await;
    destination.mapping_schema().await.unwrap();
    // The window is empty again.
    world.clock.sleep(Duration::from_secs(30)).await;

    let (report, outcomes) = destination.export_all(people(60_000), Run::default()).await;

    assert_eq!(report.outcomes.created, 60_000);
    assert_eq!(outcomes.len(), 60_000);
    assert_eq!(world.calls(), counts([("sync leads", 200), ("describe leads 2", 1)]));
    let log = &outflow_sandbox::Sandbox::controls(&*world.marketo).log;
    assert_eq!(log.refusals(), Default::default(), "no 606, no 615");
    assert!(report.elapsed >= FLOOR - Duration::from_millis(1), "{:?}", report.elapsed);
    assert!(report.elapsed <= FLOOR.mul_f64(1.05), "{:?}", report.elapsed);
    assert_eq!(world.marketo.lead_count(), 60_000);
}

#[tokio::test(start_paused = true)]
async fn two_destinations_of_one_instance_share_its_limits() {
    let world = World::with_latency(LATENCY);
    let first = world.destination(json!({})).await;
    let second = world.destination(json!({ "partition": "Default" })).await;
    let renamed = |n: usize| super::world::person(n).property("email", format!("x{n}@example.com"));
    let (a, b) = tokio::join!(
        first.export_all(people(20_000), Run::default()),
        second.export_all((0..20_000).map(renamed).collect(), Run::default()),
    );
    assert_eq!((a.0.outcomes.created, b.0.outcomes.created), (20_000, 20_000));
    let log = &outflow_sandbox::Sandbox::controls(&*world.marketo).log;
    assert_eq!(log.refused(), 0);
    assert_eq!(world.lead(&email(0)).groups.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_budget_of_a_day_is_kept_and_comes_back_at_midnight_us_central() {
    let world = World::new();
    let account = world.account().await;
    let (left, resets_at) = account.limits_left().daily.unwrap();
    assert_eq!(left, 50_000);
    // Standard time in November: UTC-6.
    assert_eq!(resets_at.to_string(), "2026-11-15T06:00:00Z");
    world.export(people(301)).await;
    assert_eq!(account.limits_left().daily.unwrap().0, 49_997);
}
