//! What v2 refuses, and in which words.

use outflow_pipedrive::sandbox::Entity;
use serde_json::json;

use super::client::Client;
use super::scenario::scenarios;

scenarios![
    types_are_strict,
    everything_that_is_wrong_is_named,
    contact_sync_and_campaigns_are_off,
    bodies_must_be_json_objects,
    paths_and_methods_must_exist,
];

async fn types_are_strict() -> Client {
    let client = Client::new();
    let many_labels: Vec<u64> = (0..101).collect();
    let cases = [
        (json!({}), "name: Parameter 'name' is required"),
        (json!({ "name": null }), "name: Parameter 'name' expected type 'string'"),
        (json!({ "name": 5 }), "name: Parameter 'name' expected type 'string'"),
        (json!({ "name": " " }), "name: Parameter 'name' must not be empty"),
        (json!({ "name": "J", "owner_id": "12" }), "owner_id: Parameter 'owner_id' expected type 'integer'"),
        (json!({ "name": "J", "owner_id": 12 }), "owner_id: User 12 does not exist"),
        (json!({ "name": "J", "org_id": 9 }), "org_id: Organization 9 does not exist"),
        (
            json!({ "name": "J", "visible_to": "3" }),
            "visible_to: Parameter 'visible_to' expected type 'integer'",
        ),
        (json!({ "name": "J", "visible_to": 2 }), "must be one of: 1, 3, 5, 7"),
        (json!({ "name": "J", "emails": "j@demo.com" }), "emails: Parameter 'emails' expected type 'array'"),
        (json!({ "name": "J", "emails": ["j@demo.com"] }), "emails: items of 'emails'"),
        (
            json!({ "name": "J", "emails": [{ "value": "j@demo.com", "primary": 1 }] }),
            "emails: items of 'emails'",
        ),
        (json!({ "name": "J", "phones": [{ "number": "1" }] }), "phones: items of 'phones'"),
        (json!({ "name": "J", "label_ids": ["1"] }), "label_ids: "),
        (json!({ "name": "J", "label_ids": [99] }), "Label 99 does not exist"),
        (json!({ "name": "J", "label_ids": many_labels }), "at most 100 labels"),
        (json!({ "name": "J", "custom_fields": [] }), "custom_fields: Parameter"),
        (json!({ "name": "J", "add_time": "yesterday" }), "not a valid datetime"),
        (
            json!({ "name": "J", "email": "j@demo.com" }),
            "email: Parameter 'email' is not allowed for this request",
        ),
    ];
    for (body, why) in cases {
        let refused = client.post("/api/v2/persons", body).await;
        assert_eq!(refused.status, 400);
        assert_eq!(refused.body["code"], "ERR_SCHEMA_VALIDATION_FAILED");
        assert!(refused.error().starts_with("Validation failed: "));
        assert!(refused.error().contains(why), "{}", refused.error());
    }
    assert_eq!(client.sandbox.count(Entity::Person), 0);
    client
}

async fn everything_that_is_wrong_is_named() -> Client {
    let client = Client::new();
    let hash = "0123456789abcdef0123456789abcdef01234567";
    let refused =
        client.post("/api/v2/persons", json!({ "name": 1, hash: "x", "custom_fields": { hash: "x" } })).await;
    assert_eq!(
        refused.error(),
        format!(
            "Validation failed: {hash}: Parameter '{hash}' is not allowed for this request; \
             custom_fields: Unknown key '{hash}'; name: Parameter 'name' expected type 'string'"
        )
    );
    let id = client.sandbox.add_person(&json!({ "name": "Jane" })).unwrap();
    let path = format!("/api/v2/persons/{id}");
    let refused = client.patch(&path, json!({ "custom_fields": { hash: null } })).await;
    assert_eq!(refused.status, 400);
    assert!(refused.error().contains(hash));
    let refused = client.patch(&path, json!({ "add_time": "2024-01-01T00:00:00Z" })).await;
    assert!(refused.error().contains("'add_time' is not allowed"));
    let refused = client.patch(&format!("{path}?include_fields=notes_count"), json!({})).await;
    assert!(refused.error().contains("'include_fields' is not allowed"));
    client
}

async fn contact_sync_and_campaigns_are_off() -> Client {
    let client = Client::new();
    for (key, value) in [
        ("job_title", json!("Boss")),
        ("birthday", json!("2000-01-01")),
        ("notes", json!("x")),
        ("im", json!([])),
        ("postal_address", json!({ "value": "x" })),
        ("marketing_status", json!("subscribed")),
    ] {
        let refused = client.post("/api/v2/persons", json!({ "name": "J", key: value })).await;
        assert_eq!(refused.status, 403, "{key}");
    }
    let refused = client.get("/api/v2/persons?include_fields=marketing_status").await;
    assert_eq!(refused.status, 403);
    client
}

async fn bodies_must_be_json_objects() -> Client {
    let client = Client::new();
    let refused = client.post("/api/v2/persons", json!([])).await;
    assert_eq!((refused.status, refused.error().contains("object")), (400, true));
    let token = client.call(http::Method::POST, "/api/v2/persons", None).await;
    assert_eq!(token.status, 415);
    client
}

async fn paths_and_methods_must_exist() -> Client {
    let client = Client::new();
    assert_eq!(client.get("/api/v2/people").await.status, 404);
    assert_eq!(client.get("/v2/persons").await.status, 404, "v2 is at /api/v2 alone");
    assert_eq!(client.get("/api/v1/persons").await.status, 404, "out of support");
    assert_eq!(client.delete("/api/v2/persons").await.status, 405, "no bulk delete any more");
    assert_eq!(client.put("/api/v2/persons/1", json!({})).await.status, 405);
    assert_eq!(client.get("/api/v2/persons/me").await.status, 400);
    assert_eq!(client.get("/api/v2/persons/1").await.status, 404);
    client
}
