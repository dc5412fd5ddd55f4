//! Limits: every attempt counts, nobody keeps a place, and no tool has to say no.

use std::time::Duration;

use futures::future::join_all;
use outflow_core::Run;
use outflow_plugins::pipedrive::sandbox::Plan;
use outflow_sandbox::Match;
use rstest::rstest;

use crate::model::trouble::status;
use crate::world::{Done, Kind, NICKNAME, Setup, Tool, World};

/// On the smallest plan: 20 requests in 2 seconds.
fn small(tool: Tool) -> World {
    let setup = Setup { plan: Plan::Lite, ..Setup::default() };
    World::with(tool, setup)
}

/// A call that is repeated takes its share of windows and budget each time.
#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_27_every_attempt_takes_its_share(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
) {
    let world = small(tool);
    let account = world.account().await;
    let id = world.seed(&tool.nth_key(0));
    let on = Match::operation(tool.operation(Kind::Update)).times(3);
    world.fault(on, status(500, &[]));
    let (budget, _) = account.limits_left().daily.unwrap();
    let done = world.export(vec![world.profile(0).remote_id(id.as_str())]).await;
    assert_eq!(done.names(), ["updated"]);
    assert_eq!(world.calls_to(Kind::Update), 4);
    let log = &world.controls().log;
    assert_eq!(done.report.calls.total, log.calls());
    let (left, _) = account.limits_left().daily.unwrap();
    assert_eq!(budget - left, done.report.calls.cost);
}

/// Sixty calls, each of which fails once: the repetitions are paced like the rest.
#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_27_repetitions_keep_to_the_windows(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
) {
    let world = small(tool);
    let _account = world.account().await;
    let on = Match::operation(tool.operation(Kind::Update)).times(60);
    world.fault(on, status(503, &[]));
    let ids = (0..60).map(|number| world.seed(&tool.nth_key(number)));
    let exports = ids.enumerate().map(|(number, id)| world.profile(number).remote_id(id));
    let runs = exports.map(|export| world.export(vec![export]));
    let done = join_all(runs).await;
    assert!(done.iter().all(|done| done.all("updated")));
    assert_eq!(world.calls_to(Kind::Update), 120);
    assert_eq!(world.controls().log.refused(), 0);
}

/// A run that is dropped, at whatever moment, leaves its places to the next.
#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_29_a_run_that_is_dropped_holds_nothing(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
) {
    for moment in (0..40).map(|step| Duration::from_millis(50 * step)) {
        let world =
            World::with(tool, Setup { latency: Duration::from_millis(200), oauth: true, ..Setup::default() });
        let account = world.account().await;
        let destination = world.destination().await;
        let exports = (0..40).map(|number| world.profile(number).group("VIP")).collect();
        let run = Done::of(&destination, exports, Run::default());
        let dropped = world.clock.timeout(moment, run).await;
        assert_eq!(account.limits_left().in_flight, 0, "after {moment:?}");
        // What was under way is forgotten here, not there: the search shows it in a while.
        if dropped.is_err() {
            world.wait(15).await;
        }
        let exports = (0..40).map(|number| world.profile(number).group("VIP")).collect();
        let run = Done::of(&destination, exports, Run::default());
        let done = world.clock.timeout(Duration::from_secs(120), run).await;
        let done = done.unwrap_or_else(|_| panic!("stuck after a run dropped at {moment:?}"));
        assert!(done.outcomes.iter().all(|outcomed| outcomed.outcome.is_done()));
        assert_eq!(world.records().len(), 40, "dropped at {moment:?}");
        assert!(world.records().iter().all(|record| record.groups.contains("VIP")));
    }
}

/// Under 20 requests in 2 seconds 300 updates take 30, and not one is refused.
#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_43_updates_are_paced_before_the_tool_says_so(
    #[values(Tool::Persons, Tool::Organizations)] tool: Tool,
    #[values(0, 120, 900)] latency: u64,
) {
    let world = World::with(
        tool,
        Setup { plan: Plan::Lite, latency: Duration::from_millis(latency), ..Setup::default() },
    );
    let ids: Vec<String> = (0..300).map(|number| world.seed(&tool.nth_key(number))).collect();
    let destination = world.destination().await;
    destination.mapping_schema().await.unwrap();
    world.wait(5).await;
    world.controls().log.reset();
    let update = |(number, id): (usize, &String)| {
        let key = tool.nth_key(number);
        world.profile(number).old_property(tool.key(), key).remote_id(id.as_str())
    };
    let exports = ids.iter().enumerate().map(update).collect();
    let done = Done::of(&destination, exports, Run::default()).await;
    assert!(done.all("updated"));
    assert_eq!(world.controls().log.calls(), 300);
    assert_eq!(world.controls().log.refused(), 0);
    let seconds = done.report.elapsed.as_secs_f64();
    assert!((28.5..31.5).contains(&seconds), "{seconds} s");
}

/// 250 runs of one lead each, all at once, under 100 calls in 20 seconds and 10 at a time.
#[tokio::test(start_paused = true)]
async fn lesson_43_runs_side_by_side_are_paced_together() {
    let world = World::new(Tool::Leads);
    let _account = world.account().await;
    let began = world.clock.elapsed();
    let runs = (0..250).map(|number| world.export(vec![world.profile(number)]));
    for done in join_all(runs).await {
        assert_eq!(done.names(), ["created"]);
    }
    assert_eq!(world.calls_to(Kind::Create), 250);
    assert_eq!(world.controls().log.refused(), 0);
    let seconds = (world.clock.elapsed() - began).as_secs();
    assert!((40..45).contains(&seconds), "{seconds} s");
}

/// Somebody else spends the same limits: refused calls wait, all of them, and no storm of
/// repetitions follows.
#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_43_refusals_hold_every_caller_back(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
) {
    let world = small(tool);
    let other = world.another_process();
    let size = if tool == Tool::Leads { 1 } else { 60 };
    let runs = |host: &World, first: usize| {
        let host_runs = (0..60 / size).map(move |run| {
            let start = first + run * size;
            (start..start + size).collect::<Vec<_>>()
        });
        let exports = host_runs.map(|numbers| {
            let exports = numbers.into_iter();
            let exports = exports.map(|number| host.profile(number).known_new().property(NICKNAME, "x"));
            exports.collect::<Vec<_>>()
        });
        exports.collect::<Vec<_>>()
    };
    let (_one, _two) = (world.account().await, other.account().await);
    let (first, second) = (runs(&world, 0), runs(&other, 60));
    let first = join_all(first.into_iter().map(|exports| world.export(exports)));
    let second = join_all(second.into_iter().map(|exports| other.export(exports)));
    let (first, second) = futures::join!(first, second);
    assert!(first.iter().chain(&second).all(|done| done.all("created")));
    assert_eq!(world.records().len(), 120);
    let refused = world.controls().log.refused();
    assert!(refused < 60, "{refused} of 120 calls were refused");
}
