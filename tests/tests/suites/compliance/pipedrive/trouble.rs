//! Trouble: limits that are reached, and a network that fails.

use std::collections::BTreeMap;

use outflow_core::Run;
use outflow_pipedrive::sandbox::Plan;
use outflow_sandbox::FaultAction;
use serde_json::json;

use super::host::{PERSONS, on_plan, person, pipedrive};
use crate::compliance::host::Minutes;
use crate::compliance::scenario::scenarios;

scenarios![
    another_program_takes_the_calls,
    the_budget_of_the_day_is_spent,
    whatever_fails_is_repeated,
    a_shut_out_account_is_left_alone,
];

async fn another_program_takes_the_calls() -> Minutes {
    let host = on_plan(Plan::Lite, 1).await;
    let other = host.another().await;
    let destinations = [&host, &other].map(|host| host.destination(PERSONS, &json!({})));
    let people = |from: u64| (from..from + 60).map(|n| person(n).known_new()).collect::<Vec<_>>();
    let (ours, theirs) = tokio::join!(
        destinations[0].export_all(people(0), Run::default()),
        destinations[1].export_all(people(1_000), Run::default()),
    );
    assert_eq!((ours.0.outcomes.created, theirs.0.outcomes.created), (60, 60));
    assert!(host.controls().log.refused() > 0, "429");
    other.close();
    host.minutes()
}

async fn the_budget_of_the_day_is_spent() -> Minutes {
    let host = on_plan(Plan::Lite, 1).await;
    assert_eq!(host.persons(vec![person(1).known_new()]).await, ["created"]);
    host.tool.spend_tokens(30_000);
    let told = host.persons(vec![person(2).known_new()]).await;
    assert_eq!(told, ["retry daily_budget"]);
    host.minutes()
}

async fn whatever_fails_is_repeated() -> Minutes {
    let host = pipedrive().await;
    let first = host.tool.add_many_persons(8);
    let faults = [
        FaultAction::Status { status: 502, body: String::new(), headers: BTreeMap::new() },
        FaultAction::Html { status: 503 },
        FaultAction::Reset,
        FaultAction::ResetAfter,
        FaultAction::TimeoutAfter,
        FaultAction::Delay { ms: 5_000 },
    ];
    for (number, fault) in (1..).zip(faults) {
        host.fault("update person", fault);
        let export = person(number).property("Name", "Renamed").remote_id(first + number - 1);
        assert_eq!(host.persons(vec![export]).await, ["updated"]);
    }
    host.fault("list persons", FaultAction::Truncated);
    assert_eq!(host.persons(vec![person(7)]).await, ["updated"]);
    host.minutes()
}

async fn a_shut_out_account_is_left_alone() -> Minutes {
    let host = pipedrive().await;
    host.fault("create person", FaultAction::Html { status: 403 });
    let told = host.persons(vec![person(1).known_new()]).await;
    assert_eq!(told, ["retry blocked"]);
    host.minutes()
}
