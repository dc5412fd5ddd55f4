//! Lists: pages, order and conditions.

use outflow_pipedrive::sandbox::Entity;
use serde_json::{Value, json};

use super::client::Client;
use super::scenario::scenarios;

scenarios![
    pages_hold_what_fits_and_end,
    a_page_can_be_sorted_in_either_direction,
    ids_that_are_missing_are_left_out,
    changes_can_be_listed,
    owners_are_told_apart,
    values_are_shown_as_asked,
    wrong_parameters_are_refused,
];

/// All ids of a list, and in how many pages they came.
async fn all(client: &Client, path: &str) -> (Vec<u64>, usize) {
    let (mut ids, mut pages, mut cursor) = (Vec::new(), 0, None::<String>);
    loop {
        let page = match &cursor {
            Some(cursor) => client.get(&format!("{path}&cursor={cursor}")).await,
            None => client.get(path).await,
        };
        ids.extend(page.ids());
        pages += 1;
        match page.next_cursor() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return (ids, pages),
        }
    }
}

async fn pages_hold_what_fits_and_end() -> Client {
    let client = Client::new();
    for (count, more, pages) in [(0, 0, 1), (499, 499, 1), (500, 1, 1), (501, 1, 2), (1_001, 500, 3)] {
        client.sandbox.add_many_persons(more);
        let (ids, seen) = all(&client, "/api/v2/persons?limit=500").await;
        assert_eq!(ids, (1..=count).collect::<Vec<_>>());
        assert_eq!(seen, pages, "{count}");
    }
    let default = client.get("/api/v2/persons").await;
    assert_eq!(default.ids().len(), 100);
    assert!(default.next_cursor().is_some());
    client
}

async fn a_page_can_be_sorted_in_either_direction() -> Client {
    let client = Client::new();
    for (name, add_time) in [("B", "2022-01-01"), ("A", "2023-01-01"), ("C", "2021-01-01")] {
        let add_time = format!("{add_time}T00:00:00Z");
        client.sandbox.add_person(&json!({ "name": name, "add_time": add_time })).unwrap();
        client.wait(5).await;
    }
    client.sandbox.change_person(1, &json!({ "name": "Z" })).unwrap();
    for (order, ids) in [("id", [1, 2, 3]), ("add_time", [3, 1, 2]), ("update_time", [2, 3, 1])] {
        let path = format!("/api/v2/persons?limit=1&sort_by={order}&sort_direction=");
        assert_eq!(all(&client, &format!("{path}asc")).await.0, ids, "{order}");
        let mut reversed = ids;
        reversed.reverse();
        assert_eq!(all(&client, &format!("{path}desc")).await.0, reversed, "{order}");
    }
    client
}

async fn ids_that_are_missing_are_left_out() -> Client {
    let client = Client::new();
    client.sandbox.add_many_persons(150);
    client.sandbox.delete_person(3);
    let some = client.get("/api/v2/persons?ids=5,3,999,1,5").await;
    assert_eq!(some.ids(), [1, 5]);
    let list = |end: u64| (1..=end).map(|id| id.to_string()).collect::<Vec<_>>().join(",");
    let hundred = client.get(&format!("/api/v2/persons?ids={}", list(100))).await;
    assert_eq!(hundred.ids().len(), 99);
    let refused = client.get(&format!("/api/v2/persons?ids={}", list(101))).await;
    assert_eq!(refused.status, 400);
    assert!(refused.error().contains("at most 100"));
    let paged = all(&client, &format!("/api/v2/persons?limit=40&ids={}", list(100))).await;
    assert_eq!((paged.0.len(), paged.1), (99, 3));
    client
}

async fn changes_can_be_listed() -> Client {
    let client = Client::new();
    client.sandbox.add_many_persons(3);
    client.wait(100).await;
    client.sandbox.change_person(2, &json!({ "name": "Changed" })).unwrap();
    let changed = client.sandbox.person(2).unwrap()["update_time"].clone();
    let since = changed.as_str().unwrap();
    let path = "/api/v2/persons?";
    assert_eq!(client.get(&format!("{path}updated_since={since}")).await.ids(), [2]);
    assert_eq!(client.get(&format!("{path}updated_until={since}")).await.ids(), [1, 3]);
    let refused = client.get(&format!("{path}updated_since=2025-01-01T10:20:00.123Z")).await;
    assert_eq!(refused.status, 400);
    assert!(refused.error().contains("not a valid datetime"));
    client
}

async fn owners_are_told_apart() -> Client {
    let client = Client::new();
    let users = client.get("/api/v1/users").await;
    let other = users.data()[1]["id"].clone();
    client.sandbox.add_person(&json!({ "name": "Mine" })).unwrap();
    client.sandbox.add_person(&json!({ "name": "Theirs", "owner_id": other })).unwrap();
    let theirs = client.get(&format!("/api/v2/persons?owner_id={other}")).await;
    assert_eq!(theirs.ids(), [2]);
    assert!(client.get("/api/v2/persons?deal_id=1").await.ids().is_empty());
    client
}

async fn values_are_shown_as_asked() -> Client {
    let client = Client::new();
    let code = |name: &str| client.sandbox.field_code(Entity::Person, name).unwrap();
    let (text, one) = (code("text_field"), code("single_option_field"));
    let option = client.sandbox.option_id(Entity::Person, "single_option_field", "Option 2").unwrap();
    let custom = json!({ text.as_str(): "x", one.as_str(): option });
    client.sandbox.add_person(&json!({ "name": "J", "label_ids": [1], "custom_fields": custom })).unwrap();
    let few = client.get(&format!("/api/v2/persons?custom_fields={text}")).await;
    assert_eq!(few.data()[0]["custom_fields"], json!({ text.as_str(): "x" }));
    let labelled = client.get("/api/v2/persons/1?include_option_labels=true&include_labels=true").await;
    assert_eq!(labelled.data()["custom_fields"][&one], json!({ "id": option, "label": "Option 2" }));
    assert_eq!(labelled.data()["labels"], json!([{ "id": 1, "label": "Customer" }]));
    let more = client.get("/api/v2/persons?include_fields=next_activity_id,notes_count").await;
    assert_eq!(more.data()[0]["notes_count"], 0);
    assert_eq!(more.data()[0]["next_activity_id"], Value::Null);
    let keys: Vec<String> = (0..16).map(|number| format!("k{number}")).collect();
    for (count, status) in [(15, 200), (16, 400)] {
        let path = format!("/api/v2/persons?custom_fields={}", keys[..count].join(","));
        assert_eq!(client.get(&path).await.status, status, "{count}");
    }
    client
}

async fn wrong_parameters_are_refused() -> Client {
    let client = Client::new();
    client.sandbox.add_many_persons(3);
    let cursor = client.get("/api/v2/persons?limit=1").await.next_cursor().unwrap().to_owned();
    for query in [
        "limit=0".to_owned(),
        "limit=501".to_owned(),
        "limit=many".to_owned(),
        "sort_by=name".to_owned(),
        "sort_direction=up".to_owned(),
        "ids=1,two".to_owned(),
        "owner_id=me".to_owned(),
        "include_fields=secrets".to_owned(),
        "include_labels=yes".to_owned(),
        "cursor=nonsense".to_owned(),
        format!("cursor={cursor}&sort_by=add_time"),
        "page=2".to_owned(),
    ] {
        let refused = client.get(&format!("/api/v2/persons?{query}")).await;
        assert_eq!(refused.status, 400, "{query}");
        assert_eq!(refused.body["code"], "ERR_SCHEMA_VALIDATION_FAILED", "{query}");
    }
    assert_eq!(client.get("/api/v2/persons?filter_id=99").await.status, 404);
    client
}
