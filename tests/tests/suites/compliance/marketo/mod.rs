//! Marketo: three specifications in Swagger 2.0, for leads, assets and identity.

mod account;
mod answers;
mod by_hand;
mod excuses;
mod groups;
mod host;
mod leads;
mod recorded;
mod trouble;
mod values;

use std::path::Path;

use outflow_tests::material_for;

use self::excuses::EXCUSES;
use super::excuse::Ground;
use super::heard::{Heard, Sent};
use super::host::{Bill, Minutes};
use super::judge::{Judge, read};
use super::scenario::Scenario;
use super::tally::{Tally, not_needed};

const SCENARIOS: [&[(&str, Scenario)]; 5] =
    [account::ALL, groups::ALL, leads::ALL, trouble::ALL, values::ALL];

fn judge(folder: &Path) -> Judge {
    let specs = [
        ("leads", "marketo-mapi.json"),
        ("assets", "marketo-asset.json"),
        ("identity", "marketo-identity.json"),
    ];
    Judge {
        specs: specs.map(|(name, file)| (name, read(folder, file, &[]))).into(),
        excuses: EXCUSES,
        is_refusal: |heard| !is_success(heard),
    }
}

/// A refused call is answered with HTTP 200 too, but for the web server's own and the
/// identity service's.
fn is_success(heard: &Heard) -> bool {
    let says = heard.answer.as_ref().and_then(|answer| answer["success"].as_bool());
    says.unwrap_or(heard.status == Some(200))
}

/// An exchange as it is meant: a POST may name another method, and carry the query of it
/// as a form, since a URL holds 8 KB.
fn meant(mut heard: Heard) -> Heard {
    let named = |(name, _): &(String, String)| name == "_method";
    let in_query = heard.query.iter().position(named);
    let method = match (&mut heard.body, in_query) {
        (_, Some(place)) => Some(heard.query.remove(place).1),
        (Sent::Form(form), None) => form.iter().position(named).map(|place| form.remove(place).1),
        _ => None,
    };
    if let Some(method) = method {
        heard.method = method;
        heard.reading =
            Some("as the method that `_method` names, their form as its query (documented, recorded)");
        if let Sent::Form(form) = &mut heard.body {
            heard.query.append(form);
            heard.body = Sent::Nothing;
        }
    }
    heard
}

fn is_token_call(heard: &Heard) -> bool {
    heard.path == "/identity/oauth/token"
}

/// Each call takes one of the day's budget, but those for a token.
fn cost_of(bill: &Bill, minutes: &Minutes) -> (u64, u64) {
    let exchanges = minutes.exchanges[bill.exchanges.clone()].iter().map(Heard::from);
    let counted = exchanges.filter(|heard| !is_token_call(heard)).count() as u64;
    (counted, counted)
}

#[tokio::test(start_paused = true)]
async fn the_plugin_and_its_sandbox_agree_with_the_specifications() {
    let Some(folder) = material_for("the Marketo plugin against the official specifications") else {
        return;
    };
    let judge = judge(&folder);
    let mut tally = Tally::new(&judge);
    for (name, scenario) in SCENARIOS.into_iter().flatten() {
        for exchange in &scenario().await.exchanges {
            tally.add(name, &meant(exchange.into()));
        }
    }
    tally.tell("Marketo plugin");
    assert_eq!(tally.unexplained(), [""; 0]);
    assert!(tally.unspecified().is_empty(), "the plugin calls what nobody specifies");
    let operations: Vec<&str> = tally.operations().into_iter().collect();
    assert_eq!(operations, OPERATIONS, "each call of the plugin was made");
    let mut by_hand = Tally::new(&judge);
    for (name, heard) in by_hand::all().await {
        by_hand.add(name, &meant(heard));
    }
    by_hand.tell("Marketo sandbox, asked by hand,");
    assert_eq!(by_hand.unexplained(), [""; 0]);
    let needed = &tally.needed() | &by_hand.needed();
    assert_eq!(not_needed(EXCUSES, &needed, |_| true), [""; 0], "excuses that nothing needs");
}

/// Every operation that the plugin has.
const OPERATIONS: [&str; 12] = [
    "assets GET /rest/asset/v1/folder/byName.json",
    "assets GET /rest/asset/v1/staticList/byName.json",
    "assets POST /rest/asset/v1/staticLists.json",
    "identity POST /identity/oauth/token",
    "leads DELETE /rest/v1/lists/{listId}/leads.json",
    "leads GET /rest/v1/leads.json",
    "leads GET /rest/v1/leads/describe2.json",
    "leads GET /rest/v1/lists.json",
    "leads GET /rest/v1/stats/usage.json",
    "leads POST /rest/v1/leads.json",
    "leads POST /rest/v1/leads/delete.json",
    "leads POST /rest/v1/lists/{listId}/leads.json",
];

#[tokio::test(start_paused = true)]
async fn reports_count_every_call() {
    for (name, scenario) in SCENARIOS.into_iter().flatten() {
        let minutes = scenario().await;
        for bill in &minutes.bills {
            let told = (bill.calls.total, bill.calls.cost);
            assert_eq!(told, cost_of(bill, &minutes), "{name}: {bill:?}");
        }
    }
}

#[test]
fn what_is_excused_as_recorded_is_in_the_recordings() {
    let Some(folder) = material_for("the excuses of Marketo against its recordings") else {
        return;
    };
    let judge = judge(&folder);
    let mut tally = Tally::new(&judge);
    for (name, heard) in recorded::all(&folder) {
        tally.add(&name, &heard);
    }
    tally.tell("Recordings of Marketo");
    assert_eq!(tally.unexplained(), [""; 0]);
    let missing = not_needed(EXCUSES, &tally.needed(), |ground| ground == Ground::Recorded);
    assert_eq!(missing, [""; 0]);
}
