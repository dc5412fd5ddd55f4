//! Every request the plugin sends, judged by the official specifications.

use std::sync::Arc;

use outflow_core::{Account, Clock, Export, Outflow, Run, Value as Property};
use outflow_pipedrive::sandbox::PipedriveSandbox;
use outflow_sandbox::{Exchange, InProcess, Sandbox, SandboxOptions};
use outflow_tests::say;
use serde_json::json;

use super::client::{HOST, Spoken};
use super::specified::{Specs, in_short};

async fn company() -> (Arc<PipedriveSandbox>, Account) {
    let clock = Clock::starting_at("2026-11-20T12:00:00Z".parse().unwrap());
    let options = SandboxOptions {
        clock: clock.clone(),
        capture: true,
        ..SandboxOptions::default()
    };
    let sandbox = Arc::new(PipedriveSandbox::new(options));
    let outflow = Outflow::new()
        .unwrap()
        .with_clock(clock)
        .with_transport(InProcess::new().with(HOST, Arc::clone(&sandbox) as Arc<dyn Sandbox>));
    let account = outflow
        .account("pipedrive", &sandbox.account(HOST))
        .await
        .unwrap();
    (sandbox, account)
}

async fn export(account: &Account, connection: &str, exports: Vec<Export>) {
    let destination = account.destination(connection, &json!({})).unwrap();
    let (report, outcomes) = destination.export_all(exports, Run::default()).await;
    assert!(report.stopped.is_none(), "{report:?}");
    let problems = outcomes.iter().find_map(|outcomed| outcomed.outcome.problem());
    assert_eq!(problems, None);
}

/// A profile with a value in a custom field of every type.
fn of_every_type(export: Export) -> Export {
    let list = |values: &[&str]| Property::from(values.to_vec());
    export
        .property("text_field", "text")
        .property("large_text_field", "a longer text")
        .property("autocomplete_field", "auto")
        .property("numerical_field", 12.5)
        .property("monetary_field", "12.5 EUR")
        .property("single_option_field", "1")
        .property("phone_field", "+49 30 1")
        .property("time_field", "09:30 Europe/Berlin")
        .property("time_range_field", list(&["09:30", "17:00"]))
        .property("date_field", "2026-03-01")
        .property("date_range_field", list(&["2026-03-01", "2026-03-31"]))
        .property("address_field", "Main St 1, Berlin")
}

fn person(number: u64) -> Export {
    Export::new(format!("p{number}"))
        .property("Name", format!("Person {number}"))
        .property("Email", format!("person-{number}@example.com"))
}

/// Everything the plugin can do, once.
async fn everything(sandbox: &PipedriveSandbox, account: &Account) {
    const PERSONS: &str = "pipedrive-persons-export";
    const ORGANIZATIONS: &str = "pipedrive-organizations-export";
    account.test().await.unwrap();
    sandbox.add_many_persons(3_000);
    let option = |field: &str, label: &str| {
        let id = sandbox.option_id(outflow_pipedrive::sandbox::Entity::Person, field, label);
        id.unwrap().to_string()
    };
    // Searched for, scanned, and caught up with.
    let full = of_every_type(person(1))
        .property("single_option_field", option("single_option_field", "Option 1"))
        .property("Phone", "+49 30 2")
        .property("Labels", "Customer")
        .property("Visible to", 3_i64)
        .group("VIP");
    export(account, PERSONS, vec![full]).await;
    export(
        account,
        PERSONS,
        (2..40).chain(5_000..5_003).map(person).collect(),
    )
    .await;
    export(
        account,
        PERSONS,
        vec![person(41).group("VIP").group("New"), person(1).delete()],
    )
    .await;
    // Known by id, with another email, then cleared.
    let moved = person(2)
        .property("Email", "moved@example.com")
        .property("Phone", Property::Null)
        .property("text_field", Property::Null)
        .property("multiple_option_field", Property::Null)
        .property("monetary_field", 3_i64)
        .old_property("Email", "person-2@example.com")
        .old_group("VIP")
        .remote_id(2_u64);
    export(account, PERSONS, vec![moved, person(3).remote_id(3_u64).delete()]).await;

    let organization =
        |number: u64| Export::new(format!("o{number}")).property("Name", format!("Org {number}"));
    let full = organization(1)
        .property("Address", "Main St 1, Berlin")
        .property("Website", "https://acme.example")
        .property("LinkedIn profile", "https://linkedin.com/company/acme")
        .property("Industry", "Finance")
        .property("Annual revenue", 1_000_i64)
        .property("employee_count", 12_i64)
        .group("Partners");
    export(account, ORGANIZATIONS, vec![full, organization(2)]).await;
    let cleared = organization(1)
        .property("Address", Property::Null)
        .property("Industry", Property::Null)
        .property("Labels", Property::Null);
    export(account, ORGANIZATIONS, vec![cleared, organization(2).delete()]).await;
}

fn spoken(sandbox: &PipedriveSandbox, exchange: Exchange) -> Spoken {
    let counts = sandbox.controls().log.operation(exchange.operation);
    Spoken {
        method: exchange.method.to_string(),
        path: exchange.path,
        query: form_urlencoded::parse(exchange.query.as_bytes())
            .into_owned()
            .collect(),
        body: serde_json::from_slice(&exchange.request_body).ok(),
        status: exchange.status.unwrap(),
        answer: serde_json::from_slice(&exchange.response_body).ok(),
        cost: counts.cost / counts.calls,
    }
}

#[tokio::test(start_paused = true)]
async fn every_request_of_the_plugin_agrees_with_the_specifications() {
    let (sandbox, account) = company().await;
    everything(&sandbox, &account).await;
    let Some(specs) = Specs::find("the Pipedrive plugin's requests against the official specifications")
    else {
        return;
    };
    let exchanges = sandbox.controls().log.exchanges();
    let (mut agreeing, mut disagreeing) = (0, Vec::new());
    let mut operations = std::collections::BTreeSet::new();
    for exchange in exchanges {
        operations.insert(exchange.operation);
        let spoken = spoken(&sandbox, exchange);
        let verdict = specs.judge(&spoken);
        let reasons: Vec<String> = verdict
            .disagreements
            .into_iter()
            .filter(|why| !super::specified::is_recorded(&spoken, why))
            .collect();
        if reasons.is_empty() {
            agreeing += 1;
        } else {
            disagreeing.push(format!(
                "{} {}: {}",
                spoken.method,
                spoken.path,
                in_short(&reasons)
            ));
        }
    }
    say(&format!(
        "\nPipedrive plugin and specifications: {agreeing} of {} exchanges of {} operations agree.",
        agreeing + disagreeing.len(),
        operations.len()
    ));
    assert_eq!(disagreeing, Vec::<String>::new());
    assert!(
        operations.len() >= 17,
        "not all that the plugin can do was done: {operations:?}"
    );
}
