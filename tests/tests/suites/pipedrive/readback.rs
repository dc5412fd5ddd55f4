//! The sandbox as a host sees it: registered, served, seeded and read back.

use std::sync::Arc;

use outflow_pipedrive::sandbox::{Entity, FieldType, PipedriveSandbox, SANDBOX};
use outflow_sandbox::{Sandbox, SandboxOptions, SandboxRecord, SandboxType};
use serde_json::{Value, json};

#[tokio::test(start_paused = true)]
async fn it_is_registered() {
    let found = SandboxType::find("pipedrive").unwrap();
    assert_eq!(found.app, SANDBOX.app);
    let sandbox = (found.start)(SandboxOptions::default());
    assert_eq!(sandbox.app(), "pipedrive");
    let account = sandbox.account("http://127.0.0.1:80");
    assert_eq!(account["endpoint"], "http://127.0.0.1:80");
    assert_eq!(account["plan"], "ultimate");
    assert!(sandbox.records("pipedrive-persons-export").is_empty());
}

#[tokio::test(start_paused = true)]
async fn records_are_read_back_in_the_words_of_people() {
    let sandbox = PipedriveSandbox::new(SandboxOptions::default());
    let groups = sandbox.add_field(Entity::Person, "Groups", FieldType::Set, &["High value", "Spanish"]);
    let tier = sandbox.add_field(Entity::Person, "Tier", FieldType::Enum, &["Gold", "Silver"]);
    let spend = sandbox.add_field(Entity::Person, "Spend", FieldType::Monetary, &[]);
    let option = |field: &str, label: &str| sandbox.option_id(Entity::Person, field, label).unwrap();
    let organization = sandbox.add_organization(&json!({ "name": "Acme" })).unwrap();
    sandbox
        .add_person(&json!({
            "name": "Jane",
            "emails": [{ "value": "old@demo.com" }, { "value": "jane@demo.com", "primary": true }],
            "org_id": organization,
            "custom_fields": {
                groups.as_str(): [option("Groups", "Spanish"), option("Groups", "High value")],
                tier.as_str(): option("Tier", "Gold"),
                spend.as_str(): { "value": 12.5, "currency": "EUR" },
            },
        }))
        .unwrap();
    let gone = sandbox.add_person(&json!({ "name": "Gone" })).unwrap();
    assert!(sandbox.delete_person(gone));
    assert!(!sandbox.delete_person(gone));
    let records = sandbox.records("pipedrive-persons-export");
    let [record] = records.as_slice() else {
        panic!("{records:?}");
    };
    assert_eq!(record.id, "1");
    assert_eq!(record.groups.iter().collect::<Vec<_>>(), ["High value", "Spanish"]);
    assert_eq!(record.fields["emails"], json!(["jane@demo.com", "old@demo.com"]));
    assert_eq!(record.fields["Tier"], "Gold");
    assert_eq!(record.fields["Spend"], json!({ "value": 12.5, "currency": "EUR" }));
    assert_eq!(record.fields.get("phones"), None, "what is empty is left out");
    let organizations = sandbox.records("pipedrive-organizations-export");
    assert_eq!(organizations[0].fields["name"], "Acme");
    assert_eq!(sandbox.records("pipedrive-cats-export"), Vec::<SandboxRecord>::new());
}

#[tokio::test(start_paused = true)]
async fn seeds_are_held_to_the_rules_of_the_api() {
    let sandbox = PipedriveSandbox::new(SandboxOptions::default());
    let refused = sandbox.add_person(&json!({ "emails": [] })).unwrap_err();
    assert_eq!(refused, "Validation failed: name: Parameter 'name' is required");
    assert_eq!(
        sandbox.change_organization(9, &json!({ "name": "A" })).unwrap_err(),
        "Organization not found"
    );
    assert!(sandbox.add_person(&json!([])).is_err());
    assert_eq!(sandbox.add_many_persons(3), 1);
    assert_eq!(sandbox.count(Entity::Person), 3);
    assert_eq!(sandbox.persons_with_email("PERSON-2@example.com"), [2]);
    sandbox.change_person(2, &json!({ "name": "Two" })).unwrap();
    assert_eq!(sandbox.person(2).unwrap()["name"], "Two");
    assert_eq!(sandbox.persons().len(), 3);
    assert_eq!(sandbox.organizations(), Vec::<Value>::new());
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_makes_the_same_company() {
    let codes = |seed| {
        let options = SandboxOptions { seed, ..SandboxOptions::default() };
        let sandbox = PipedriveSandbox::new(options);
        let account = Arc::new(sandbox.account("http://localhost"));
        (sandbox.fields(Entity::Person), account)
    };
    assert_eq!(codes(1), codes(1));
    assert_ne!(codes(1), codes(2));
}
