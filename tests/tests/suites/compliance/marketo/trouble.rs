//! Trouble: tokens that end, limits that are reached, and a network that fails.

use std::collections::BTreeMap;
use std::time::Duration;

use outflow_core::Run;
use outflow_sandbox::{FaultAction, Match};
use serde_json::json;

use super::host::{CONNECTION, Marketo, marketo, person, with_latency};
use crate::compliance::host::Minutes;
use crate::compliance::scenario::scenarios;

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
    let host = marketo().await;
    assert_eq!(host.sync(vec![person(0)]).await, ["created"]);
    host.tool.expire_token();
    assert_eq!(host.sync(vec![person(1)]).await, ["created"]);
    host.tool.revoke_token();
    assert_eq!(host.sync(vec![person(2)]).await, ["created"]);
    host.fault("sync leads", FaultAction::ExpireToken);
    assert_eq!(host.sync(vec![person(3)]).await, ["created"]);
    host.minutes()
}

async fn an_ambiguous_lead_is_rejected() -> Minutes {
    let host = marketo().await;
    host.seed_people([0, 0]);
    assert_eq!(host.sync(vec![person(0), person(1)]).await, ["rejected 1007", "created"]);
    host.minutes()
}

/// Single profiles, each in a run of its own, so that each takes a call.
async fn one_by_one(host: &Marketo, numbers: std::ops::Range<usize>) {
    let destination = host.destination(CONNECTION, &json!({}));
    for n in numbers {
        let (report, _) = host.export(&destination, Run::default(), vec![person(n)]).await;
        assert_eq!(report.outcomes.created, 1);
    }
}

async fn another_program_takes_the_calls() -> Minutes {
    let host = marketo().await;
    let other = host.another().await;
    one_by_one(&other, 0..60).await;
    one_by_one(&host, 100..160).await;
    assert!(host.controls().log.refusals().contains_key("rate"), "606");
    other.close();
    host.minutes()
}

async fn another_program_takes_the_places() -> Minutes {
    let host = with_latency(Duration::from_secs(1)).await;
    let other = host.another().await;
    let destinations = [&host, &other].map(|host| host.destination(CONNECTION, &json!({})));
    let people = |from: usize| (from..from + 3_000).map(person).collect::<Vec<_>>();
    let (ours, theirs) = tokio::join!(
        destinations[0].export_all(people(0), Run::default()),
        destinations[1].export_all(people(10_000), Run::default()),
    );
    assert_eq!((ours.0.outcomes.created, theirs.0.outcomes.created), (3_000, 3_000));
    assert!(host.controls().log.refusals().contains_key("in_flight"), "615");
    other.close();
    host.minutes()
}

async fn the_budget_of_the_day_is_spent() -> Minutes {
    let host = marketo().await;
    assert_eq!(host.sync(vec![person(0)]).await, ["created"]);
    host.tool.gate().spend(50_000);
    assert_eq!(host.sync(vec![person(1)]).await, ["retry 607"]);
    host.minutes()
}

async fn whatever_fails_is_repeated() -> Minutes {
    let host = marketo().await;
    let status = |status| FaultAction::Status { status, body: String::new(), headers: BTreeMap::new() };
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
        host.fault("sync leads", fault);
        let told = host.sync(vec![person(n)]).await;
        assert!(["created", "updated"].contains(&told[0].as_str()), "{n}: {told:?}");
    }
    host.minutes()
}

async fn fault_scripts_word_their_errors() -> Minutes {
    let host = marketo().await;
    let error = |code: &str| FaultAction::ErrorCode { code: code.to_owned(), message: String::new() };
    for (n, code) in ["604", "606", "611", "615", "713"].into_iter().enumerate() {
        host.fault("sync leads", error(code));
        assert_eq!(host.sync(vec![person(n)]).await, ["created"], "{code}");
    }
    host.fault_on(Match::operation("create static list").always(), error("603"));
    assert_eq!(host.sync(vec![person(9).group("New")]).await, ["retry 603"]);
    host.minutes()
}
