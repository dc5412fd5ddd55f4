use std::collections::BTreeSet;

use outflow_marketo::sandbox::DataType;
use serde_json::{Value, json};

use super::caller::{Caller, results, statuses};

async fn describe2(caller: &Caller) -> Value {
    results(&caller.get("/rest/v1/leads/describe2.json").await)[0].clone()
}

fn field<'a>(description: &'a Value, name: &str) -> Option<&'a Value> {
    let fields = description["fields"].as_array().unwrap();
    fields.iter().find(|field| field["name"] == name)
}

#[tokio::test]
async fn describe2_says_what_is_searchable_and_updateable() {
    let caller = Caller::new().await;
    let description = describe2(&caller).await;
    assert_eq!(description["name"], "API Lead");
    let searchable = description["searchableFields"].as_array().unwrap();
    for name in ["email", "id", "cookies", "email_field", "integer_field"] {
        assert!(searchable.contains(&json!([name])), "{name}");
    }
    assert!(!searchable.contains(&json!(["firstName"])));
    for name in ["id", "createdAt", "updatedAt", "inferredCompany", "personTimeZone", "ecids"] {
        assert_eq!(field(&description, name).unwrap()["updateable"], false, "{name}");
    }
    assert_eq!(
        field(&description, "email"),
        Some(&json!({
            "name": "email", "displayName": "Email Address", "dataType": "email", "length": 255,
            "updateable": true, "crmManaged": false,
        }))
    );
}

#[tokio::test]
async fn every_type_is_there() {
    let caller = Caller::new().await;
    let description = describe2(&caller).await;
    let types: BTreeSet<&str> = description["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| field["dataType"].as_str().unwrap())
        .collect();
    let expected = [
        "boolean",
        "currency",
        "date",
        "datetime",
        "email",
        "float",
        "integer",
        "percent",
        "phone",
        "reference",
        "string",
        "text",
        "url",
    ];
    assert_eq!(types, BTreeSet::from(expected));
}

#[tokio::test]
async fn fields_can_be_added_and_hidden() {
    let caller = Caller::new().await;
    let input = json!({ "input": [
        { "name": "externalId", "displayName": "External Id", "dataType": "string" },
        { "name": "email", "displayName": "Again", "dataType": "string" },
        { "name": "9lives", "displayName": "Nine Lives", "dataType": "string" },
        { "name": "shape", "displayName": "Shape", "dataType": "triangle" },
    ] });
    let created = results(&caller.post("/rest/v1/leads/schema/fields.json", &input).await);
    assert_eq!(statuses(&created), ["created", "1017", "1003", "1003"]);
    assert!(caller.sandbox.add_field("points", "Points", DataType::Score));
    assert!(!caller.sandbox.add_field("points", "Points", DataType::Score));
    assert!(caller.sandbox.hide_field("date_field"));
    let description = describe2(&caller).await;
    assert!(field(&description, "externalId").is_some());
    assert_eq!(field(&description, "points").unwrap()["dataType"], "score");
    assert!(field(&description, "date_field").is_none());
    let upsert = json!([{ "externalId": "x1", "points": 3 }, { "externalId": "x2", "date_field": null }]);
    let results = caller.sync_by("externalId", "createOrUpdate", upsert).await;
    assert_eq!(statuses(&results), ["created", "1006"]);
}

#[tokio::test]
async fn the_schema_tells_custom_fields_from_standard_ones() {
    let caller = Caller::new().await;
    caller.sandbox.hide_field("date_field");
    let fields = results(&caller.get("/rest/v1/leads/schema/fields.json?batchSize=300").await);
    let entry = |name: &str| fields.iter().find(|field| field["name"] == name).unwrap().clone();
    assert_eq!((&entry("email")["isCustom"], &entry("email")["length"]), (&json!(false), &json!(255)));
    assert_eq!(entry("score_field")["isCustom"], true);
    assert_eq!(entry("date_field")["isHidden"], true);
    let first = caller.get("/rest/v1/leads/schema/fields.json?batchSize=100").await;
    assert_eq!(first["moreResult"], true);
}

#[tokio::test]
async fn partitions_are_listed() {
    let caller = Caller::new().await;
    caller.sandbox.add_partition("Europe");
    let partitions = results(&caller.get("/rest/v1/leads/partitions.json").await);
    let names: Vec<_> = partitions.iter().map(|partition| &partition["name"]).collect();
    assert_eq!(names, ["Default", "Europe"]);
}
