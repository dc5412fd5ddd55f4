//! What is left for later: each profile by itself, as late as it must and no later.

use std::time::Duration;

use futures::stream;
use outflow_core::{Export, Outcome, Outcomed, Run};
use outflow_sandbox::Match;
use rstest::rstest;

use crate::model::trouble::status;
use crate::world::{Kind, Tool, World};

/// How many profiles share a call.
fn in_a_call(tool: Tool) -> usize {
    if tool == Tool::Leads { 300 } else { 1 }
}

/// The calls that update this profile.
fn updates_of(world: &World, number: usize, id: &str) -> Match {
    let mut on = Match::operation(world.tool.operation(Kind::Update)).always();
    if world.tool == Tool::Leads {
        on.body_contains = Some(format!("\"{}\"", world.tool.nth_key(number)));
    } else {
        on.path_contains = Some(format!("/{id}"));
    }
    on
}

/// Three calls' worth of profiles that the tool has.
fn known(world: &World) -> Vec<Export> {
    let count = 3 * in_a_call(world.tool);
    let exports = (0..count).map(|number| {
        let id = world.seed(&world.tool.nth_key(number));
        world.profile(number).remote_id(id)
    });
    exports.collect()
}

/// Outcomes in the order of the exports, each with the time at which it was told.
async fn told_at(world: &World, exports: Vec<Export>) -> Vec<(Duration, Outcomed)> {
    let destination = world.destination().await;
    destination.mapping_schema().await.unwrap();
    let began = world.clock.elapsed();
    let mut told = Vec::new();
    let on_outcome = |outcomed| told.push((world.clock.elapsed() - began, outcomed));
    destination.export(stream::iter(exports), Run::default(), on_outcome).await;
    told.sort_by_key(|(_, outcomed)| outcomed.sequence);
    told
}

/// One call is told to come back in an hour, one fails for a while, one goes well: nobody
/// waits for anybody else, and each is told its own next attempt.
#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_44_each_profile_has_its_own_next_attempt(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
) {
    let world = World::new(tool);
    let exports = known(&world);
    let size = in_a_call(tool);
    let id = |number: usize| exports[number].remote_id.clone().unwrap().to_string();
    let busy = updates_of(&world, 0, &id(0));
    world.fault(busy, status(503, &[("retry-after", "3600")]));
    let failing = updates_of(&world, size, &id(size));
    world.fault(failing, status(500, &[]));
    let told = told_at(&world, exports.clone()).await;
    for (number, (at, outcomed)) in told.iter().enumerate() {
        match (number / size, &outcomed.outcome) {
            (0, Outcome::Retry { after: Some(after), .. }) => {
                assert_eq!(after.as_secs(), 3_600);
                assert!(at.as_secs() < 2, "an hour is not waited for: {at:?}");
            }
            (1, Outcome::Retry { after: None, .. }) => {
                assert!((5..120).contains(&at.as_secs()), "{at:?}");
            }
            (2, Outcome::Updated(_)) => assert!(at.as_secs() < 3, "{at:?}"),
            (_, outcome) => panic!("profile {number}: {outcome:?}"),
        }
    }
    // The tool is well again: what is due is done, and nothing of it twice.
    world.controls().faults.clear();
    let due = exports.into_iter().take(2 * size).collect();
    assert!(world.export(due).await.all("updated"));
    assert_eq!(world.records().len(), 3 * size);
}

/// An outage longer than all retries fails nobody for good, and costs few calls.
#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_26_an_outage_is_left_for_the_next_run(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
) {
    let world = World::new(tool);
    let exports: Vec<Export> = (0..1_000).map(|number| world.profile(number)).collect();
    world.fault(Match::default().always(), status(503, &[]));
    let done = world.export(exports.clone()).await;
    assert!(done.all("retry"));
    let calls = world.controls().log.calls();
    assert!(calls <= 10, "{calls} calls to a tool that is down");
    assert!(world.records().is_empty());
    world.controls().faults.clear();
    assert!(world.export(exports).await.all("created"));
    assert_eq!(world.records().len(), 1_000);
}

/// The outage comes while the run is under way: what was done stays done, and the run
/// ends soon.
#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_26_an_outage_in_the_middle_of_a_run_stops_it(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
) {
    let world = World::new(tool);
    let count = if tool == Tool::Leads { 30_000 } else { 300 };
    let exports = (0..count).map(|number| world.profile(number).known_new());
    let exports: Vec<Export> = exports.collect();
    let on = Match::operation(tool.operation(Kind::Create)).nth(20).always();
    world.fault(on, status(503, &[]));
    let done = world.export(exports.clone()).await;
    let stopped = done.report.stopped.as_ref();
    assert!(stopped.is_some_and(|error| error.code() == Some("503")), "{stopped:?}");
    let created = done.report.outcomes.created;
    assert_eq!(world.records().len() as u64, created);
    assert_eq!(created, 19 * in_a_call(tool) as u64);
    let calls = world.calls_to(Kind::Create);
    // Those under way together, each repeated a few times, and then some one by one.
    assert!(calls < 19 + 150, "{calls} calls");

    world.controls().faults.clear();
    let due: Vec<Export> = exports
        .into_iter()
        .zip(&done.outcomes)
        .filter(|(_, outcomed)| !outcomed.outcome.is_done())
        .map(|(export, _)| Export { is_new: false, ..export })
        .collect();
    let again = world.export(due).await;
    assert_eq!(again.report.outcomes.created, count as u64 - created);
    assert_eq!(world.records().len(), count);
}
