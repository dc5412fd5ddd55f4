//! Pipedrive: version 2 of its API, and version 1 for what only that has, in OpenAPI 3.0.

mod account;
mod by_hand;
mod contacts;
mod excuses;
mod groups;
mod host;
mod lookups;
mod recorded;
mod records;
mod trouble;
mod values;

use std::path::Path;

use outflow_tests::material_for;

use self::excuses::EXCUSES;
use super::excuse::Ground;
use super::heard::Heard;
use super::judge::{Judge, read};
use super::scenario::Scenario;
use super::tally::{Tally, not_needed};

const SCENARIOS: [&[(&str, Scenario)]; 7] =
    [account::ALL, contacts::ALL, groups::ALL, lookups::ALL, records::ALL, trouble::ALL, values::ALL];

fn judge(folder: &Path) -> Judge {
    let v2 = read(folder, "pipedrive-v2.json", &["/api/v2"]);
    // Recordings of v1 show 201 for creates, where the specification has 200.
    let v1 = read(folder, "pipedrive-v1.json", &["/api/v1", "/v1"])
        .also_answers("POST", "/filters", 201)
        .also_answers("POST", "/personFields", 201)
        .also_answers("POST", "/organizationFields", 201);
    Judge {
        specs: vec![("v2", v2), ("v1", v1)],
        excuses: EXCUSES,
        is_refusal: |heard| heard.status.is_some_and(|status| (400..500).contains(&status)),
    }
}

/// What a call takes from the day's budget, by the specification.
fn price(judge: &Judge, heard: &Heard) -> Option<u64> {
    let (_, spec) = judge.spec_of(heard)?;
    spec.extension(&heard.method, &heard.path, "x-token-cost")?.as_u64()
}

fn is_token_call(heard: &Heard) -> bool {
    heard.path == "/oauth/token"
}

#[tokio::test(start_paused = true)]
async fn the_plugin_and_its_sandbox_agree_with_the_specifications() {
    let Some(folder) = material_for("the Pipedrive plugin against the official specifications") else {
        return;
    };
    let judge = judge(&folder);
    let mut tally = Tally::new(&judge);
    for (name, scenario) in SCENARIOS.into_iter().flatten() {
        for exchange in &scenario().await.exchanges {
            tally.add(name, &exchange.into());
        }
    }
    tally.tell("Pipedrive plugin");
    assert_eq!(tally.unexplained(), [""; 0]);
    assert!(tally.unspecified().is_empty(), "the plugin calls what nobody specifies");
    let operations: Vec<&str> = tally.operations().into_iter().collect();
    assert_eq!(operations, OPERATIONS, "each call of the plugin was made");
    let by_hand = by_hand(&judge).await;
    let needed = &tally.needed() | &by_hand.needed();
    assert_eq!(not_needed(EXCUSES, &needed, |_| true), [""; 0], "excuses that nothing needs");
}

/// The sandbox alone, whose costs are the specified ones, too.
async fn by_hand(judge: &Judge) -> Tally<'_> {
    let mut tally = Tally::new(judge);
    let mut costs = Vec::new();
    for (name, heard, cost) in by_hand::all().await {
        tally.add(name, &heard);
        // What is not let in costs nothing.
        let is_let_in = heard.status.is_none_or(|status| ![401, 403, 429].contains(&status));
        match price(judge, &heard).filter(|_| is_let_in) {
            Some(price) if price != cost => {
                costs.push(format!("{name}: {}: {cost}, not {price}", heard.name()));
            }
            _ => {}
        }
    }
    tally.tell("Pipedrive sandbox, asked by hand,");
    assert_eq!(tally.unexplained(), [""; 0]);
    assert_eq!(costs, [""; 0], "tokens taken");
    tally
}

/// Every operation that the plugin has.
const OPERATIONS: [&str; 23] = [
    "v1 GET /filters",
    "v1 GET /organizationFields",
    "v1 GET /personFields",
    "v1 GET /users/me",
    "v1 POST /filters",
    "v1 POST /oauth/token/",
    "v2 DELETE /organizations/{id}",
    "v2 DELETE /persons/{id}",
    "v2 GET /organizationFields",
    "v2 GET /organizations",
    "v2 GET /organizations/search",
    "v2 GET /personFields",
    "v2 GET /persons",
    "v2 GET /persons/search",
    "v2 GET /persons/{id}",
    "v2 PATCH /organizations/{id}",
    "v2 PATCH /persons/{id}",
    "v2 POST /organizationFields",
    "v2 POST /organizationFields/{field_code}/options",
    "v2 POST /organizations",
    "v2 POST /personFields",
    "v2 POST /personFields/{field_code}/options",
    "v2 POST /persons",
];

#[tokio::test(start_paused = true)]
async fn reports_count_every_call_at_its_specified_cost() {
    let Some(folder) = material_for("the Pipedrive plugin's costs against the official specifications")
    else {
        return;
    };
    let judge = judge(&folder);
    let mut bills = 0;
    for (name, scenario) in SCENARIOS.into_iter().flatten() {
        let minutes = scenario().await;
        for bill in &minutes.bills {
            let exchanges = minutes.exchanges[bill.exchanges.clone()].iter().map(Heard::from);
            let counted: Vec<Heard> = exchanges.filter(|heard| !is_token_call(heard)).collect();
            let cost: u64 = counted.iter().map(|heard| price(&judge, heard).unwrap()).sum();
            let told = (bill.calls.total, bill.calls.cost);
            assert_eq!(told, (counted.len() as u64, cost), "{name}: {bill:?}");
            bills += 1;
        }
    }
    outflow_tests::say(&format!(
        "\nPipedrive plugin: the cost of {bills} runs is the sum of the specified costs of their calls."
    ));
}

#[test]
fn what_is_excused_as_recorded_is_in_the_recordings() {
    let Some(folder) = material_for("the excuses of Pipedrive against its recordings") else {
        return;
    };
    let judge = judge(&folder);
    let mut tally = Tally::new(&judge);
    for (name, heard) in recorded::all(&folder) {
        tally.add(&name, &heard);
    }
    tally.tell("Recordings of Pipedrive");
    assert_eq!(tally.unexplained(), [""; 0]);
    let missing = not_needed(EXCUSES, &tally.needed(), |ground| ground == Ground::Recorded);
    assert_eq!(missing, [""; 0]);
}
