//! Persons: their life from creation to purge.

use serde_json::{Value, json};

use super::client::Client;
use super::scenario::scenarios;

scenarios![
    a_person_is_created_read_changed_and_deleted,
    lists_of_contacts_and_labels_are_replaced_whole,
    a_new_person_has_sensible_defaults,
    the_person_of_the_organization_is_linked,
    a_deleted_person_is_shown_until_it_is_purged,
    what_changes_nothing_leaves_the_update_time,
    a_new_person_turns_up_twice_in_lists_of_changes,
];

const DAY: u64 = 24 * 60 * 60;

async fn a_person_is_created_read_changed_and_deleted() -> Client {
    let client = Client::new();
    let created = client
        .post(
            "/api/v2/persons",
            json!({
                "name": "John Doe",
                "emails": [{ "value": "acme@demo.com", "primary": true, "label": "work" }],
                "visible_to": 7,
                "label_ids": [1, 3],
                "add_time": "2021-12-10T18:09:43Z",
            }),
        )
        .await;
    let person = created.data();
    assert_eq!(created.status, 200);
    assert_eq!(person["name"], "John Doe");
    assert_eq!(person["first_name"], "John");
    assert_eq!(person["last_name"], "Doe");
    assert_eq!(person["add_time"], "2021-12-10T18:09:43Z");
    assert_eq!(person["visible_to"], 7);
    assert_eq!(person["label_ids"], json!([1, 3]));
    assert_eq!(person["is_deleted"], false);
    let path = format!("/api/v2/persons/{}", created.id());
    assert_eq!(client.get(&path).await.data(), person);

    let changed = client.patch(&path, json!({ "name": "Johnny" })).await;
    assert_eq!(changed.data()["name"], "Johnny");
    assert_eq!(changed.data()["emails"], person["emails"], "what is not given stays");
    assert_eq!(changed.data()["label_ids"], json!([1, 3]));

    let deleted = client.delete(&path).await;
    assert_eq!(deleted.body, json!({ "success": true, "data": { "id": created.id() } }));
    assert!(client.get("/api/v2/persons").await.ids().is_empty());
    client
}

async fn lists_of_contacts_and_labels_are_replaced_whole() -> Client {
    let client = Client::new();
    let created = client
        .post(
            "/api/v2/persons",
            json!({
                "name": "Jill",
                "emails": [{ "value": "a@demo.com" }, { "value": "b@demo.com", "label": "home" }],
                "phones": [{ "value": "1" }, { "value": "2", "primary": true }],
                "label_ids": [1, 2],
            }),
        )
        .await;
    assert_eq!(
        created.data()["emails"],
        json!([
            { "value": "a@demo.com", "primary": true, "label": "work" },
            { "value": "b@demo.com", "primary": false, "label": "home" },
        ])
    );
    assert_eq!(created.data()["phones"][1]["primary"], true);
    let path = format!("/api/v2/persons/{}", created.id());
    let changed = client
        .patch(&path, json!({ "emails": [{ "value": "c@demo.com" }], "phones": [], "label_ids": [] }))
        .await;
    assert_eq!(
        changed.data()["emails"],
        json!([{ "value": "c@demo.com", "primary": true, "label": "work" }])
    );
    assert_eq!(changed.data()["phones"], json!([]));
    assert_eq!(changed.data()["label_ids"], json!([]));
    client
}

async fn a_new_person_has_sensible_defaults() -> Client {
    let client = Client::new();
    let created = client.post("/api/v2/persons", json!({ "name": "Bobby" })).await;
    let person = created.data();
    assert_eq!(person["first_name"], "Bobby");
    assert_eq!(person.get("last_name"), None, "not null: the specification forbids it");
    assert_eq!(person.get("org_id"), None);
    assert_eq!(person["emails"], json!([]));
    assert_eq!(person["visible_to"], 3);
    let me = client.get("/api/v1/users/me").await;
    assert_eq!(person["owner_id"], me.data()["id"]);
    let custom = person["custom_fields"].as_object().unwrap();
    assert_eq!(custom.len(), 16);
    assert!(custom.values().all(Value::is_null));
    client
}

async fn the_person_of_the_organization_is_linked() -> Client {
    let client = Client::new();
    let organization = client.post("/api/v2/organizations", json!({ "name": "Acme" })).await.id();
    let created = client.post("/api/v2/persons", json!({ "name": "Jane", "org_id": organization })).await;
    assert_eq!(created.data()["org_id"], json!(organization));
    let listed = client.get(&format!("/api/v2/persons?org_id={organization}")).await;
    assert_eq!(listed.ids(), [created.id()]);
    let none = client.get("/api/v2/persons?org_id=99").await;
    assert!(none.ids().is_empty());
    client
}

async fn a_deleted_person_is_shown_until_it_is_purged() -> Client {
    let client = Client::new();
    let id = client.post("/api/v2/persons", json!({ "name": "Jane" })).await.id();
    let path = format!("/api/v2/persons/{id}");
    assert_eq!(client.delete(&path).await.status, 200);
    assert_eq!(client.get(&path).await.data()["is_deleted"], true);
    for gone in [client.delete(&path).await, client.patch(&path, json!({ "name": "Joan" })).await] {
        assert_eq!((gone.status, gone.error()), (404, "Person not found"));
    }
    let named = client.get(&format!("/api/v2/persons?ids={id}")).await;
    assert!(named.ids().is_empty(), "lists leave it out without a word");
    client.wait(30 * DAY - 10).await;
    assert_eq!(client.get(&path).await.status, 200);
    client.wait(11).await;
    assert_eq!(client.get(&path).await.status, 404);
    client
}

async fn what_changes_nothing_leaves_the_update_time() -> Client {
    let client = Client::new();
    let created = client.post("/api/v2/persons", json!({ "name": "Jane" })).await;
    let path = format!("/api/v2/persons/{}", created.id());
    client.wait(60).await;
    let before = client.get(&path).await.data()["update_time"].clone();
    let same = client.patch(&path, json!({ "name": "Jane" })).await;
    assert_eq!(same.data()["update_time"], before);
    let other = client.patch(&path, json!({ "name": "Joan" })).await;
    assert!(other.data()["update_time"].as_str() > before.as_str());
    assert_eq!(other.data()["add_time"], created.data()["add_time"]);
    client
}

/// Recorded: creation moves the update time once more, two seconds later.
async fn a_new_person_turns_up_twice_in_lists_of_changes() -> Client {
    let client = Client::new();
    let created = client.post("/api/v2/persons", json!({ "name": "Jane" })).await;
    let first = created.data()["update_time"].as_str().unwrap().to_owned();
    client.wait(3).await;
    let changed = client.get("/api/v2/persons?sort_by=update_time").await;
    let second = changed.data()[0]["update_time"].as_str().unwrap();
    assert!(second > first.as_str());
    let again = client.get(&format!("/api/v2/persons?updated_since={second}")).await;
    assert_eq!(again.ids(), [created.id()]);
    client
}
