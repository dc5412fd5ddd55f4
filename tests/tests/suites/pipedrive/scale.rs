//! A large company.

use std::time::Instant;

use outflow_pipedrive::sandbox::Entity;
use outflow_sandbox::Sandbox;
use outflow_tests::say;
use serde_json::json;

use super::client::Client;

const PERSONS: u64 = 100_000;

/// As little of a page as is needed: this is to measure the sandbox, not its caller.
#[derive(serde::Deserialize)]
struct Page {
    data: Vec<serde::de::IgnoredAny>,
    additional_data: More,
}

#[derive(serde::Deserialize)]
struct More {
    next_cursor: Option<String>,
}

#[tokio::test]
async fn a_hundred_thousand_persons_are_scanned_searched_and_changed() {
    let client = Client::new();
    let started = Instant::now();
    client.sandbox.add_many_persons(PERSONS);
    let seeded = started.elapsed();

    let code = client.sandbox.field_code(Entity::Person, "text_field").unwrap();
    let list = format!("/api/v2/persons?limit=500&custom_fields={code}");
    let (mut seen, mut path) = (0, list.clone());
    let started = Instant::now();
    loop {
        let page: Page = serde_json::from_slice(&client.text(&path).await).unwrap();
        seen += page.data.len();
        match page.additional_data.next_cursor {
            Some(cursor) => path = format!("{list}&cursor={cursor}"),
            None => break,
        }
    }
    let scanned = started.elapsed();
    assert_eq!(seen as u64, PERSONS);
    assert_eq!(client.sandbox.controls().log.cost(), 2_000);

    let started = Instant::now();
    for id in (1..=PERSONS).step_by(100) {
        let email = format!("PERSON-{id}@example.com");
        let found =
            client.get(&format!("/api/v2/persons/search?term={email}&fields=email&exact_match=true")).await;
        assert_eq!(found.found(), [id]);
    }
    let searched = started.elapsed();

    let started = Instant::now();
    for id in (1..=PERSONS).step_by(100) {
        let changed = client.patch(&format!("/api/v2/persons/{id}"), json!({ "name": "Changed" })).await;
        assert_eq!(changed.status, 200);
    }
    let changed = started.elapsed();
    assert_eq!(client.sandbox.count(Entity::Person) as u64, PERSONS);
    say(&format!(
        "\nPipedrive sandbox with {PERSONS} persons: seeded in {seeded:.0?}, scanned in {scanned:.0?}, \
         1,000 exact searches in {searched:.0?}, 1,000 changes in {changed:.0?}"
    ));
}
