use outflow_marketo::sandbox::MarketoSandbox;
use outflow_sandbox::{Sandbox, SandboxOptions, SandboxType};
use serde_json::{Map, Value, json};

use super::caller::Caller;

fn lead(fields: Value) -> Map<String, Value> {
    fields.as_object().unwrap().clone()
}

#[tokio::test]
async fn the_sandbox_is_registered() {
    assert_eq!(outflow_marketo::sandbox::SANDBOX.app, "marketo");
    let found = SandboxType::find("marketo").unwrap();
    let sandbox = (found.start)(SandboxOptions::default());
    let account = sandbox.account("http://127.0.0.1:8080");
    assert_eq!(account["endpoint"], "http://127.0.0.1:8080");
    assert_eq!(account["client_id"], "sandbox-client-id");
    assert_eq!(account["client_secret"], "sandbox-client-secret");
}

#[tokio::test]
async fn leads_are_read_back_with_their_groups() {
    let caller = Caller::new().await;
    let id = caller.create(json!({ "email": "a@example.com", "integer_field": 0, "lastName": null })).await;
    caller.create(json!({ "email": "b@example.com" })).await;
    for name in ["A", "B"] {
        let list = caller.sandbox.seed_list(name);
        caller.sandbox.seed_members(list, [id, 5]);
    }
    let records = caller.sandbox.records("marketo-leads-export");
    assert_eq!(records.len(), 2);
    assert_eq!(records[0].id, id.to_string());
    assert_eq!(json!(records[0].fields), json!({ "email": "a@example.com", "integer_field": 0 }));
    assert!(records[0].groups.iter().eq(["A", "B"]));
    assert!(records[1].groups.is_empty());
    assert!(caller.sandbox.records("something-else").is_empty());
}

#[tokio::test]
async fn seeding_names_what_cannot_be() {
    let sandbox = MarketoSandbox::new(&SandboxOptions::default());
    let seeded = sandbox.seed_leads([lead(json!({ "email": "a@example.com", "company": "Acme" }))]);
    assert_eq!(seeded.unwrap().len(), 1);
    let unknown = sandbox.seed_leads([lead(json!({ "shoeSize": 44 }))]).unwrap_err();
    assert_eq!(unknown.to_string(), "Field 'shoeSize' not found [1006]");
    let bad = sandbox.seed_leads([lead(json!({ "integer_field": "x" }))]).unwrap_err();
    assert_eq!(bad.code(), Some("1003"));
    assert!(!sandbox.delete_list(1));
}
