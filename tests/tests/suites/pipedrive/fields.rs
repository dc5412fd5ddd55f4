//! Fields of both versions.

use std::collections::BTreeSet;

use http::Method;
use outflow_pipedrive::sandbox::Entity;
use serde_json::{Value, json};

use super::client::{Answer, Client};
use super::scenario::scenarios;

scenarios![
    fields_are_listed_in_pages,
    a_field_of_every_type_is_created_and_deleted,
    options_change_together_or_not_at_all,
    wrong_fields_are_refused,
    a_plan_caps_custom_fields,
    v1_lists_parts_as_rows,
    v1_creates_and_deletes_in_bulk,
];

fn codes(fields: &Answer) -> Vec<String> {
    let fields = fields.data().as_array().unwrap();
    let code = |field: &Value| field["field_code"].as_str().unwrap().to_owned();
    fields.iter().map(code).collect()
}

async fn fields_are_listed_in_pages() -> Client {
    let client = Client::new();
    for entity in ["personFields", "organizationFields"] {
        let path = format!("/api/v2/{entity}");
        let all = client.get(&format!("{path}?limit=500")).await;
        assert_eq!(all.next_cursor(), None);
        let first = client.get(&format!("{path}?limit=20")).await;
        let cursor = first.next_cursor().unwrap();
        let second = client.get(&format!("{path}?limit=500&cursor={cursor}")).await;
        assert_eq!([codes(&first), codes(&second)].concat(), codes(&all));
        let unique: BTreeSet<String> = codes(&all).into_iter().collect();
        assert_eq!(unique.len(), codes(&all).len());
    }
    let persons = client.get("/api/v2/personFields").await;
    assert!(codes(&persons).contains(&"label_ids".to_owned()));
    assert!(!codes(&persons).contains(&"label".to_owned()), "label is of v1");
    let name = client.get("/api/v2/personFields/name?include_fields=ui_visibility,required_fields").await;
    assert_eq!(name.data()["is_custom_field"], false);
    assert_eq!(name.data()["required_fields"]["enabled"], true);
    assert_eq!(client.get("/api/v2/personFields/nothing").await.status, 404);
    client
}

async fn a_field_of_every_type_is_created_and_deleted() -> Client {
    let client = Client::new();
    let plain = [
        "varchar",
        "text",
        "double",
        "phone",
        "date",
        "daterange",
        "time",
        "timerange",
        "varchar_auto",
        "address",
        "monetary",
        "org",
        "people",
        "user",
    ];
    let with_options = ["set", "enum"];
    for entity in ["personFields", "organizationFields"] {
        let path = format!("/api/v2/{entity}");
        for kind in plain.iter().chain(&with_options) {
            let mut body = json!({ "field_name": format!("A {kind}"), "field_type": kind });
            if with_options.contains(kind) {
                body["options"] = json!([{ "label": "One" }, { "label": "Two" }]);
            }
            let created = client.post(&path, body).await;
            let field = created.data();
            assert_eq!(field["field_type"], *kind);
            let code = field["field_code"].as_str().unwrap();
            assert_eq!(code.len(), 40);
            let options = field["options"].as_array().map(Vec::len);
            assert_eq!(options, with_options.contains(kind).then_some(2));
            let one = format!("{path}/{code}");
            assert_eq!(client.get(&one).await.data()["field_name"], format!("A {kind}"));
            assert_eq!(client.delete(&one).await.data()["field_code"], code);
            assert_eq!(client.get(&one).await.status, 404);
            assert_eq!(client.delete(&one).await.status, 404);
        }
    }
    assert_eq!(client.delete("/api/v2/personFields/name").await.status, 400);
    client
}

async fn options_change_together_or_not_at_all() -> Client {
    let client = Client::new();
    let created = client
        .post(
            "/api/v2/personFields",
            json!({ "field_name": "Groups", "field_type": "set", "options": [{ "label": "A" }] }),
        )
        .await;
    let field = format!("/api/v2/personFields/{}", created.data()["field_code"].as_str().unwrap());
    let path = format!("{field}/options");
    let added = client.post(&path, json!([{ "label": "B" }, { "label": "C" }])).await;
    assert_eq!(added.data().as_array().unwrap().len(), 2, "only the new ones");
    let b = added.data()[0]["id"].clone();
    for (method, body) in [
        (Method::POST, json!([{ "label": "D" }, { "label": "B" }])),
        (Method::POST, json!([{ "label": "E" }, { "label": "E" }])),
        (Method::POST, json!([])),
        (Method::POST, json!([{ "label": "" }])),
        (Method::PATCH, json!([{ "id": b, "label": "X" }, { "id": 999, "label": "Y" }])),
        (Method::DELETE, json!([{ "id": b }, { "id": 999 }])),
        (Method::DELETE, json!([{ "id": "12" }])),
    ] {
        let refused = client.call(method.clone(), &path, Some(body)).await;
        assert_eq!(refused.status, 400, "{method}");
    }
    let renamed = client.patch(&path, json!([{ "id": b, "label": "Bee" }])).await;
    assert_eq!(renamed.data(), &json!([{ "id": b, "label": "Bee" }]));
    let deleted = client.call(Method::DELETE, &path, Some(json!([{ "id": b }]))).await;
    assert_eq!(deleted.data(), &json!([{ "id": b, "label": "Bee" }]));
    let labels: Vec<Value> = client.get(&field).await.data()["options"]
        .as_array()
        .unwrap()
        .iter()
        .map(|option| option["label"].clone())
        .collect();
    assert_eq!(labels, ["A", "C"]);
    let text = client.sandbox.field_code(Entity::Person, "text_field").unwrap();
    let refused =
        client.post(&format!("/api/v2/personFields/{text}/options"), json!([{ "label": "A" }])).await;
    assert_eq!(refused.status, 400);
    client
}

async fn wrong_fields_are_refused() -> Client {
    let client = Client::new();
    for body in [
        json!({}),
        json!({ "field_name": "A" }),
        json!({ "field_name": "", "field_type": "varchar" }),
        json!({ "field_name": "x".repeat(256), "field_type": "varchar" }),
        json!({ "field_name": "A", "field_type": "int" }),
        json!({ "field_name": "A", "field_type": "set" }),
        json!({ "field_name": "A", "field_type": "varchar", "options": [{ "label": "B" }] }),
        json!({ "field_name": "A", "field_type": "enum", "options": [{ "label": "B" }, { "label": "B" }] }),
        json!({ "name": "A", "field_type": "varchar" }),
    ] {
        let refused = client.post("/api/v2/personFields", body).await;
        assert_eq!(refused.status, 400);
    }
    client
}

async fn a_plan_caps_custom_fields() -> Client {
    let client = Client::new();
    client.sandbox.cap_custom_fields(Some(17));
    let body = |name: &str| json!({ "field_name": name, "field_type": "varchar" });
    assert_eq!(client.post("/api/v2/personFields", body("One more")).await.status, 200);
    let capped = client.post("/api/v2/personFields", body("One too many")).await;
    assert_eq!(capped.status, 403);
    assert_eq!(capped.body["code"], "feature_capping_custom_fields_limit");
    let v1 = client.post("/api/v1/personFields", json!({ "name": "Nor so", "field_type": "varchar" })).await;
    assert_eq!(v1.status, 403);
    client
}

async fn v1_lists_parts_as_rows() -> Client {
    let client = Client::new();
    let listed = client.get("/v1/personFields").await;
    let rows = listed.data().as_array().unwrap();
    let named = |name: &str| rows.iter().find(|row| row["name"] == name).unwrap();
    assert_eq!(named("Currency of monetary_field")["is_subfield"], true);
    assert_eq!(named("Email")["key"], "email");
    assert_eq!(named("Email")["options"], Value::Null);
    let page = client.get("/api/v1/organizationFields?start=1&limit=2").await;
    assert_eq!(page.data()[0]["key"], "label");
    assert_eq!(
        page.body["additional_data"]["pagination"],
        json!({ "start": 1, "limit": 2, "more_items_in_collection": true, "next_start": 3 })
    );
    assert_eq!(client.get("/api/v1/personFields?start=one").await.status, 400);
    client
}

async fn v1_creates_and_deletes_in_bulk() -> Client {
    let client = Client::new();
    for entity in ["personFields", "organizationFields"] {
        let path = format!("/api/v1/{entity}");
        let mut ids = Vec::new();
        for name in ["A", "B"] {
            let created = client.post(&path, json!({ "name": name, "field_type": "varchar" })).await;
            assert_eq!(created.status, 201);
            ids.push(created.id());
        }
        let name_field = client.get(&path).await.data()[0]["id"].as_u64().unwrap();
        let list = format!("{},{},{name_field},1", ids[0], ids[1]);
        let deleted = client.delete(&format!("{path}?ids={list}")).await;
        assert_eq!(deleted.data()["id"], json!(ids), "standard fields stay");
        assert_eq!(client.delete(&format!("{path}?ids=a")).await.status, 400);
        let refused = client.post(&path, json!({ "name": "A" })).await;
        assert_eq!(refused.status, 400);
        assert_eq!(refused.body["errorCode"], 400);
    }
    client
}
