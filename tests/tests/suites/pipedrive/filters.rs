//! Saved filters: v1 makes them, lists of v2 use them.

use outflow_pipedrive::sandbox::Entity;
use serde_json::{Value, json};

use super::client::Client;
use super::scenario::scenarios;

scenarios![
    a_filter_lives_and_dies,
    a_filter_of_a_group_lists_its_members,
    conditions_are_understood,
    sixteen_conditions_are_enough,
    wrong_filters_are_refused,
];

fn filter(name: &str, all: Value) -> Value {
    json!({
        "name": name,
        "type": "people",
        "conditions": { "glue": "and", "conditions": [
            { "glue": "and", "conditions": all },
            { "glue": "or", "conditions": [] },
        ] },
    })
}

fn condition(client: &Client, code: &str, operator: &str, value: Value) -> Value {
    let id = client.sandbox.v1_field_id(Entity::Person, code).unwrap();
    json!({ "object": "person", "field_id": id, "operator": operator, "value": value })
}

async fn a_filter_lives_and_dies() -> Client {
    let client = Client::new();
    let name = condition(&client, "name", "=", json!("Jane"));
    let created = client.post("/v1/filters", filter("Janes", json!([name]))).await;
    assert_eq!(created.status, 201);
    let stored = &created.data()["conditions"]["conditions"][0]["conditions"][0];
    assert_eq!(stored["field_id"], name["field_id"].to_string(), "ids are shown as text");
    assert_eq!(stored["extra_value"], Value::Null);
    let path = format!("/api/v1/filters/{}", created.id());
    let read = client.get(&format!("{path}?include_field_code=true")).await;
    assert_eq!(read.data()["conditions"]["conditions"][0]["conditions"][0]["field_code"], "name");
    let other = condition(&client, "name", "=", json!("Joan"));
    let mut joans = filter("Joans", json!([other]));
    joans.as_object_mut().unwrap().remove("type");
    let changed = client.put(&path, joans).await;
    assert_eq!((changed.status, &changed.data()["name"]), (200, &json!("Joans")));
    let people = client.get("/api/v1/filters?type=people").await;
    assert_eq!(people.data().as_array().unwrap().len(), 5);
    assert_eq!(people.data()[4].get("conditions"), None, "lists leave them out");
    assert_eq!(client.get("/api/v1/filters").await.data().as_array().unwrap().len(), 9);
    assert_eq!(client.delete(&path).await.id(), created.id());
    assert_eq!(client.get(&path).await.status, 404);
    let deleted = client.delete("/api/v1/filters?ids=7,9,999").await;
    assert_eq!(deleted.data()["id"], json!([7, 9]));
    client
}

async fn a_filter_of_a_group_lists_its_members() -> Client {
    let client = Client::new();
    let created = client
        .post(
            "/api/v2/personFields",
            json!({
                "field_name": "Groups", "field_type": "set",
                "options": [{ "label": "High value" }, { "label": "Spanish" }],
            }),
        )
        .await;
    let code = created.data()["field_code"].as_str().unwrap().to_owned();
    let option = |index: usize| created.data()["options"][index]["id"].clone();
    for groups in [json!([option(0)]), json!([option(1), option(0)]), json!([option(1)]), Value::Null] {
        client
            .sandbox
            .add_person(&json!({ "name": "P", "custom_fields": { code.as_str(): groups } }))
            .unwrap();
    }
    let members = condition(&client, &code, "=", json!(option(0).to_string()));
    let id = client.post("/api/v1/filters", filter("High value", json!([members]))).await.id();
    let listed = client.get(&format!("/api/v2/persons?filter_id={id}&owner_id=1")).await;
    assert_eq!(listed.ids(), [1, 2], "the filter overrides all else");
    let wrong = client.get(&format!("/api/v2/organizations?filter_id={id}")).await;
    assert_eq!(wrong.status, 404);
    client
}

async fn conditions_are_understood() -> Client {
    let client = Client::new();
    let number = client.sandbox.field_code(Entity::Person, "numerical_field").unwrap();
    for (name, email, value) in [
        ("Ann", Some("ann@demo.com"), json!(5)),
        ("Anna", None, json!(40)),
        ("Bob", Some("bob@demo.com"), Value::Null),
    ] {
        let emails: Vec<Value> = email.iter().map(|email| json!({ "value": email })).collect();
        client
            .sandbox
            .add_person(&json!({
                "name": name, "emails": emails, "custom_fields": { number.as_str(): value },
            }))
            .unwrap();
    }
    for (code, operator, value, ids) in [
        ("name", "=", json!("ann"), vec![1]),
        ("name", "!=", json!("Ann"), vec![2, 3]),
        ("name", "LIKE '$%'", json!("an"), vec![1, 2]),
        ("name", "NOT LIKE '$%'", json!("an"), vec![3]),
        ("name", "LIKE '%$%'", json!("nn"), vec![1, 2]),
        ("email", "=", json!("bob@demo.com"), vec![3]),
        ("email", "IS NULL", Value::Null, vec![2]),
        (number.as_str(), "IS NOT NULL", Value::Null, vec![1, 2]),
        (number.as_str(), "<", json!("30"), vec![1]),
        (number.as_str(), ">=", json!("5"), vec![1, 2]),
        ("id", ">", json!("1"), vec![2, 3]),
    ] {
        let condition = condition(&client, code, operator, value);
        let id = client.post("/api/v1/filters", filter("F", json!([condition]))).await.id();
        let listed = client.get(&format!("/api/v2/persons?filter_id={id}")).await;
        assert_eq!(listed.ids(), ids, "{code} {operator}");
    }
    let mut either = filter("Either", json!([]));
    either["conditions"]["conditions"][1]["conditions"] =
        json!(
            [condition(&client, "name", "=", json!("Ann")), condition(&client, "name", "=", json!("Bob")),]
        );
    let id = client.post("/api/v1/filters", either).await.id();
    let listed = client.get(&format!("/api/v2/persons?filter_id={id}")).await;
    assert_eq!(listed.ids(), [1, 3]);
    client
}

async fn sixteen_conditions_are_enough() -> Client {
    let client = Client::new();
    let many = |count: usize| Value::from(vec![condition(&client, "name", "=", json!("A")); count]);
    assert_eq!(client.post("/api/v1/filters", filter("F", many(16))).await.status, 201);
    let refused = client.post("/api/v1/filters", filter("F", many(17))).await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.error(), "At most 16 conditions are allowed");
    assert_eq!(client.sandbox.filters().len(), 9);
    client
}

async fn wrong_filters_are_refused() -> Client {
    let client = Client::new();
    let good = condition(&client, "name", "=", json!("A"));
    let unknown_field = json!({ "object": "person", "field_id": 1, "operator": "=", "value": "A" });
    let unknown_operator = condition(&client, "name", "~", json!("A"));
    for body in [
        json!({}),
        json!({ "name": "F", "type": "people" }),
        json!({ "name": "F", "type": "cats", "conditions": filter("F", json!([]))["conditions"] }),
        json!({ "name": "F", "type": "people", "conditions": { "glue": "or", "conditions": [] } }),
        filter("", json!([good])),
        filter("F", json!([unknown_field])),
        filter("F", json!([unknown_operator])),
        filter("F", json!([{}])),
    ] {
        let refused = client.post("/api/v1/filters", body).await;
        assert_eq!(refused.status, 400);
        assert_eq!(refused.body["success"], false);
    }
    assert_eq!(client.put("/api/v1/filters/99", json!({})).await.status, 404);
    assert_eq!(client.delete("/api/v1/filters/99").await.status, 404);
    assert_eq!(client.delete("/api/v1/filters").await.status, 400);
    client
}
