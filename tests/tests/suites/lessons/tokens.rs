//! Access tokens: refreshed once, replayed whole, and never asked for without end.

use std::collections::BTreeSet;

use outflow_sandbox::{FaultAction, Match};
use rstest::rstest;

use crate::world::{Kind, Setup, ShortLived, Tool, World, credentials};

fn with_tokens(tool: Tool) -> World {
    let setup = Setup { oauth: true, capture: true, ..Setup::default() };
    World::with(tool, setup)
}

fn calls_for_tokens(world: &World) -> u64 {
    let log = &world.controls().log;
    log.calls_to("get token") + log.calls_to("refresh token")
}

/// The request goes out again as it was, with the new token and no other.
#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_22_and_23_a_replay_is_the_request_with_one_new_token(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
) {
    let world = with_tokens(tool);
    world.fault_on(Kind::Create, FaultAction::ExpireToken);
    let done = world.export(vec![world.profile(0).known_new()]).await;
    assert_eq!(done.names(), ["created"]);
    assert_eq!(world.records().len(), 1);
    let calls = world.exchanges(tool.operation(Kind::Create));
    let [first, replay] = &calls[..] else {
        panic!("{} calls", calls.len());
    };
    assert!(!first.request_body.is_empty());
    assert_eq!(first.request_body, replay.request_body);
    assert_eq!((&first.method, &first.path, &first.query), (&replay.method, &replay.path, &replay.query));
    for exchange in world.controls().log.exchanges() {
        let is_for_token = exchange.operation == "get token";
        let expected = usize::from(!is_for_token);
        assert_eq!(credentials(&exchange.request_headers).len(), expected, "{}", exchange.operation);
    }
    assert_ne!(credentials(&first.request_headers), credentials(&replay.request_headers));
    assert_eq!(calls_for_tokens(&world), 2);
}

/// Many calls are refused with one token: one of them fetches the next.
#[rstest]
#[case(Tool::Leads, 3_000, 10)]
#[case(Tool::Persons, 60, 60)]
#[case(Tool::Organizations, 60, 60)]
#[tokio::test(start_paused = true)]
async fn lesson_24_callers_who_are_refused_together_fetch_one_token(
    #[case] tool: Tool,
    #[case] profiles: usize,
    #[case] calls: u64,
) {
    let world = with_tokens(tool);
    let on = Match::operation(tool.operation(Kind::Create)).nth(3);
    world.fault(on, FaultAction::ExpireToken);
    let exports = (0..profiles).map(|number| world.profile(number).known_new());
    let done = world.export(exports.collect()).await;
    assert!(done.all("created"));
    assert_eq!(world.records().len(), profiles);
    assert_eq!(calls_for_tokens(&world), 2);
    assert!(world.calls_to(Kind::Create) > calls, "those refused were replayed");
    let tokens: BTreeSet<_> = world
        .exchanges(tool.operation(Kind::Create))
        .iter()
        .map(|exchange| credentials(&exchange.request_headers))
        .collect();
    assert_eq!(tokens.len(), 2);
}

/// Marketo hands out the same token until it is dead, down to 0 seconds of life.
#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_24_tokens_that_hardly_live_are_enough(#[values(1, 2, 4, 5, 6, 7, 20)] seconds: u64) {
    let world = with_tokens(Tool::Leads);
    let lifetime = std::time::Duration::from_secs(seconds);
    world.marketo().set_token_lifetime(lifetime);
    let destination = world.destination().await;
    for number in 0..5 {
        let exports = vec![world.profile(number)];
        let done = crate::world::Done::of(&destination, exports, Default::default()).await;
        assert_eq!(done.names(), ["created"], "{:?}", done.report.stopped);
        world.wait(number as u64).await;
    }
    // One for each call at the least, and each waited out a few times at the most.
    assert!(calls_for_tokens(&world) <= 4 * 6, "{}", calls_for_tokens(&world));
}

/// A tool that says 0 for ever is asked a few times for each call, and no more.
#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_24_a_life_of_0_seconds_is_no_loop(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
    #[values(0, 1, 5)] seconds: u64,
) {
    let world = with_tokens(tool);
    let inner = world.transport();
    let short = world.over(ShortLived { inner, seconds });
    let done = short.export((0..3).map(|number| world.profile(number).known_new()).collect()).await;
    assert!(done.all("created"), "the tokens were good: {:?}", done.report.stopped);
    let (tokens, calls) = (calls_for_tokens(&world), world.controls().log.calls());
    assert!(tokens <= 3 * calls, "{tokens} tokens for {calls} calls");
}

/// Tokens that are dead when they arrive are wrong credentials, told soon.
#[tokio::test(start_paused = true)]
async fn lesson_24_dead_tokens_stop_the_destination() {
    let world = with_tokens(Tool::Leads);
    world.marketo().set_token_lifetime(std::time::Duration::ZERO);
    let done = world.export((0..3).map(|number| world.profile(number)).collect()).await;
    assert!(done.all("retry"));
    assert!(done.report.stopped.is_some());
    assert!(calls_for_tokens(&world) <= 10, "{}", calls_for_tokens(&world));
    assert!(world.records().is_empty());
}
