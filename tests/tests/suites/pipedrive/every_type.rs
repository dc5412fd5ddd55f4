//! Custom fields of every type, in the forms of v2.

use outflow_pipedrive::sandbox::Entity;
use serde_json::{Value, json};

use super::client::Client;
use super::scenario::scenarios;

scenarios![
    every_type_is_written_read_and_cleared,
    forms_are_completed,
    a_value_of_the_wrong_type_is_refused_by_name,
    organizations_have_custom_fields_of_their_own,
    values_of_a_deleted_option_or_field_are_gone,
];

fn code(client: &Client, name: &str) -> String {
    client.sandbox.field_code(Entity::Person, name).unwrap()
}

fn option(client: &Client, name: &str, label: &str) -> u64 {
    client.sandbox.option_id(Entity::Person, name, label).unwrap()
}

/// A value for each type, as it is written and as it is read.
fn values(client: &Client, person: u64, organization: u64, user: u64) -> Vec<(&'static str, Value)> {
    let one = |label| option(client, "single_option_field", label);
    let many = |label| option(client, "multiple_option_field", label);
    vec![
        ("text_field", json!("text, with commas")),
        ("large_text_field", json!("line\nline")),
        ("autocomplete_field", json!("complete")),
        ("numerical_field", json!(12.5)),
        ("monetary_field", json!({ "value": 500, "currency": "EUR" })),
        ("single_option_field", json!(one("Option 2"))),
        ("multiple_option_field", json!([many("Option 3"), many("Option 1")])),
        ("user_field", json!(user)),
        ("person_field", json!(person)),
        ("organization_field", json!(organization)),
        ("phone_field", json!("+1 555 0100")),
        ("date_field", json!("2024-02-29")),
        ("date_range_field", json!({ "value": "2024-01-01", "until": "2024-02-01" })),
        ("time_field", json!({ "value": "09:00:00", "timezone_name": "Europe/London" })),
        (
            "time_range_field",
            json!({ "value": "09:00:00", "until": "11:00:00", "timezone_name": "Europe/London" }),
        ),
        (
            "address_field",
            json!({
                "value": "530 Fifth Avenue, New York", "subpremise": null, "street_number": "530",
                "route": "Fifth Avenue", "sublocality": null, "locality": "New York",
                "admin_area_level_1": null, "admin_area_level_2": null, "country": "USA",
                "postal_code": "10036", "formatted_address": null,
            }),
        ),
    ]
}

async fn every_type_is_written_read_and_cleared() -> Client {
    let client = Client::new();
    let organization = client.sandbox.add_organization(&json!({ "name": "Acme" })).unwrap();
    let friend = client.sandbox.add_person(&json!({ "name": "Friend" })).unwrap();
    let user = client.get("/api/v1/users/me").await.id();
    let values = values(&client, friend, organization, user);
    let custom: Value = values
        .iter()
        .map(|(name, value)| (code(&client, name), value.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let created = client.post("/api/v2/persons", json!({ "name": "Jane", "custom_fields": custom })).await;
    assert_eq!(created.data()["custom_fields"], custom);
    let path = format!("/api/v2/persons/{}", created.id());
    assert_eq!(client.get(&path).await.data()["custom_fields"], custom);

    // One at a time; the others stay.
    for (name, value) in &values {
        let code = code(&client, name);
        let cleared = client.patch(&path, json!({ "custom_fields": { code.as_str(): null } })).await;
        assert_eq!(cleared.data()["custom_fields"][&code], Value::Null, "{name}");
        let set = client.patch(&path, json!({ "custom_fields": { code.as_str(): value } })).await;
        assert_eq!(set.data()["custom_fields"], custom, "{name}");
    }
    client
}

async fn forms_are_completed() -> Client {
    let client = Client::new();
    let cases = [
        ("time_field", json!({ "value": "16:15" }), json!({ "value": "16:15:00", "timezone_name": null })),
        (
            "date_range_field",
            json!({ "value": "2024-01-01" }),
            json!({ "value": "2024-01-01", "until": null }),
        ),
        (
            "time_range_field",
            json!({ "value": "08:30", "until": "09:30" }),
            json!({ "value": "08:30:00", "until": "09:30:00", "timezone_name": null }),
        ),
        ("numerical_field", json!(0), json!(0)),
    ];
    for (name, written, read) in cases {
        let code = code(&client, name);
        let created = client
            .post("/api/v2/persons", json!({ "name": "Jane", "custom_fields": { code.as_str(): written } }))
            .await;
        assert_eq!(created.data()["custom_fields"][&code], read, "{name}");
    }
    let address = code(&client, "address_field");
    let created = client
        .post(
            "/api/v2/persons",
            json!({ "name": "Jane", "custom_fields": { address.as_str(): { "value": "Main St 1" } } }),
        )
        .await;
    let parts = created.data()["custom_fields"][&address].as_object().unwrap();
    assert_eq!(parts.len(), 11);
    assert_eq!(parts["country"], Value::Null);
    client
}

async fn a_value_of_the_wrong_type_is_refused_by_name() -> Client {
    let client = Client::new();
    let cases = [
        ("text_field", json!(12), "Expected 'string' as value for text custom field"),
        ("text_field", json!({ "value": "x" }), "Expected 'string'"),
        ("text_field", json!("x".repeat(256)), "256 characters, 255 are allowed"),
        ("numerical_field", json!("12"), "Expected 'number' as value for numerical custom field"),
        ("monetary_field", json!(500), "Expected 'object' as value for monetary custom field"),
        ("monetary_field", json!({ "value": 500 }), "its part 'currency' is missing"),
        ("monetary_field", json!({ "value": "5", "currency": "EUR" }), "Expected 'number'"),
        ("monetary_field", json!({ "value": 5, "currency": "euro" }), "no currency code"),
        ("single_option_field", json!("10"), "Expected 'number' as value for single option custom field"),
        ("single_option_field", json!(999), "there is no option 999"),
        ("multiple_option_field", json!("12,13"), "Expected 'array'"),
        ("multiple_option_field", json!([]), "an empty array is not supported, use null"),
        ("multiple_option_field", json!([999]), "there is no option 999"),
        ("multiple_option_field", json!(["12"]), "Expected 'array of numbers'"),
        ("user_field", json!("1"), "Expected 'number' as value for user custom field"),
        ("user_field", json!(1), "1 does not exist"),
        ("organization_field", json!("1"), "Expected 'number' as value for organization custom field"),
        ("organization_field", json!(77), "77 does not exist"),
        ("person_field", json!(77), "77 does not exist"),
        ("date_field", json!("2024-02-30"), "no date of the form YYYY-MM-DD"),
        ("date_field", json!("2024-02-28T00:00:00Z"), "no date of the form YYYY-MM-DD"),
        ("date_range_field", json!("2024-01-01"), "Expected 'object'"),
        ("time_field", json!("16:15"), "Expected 'object' as value for time custom field"),
        ("time_field", json!({ "value": "25:00:00" }), "no time of the form HH:MM:SS"),
        (
            "time_field",
            json!({ "value": "09:00", "timezone_name": "Mars/Base" }),
            "'Mars/Base' is no time zone",
        ),
        ("address_field", json!("Main St 1"), "Expected 'object'"),
        ("address_field", json!({ "street": "Main" }), "it has no part 'street'"),
        ("phone_field", json!(5_550_100), "Expected 'string' as value for phone custom field"),
    ];
    for (name, value, why) in cases {
        let code = code(&client, name);
        let refused = client
            .post("/api/v2/persons", json!({ "name": "Jane", "custom_fields": { code.as_str(): value } }))
            .await;
        assert_eq!(refused.status, 400, "{name} {value}");
        assert_eq!(refused.body["code"], "ERR_SCHEMA_VALIDATION_FAILED");
        let error = refused.error();
        assert!(error.starts_with("Validation failed: custom_fields: "), "{error}");
        assert!(error.contains(why), "{name} {value}: {error}");
        assert!(error.contains(&code), "it names the field: {error}");
    }
    assert_eq!(client.sandbox.count(Entity::Person), 0);
    client
}

async fn organizations_have_custom_fields_of_their_own() -> Client {
    let client = Client::new();
    let of_person = code(&client, "text_field");
    let refused = client
        .post(
            "/api/v2/organizations",
            json!({ "name": "Acme", "custom_fields": { of_person.as_str(): "x" } }),
        )
        .await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.error(), format!("Validation failed: custom_fields: Unknown key '{of_person}'"));
    let own = client.sandbox.field_code(Entity::Organization, "text_field").unwrap();
    let created = client
        .post("/api/v2/organizations", json!({ "name": "Acme", "custom_fields": { own.as_str(): "x" } }))
        .await;
    assert_eq!(created.data()["custom_fields"][&own], "x");
    client
}

async fn values_of_a_deleted_option_or_field_are_gone() -> Client {
    let client = Client::new();
    let (one, many) = (code(&client, "single_option_field"), code(&client, "multiple_option_field"));
    let chosen = option(&client, "single_option_field", "Option 1");
    let first = option(&client, "multiple_option_field", "Option 1");
    let second = option(&client, "multiple_option_field", "Option 2");
    let created = client
        .post(
            "/api/v2/persons",
            json!({ "name": "Jane", "custom_fields": {
                one.as_str(): chosen, many.as_str(): [first, second],
            } }),
        )
        .await;
    let path = format!("/api/v2/persons/{}", created.id());
    for (code, id) in [(&one, chosen), (&many, first)] {
        let body = json!([{ "id": id }]);
        let path = format!("/api/v2/personFields/{code}/options");
        let deleted = client.call(http::Method::DELETE, &path, Some(body)).await;
        assert_eq!(deleted.data()[0]["id"], json!(id));
    }
    let read = client.get(&path).await;
    assert_eq!(read.data()["custom_fields"][&one], Value::Null);
    assert_eq!(read.data()["custom_fields"][&many], json!([second]));
    assert_eq!(client.delete(&format!("/api/v2/personFields/{many}")).await.status, 200);
    let read = client.get(&path).await;
    assert_eq!(read.data()["custom_fields"].get(&many), None);
    client
}
