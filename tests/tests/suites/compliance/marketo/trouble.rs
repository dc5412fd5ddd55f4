//! Trouble: tokens that end, limits that are reached, and a network that fails.

use std::collections::BTreeMap;
use std::time::Duration;

use outflow_core::Run;
use outflow_sandbox::{FaultAction, Match};
use serde_json::json;

use super::host::{CONNECTION, Marketo, marketo, person, with_latency};
use crate::compliance::scenario::scenarios;
use crate::compliance::world::Minutes;

scenarios![
    a_token_that_ends_is_asked_for_again,
    an_ambiguous_lead_is_rejected,
    another_program_takes_the_calls,
    another_program_takes_the_places,
    the_budget_of_the_day_is_spent,
    whatever_fails_is_repeated,
    fault_scripts_word_their_errors,
];

async fn a_token_that_ends_is_asked_for_again() -> Minutes {
    let world = marketo().await;
    assert_eq!(world.sync(vec![person(0)]).await, ["created"]);
    world.tool.expire_token();
    assert_eq!(world.sync(vec![person(1)]).await, ["created"]);
    world.tool.revoke_token();
    assert_eq!(world.sync(vec![person(2)]).await, ["created"]);
    world.fault("sync leads", FaultAction::ExpireToken);
    assert_eq!(world.sync(vec![person(3)]).await, ["created"]);
    world.minutes()
}

async fn an_ambiguous_lead_is_rejected() -> Minutes {
    let world = marketo().await;
    world.seed_people([0, 0]);
    assert_eq!(
        world.sync(vec![person(0), person(1)]).await,
        ["rejected 1007", "created"]
    );
    world.minutes()
}

/// Single profiles, each in a run of its own, so that each takes a call.
async fn one_by_one(world: &Marketo, numbers: std::ops::Range<usize>) {
    let destination = world.destination(CONNECTION, &json!({}));
    for n in numbers {
        let (report, _) = world.export(&destination, Run::default(), vec![person(n)]).await;
        assert_eq!(report.outcomes.created, 1);
    }
}

async fn another_program_takes_the_calls() -> Minutes {
    let world = marketo().await;
    let other = world.another().await;
    one_by_one(&other, 0..60).await;
    one_by_one(&world, 100..160).await;
    assert!(world.controls().log.refusals().contains_key("rate"), "606");
    other.close();
    world.minutes()
}

async fn another_program_takes_the_places() -> Minutes {
    let world = with_latency(Duration::from_secs(1)).await;
    let other = world.another().await;
    let destinations = [&world, &other].map(|host| host.destination(CONNECTION, &json!({})));
    let people = |from: usize| (from..from + 3_000).map(person).collect::<Vec<_>>();
    let (ours, theirs) = tokio::join!(
        destinations[0].export_all(people(0), Run::default()),
        destinations[1].export_all(people(10_000), Run::default()),
    );
    assert_eq!(
        (ours.0.outcomes.created, theirs.0.outcomes.created),
        (3_000, 3_000)
    );
    assert!(world.controls().log.refusals().contains_key("in_flight"), "615");
    other.close();
    world.minutes()
}

async fn the_budget_of_the_day_is_spent() -> Minutes {
    let world = marketo().await;
    assert_eq!(world.sync(vec![person(0)]).await, ["created"]);
    world.tool.gate().spend(50_000);
    assert_eq!(world.sync(vec![person(1)]).await, ["retry 607"]);
    world.minutes()
}

async fn whatever_fails_is_repeated() -> Minutes {
    let world = marketo().await;
    let status = |status| FaultAction::Status {
        status,
        body: String::new(),
        headers: BTreeMap::new(),
    };
    let faults = [
        status(502),
        FaultAction::Html { status: 503 },
        FaultAction::Reset,
        FaultAction::ResetAfter,
        FaultAction::TimeoutAfter,
        FaultAction::Truncated,
        FaultAction::Delay { ms: 5_000 },
    ];
    for (n, fault) in faults.into_iter().enumerate() {
        world.fault("sync leads", fault);
        let told = world.sync(vec![person(n)]).await;
        assert!(
            ["created", "updated"].contains(&told[0].as_str()),
            "{n}: {told:?}"
        );
    }
    world.minutes()
}

async fn fault_scripts_word_their_errors() -> Minutes {
    let world = marketo().await;
    let error = |code: &str| FaultAction::ErrorCode {
        code: code.to_owned(),
        message: String::new(),
    };
    for (n, code) in ["604", "606", "611", "615", "713"].into_iter().enumerate() {
        world.fault("sync leads", error(code));
        assert_eq!(world.sync(vec![person(n)]).await, ["created"], "{code}");
    }
    world.fault_on(Match::operation("create static list").always(), error("603"));
    assert_eq!(world.sync(vec![person(9).group("New")]).await, ["retry 603"]);
    world.minutes()
}
