//! Organizations.

use serde_json::{Value, json};

use super::client::Client;
use super::scenario::scenarios;

scenarios![
    an_organization_is_created_read_changed_and_deleted,
    standard_fields_can_be_cleared,
    wrong_values_are_refused,
];

async fn an_organization_is_created_read_changed_and_deleted() -> Client {
    let client = Client::new();
    let created = client
        .post(
            "/api/v2/organizations",
            json!({
                "name": "Organization 1",
                "address": { "value": "123 Main St, Sunnyvale", "country": "USA" },
                "website": "https://www.example.com",
                "linkedin": "https://linkedin.com/company/example",
                "industry": 8,
                "annual_revenue": 0,
                "employee_count": 10,
                "label_ids": [5],
            }),
        )
        .await;
    let organization = created.data();
    assert_eq!(organization["address"], json!({ "value": "123 Main St, Sunnyvale", "country": "USA" }));
    assert_eq!(organization["annual_revenue"], 0);
    assert_eq!(organization["label_ids"], json!([5]));
    let path = format!("/api/v2/organizations/{}", created.id());
    assert_eq!(client.get(&path).await.data(), organization);
    let changed = client.patch(&path, json!({ "name": "Organization One" })).await;
    assert_eq!(changed.data()["name"], "Organization One");
    assert_eq!(changed.data()["website"], organization["website"]);
    assert_eq!(client.delete(&path).await.id(), created.id());
    assert_eq!(client.delete(&path).await.error(), "Organization not found");
    assert_eq!(client.get(&path).await.data()["is_deleted"], true);
    client
}

async fn standard_fields_can_be_cleared() -> Client {
    let client = Client::new();
    let id = client
        .sandbox
        .add_organization(&json!({
            "name": "Acme", "address": { "value": "Main St" }, "website": "x", "industry": 1,
            "employee_count": 5,
        }))
        .unwrap();
    let path = format!("/api/v2/organizations/{id}");
    let cleared =
        client.patch(&path, json!({ "website": null, "industry": null, "employee_count": null })).await;
    for name in ["website", "industry", "employee_count", "linkedin"] {
        assert_eq!(cleared.data()[name], Value::Null, "{name}");
    }
    assert_eq!(cleared.data()["address"]["value"], "Main St");
    client
}

async fn wrong_values_are_refused() -> Client {
    let client = Client::new();
    let cases = [
        (json!({}), "name: Parameter 'name' is required"),
        (json!({ "name": "" }), "name: Parameter 'name' must not be empty"),
        (
            json!({ "name": "A", "annual_revenue": "12" }),
            "annual_revenue: Parameter 'annual_revenue' expected type 'integer'",
        ),
        (json!({ "name": "A", "industry": 99 }), "Industry 99 does not exist"),
        (json!({ "name": "A", "address": "Main St" }), "address: "),
        (json!({ "name": "A", "label_ids": [1] }), "Label 1 does not exist"),
        (json!({ "name": "A", "emails": [] }), "emails: Parameter 'emails' is not allowed for this request"),
    ];
    for (body, why) in cases {
        let refused = client.post("/api/v2/organizations", body).await;
        assert_eq!(refused.status, 400);
        assert!(refused.error().contains(why), "{}", refused.error());
    }
    client
}
