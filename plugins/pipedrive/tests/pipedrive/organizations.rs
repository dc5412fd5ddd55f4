//! Organizations: found by their exact name.

use outflow_core::{Export, Value};
use serde_json::json;

use crate::rig::{Done, ORGANIZATIONS, Rig};

fn named(id: &str, name: &str) -> Export {
    Export::new(id).property("Name", name)
}

async fn export(rig: &Rig, exports: Vec<Export>) -> Done {
    Done::of(&rig.organizations(), exports).await
}

fn add(rig: &Rig, name: &str) -> u64 {
    rig.sandbox.add_organization(&json!({ "name": name })).unwrap()
}

/// A company so large that a few names are searched for.
fn fill(rig: &Rig) {
    for number in 0..2_500 {
        add(rig, &format!("Filler {number}"));
    }
}

#[tokio::test(start_paused = true)]
async fn lesson_39_a_name_that_only_begins_alike_is_another_organization() {
    for large in [false, true] {
        let rig = Rig::new().await;
        if large {
            fill(&rig);
        }
        let holdings = add(&rig, "Acme Holdings");
        let lower = add(&rig, "acme");
        let done = export(&rig, vec![named("1", "Acme")]).await;
        assert_eq!(done.names(), ["created"]);
        assert_eq!(rig.sandbox.organization(holdings).unwrap()["name"], "Acme Holdings");
        assert_eq!(rig.sandbox.organization(lower).unwrap()["name"], "acme");
        let again = export(&rig, vec![named("1", " Acme ")]).await;
        assert_eq!(again.names(), ["updated"]);
        assert_eq!(again.ids(), done.ids());
    }
}

#[tokio::test(start_paused = true)]
async fn lesson_40_a_name_that_several_organizations_have_is_reported() {
    let rig = Rig::new().await;
    add(&rig, "Acme");
    add(&rig, "Acme");
    let done = export(&rig, vec![named("1", "Acme"), named("2", "Other")]).await;
    assert_eq!(done.names(), ["rejected", "created"]);
    assert_eq!(done.outcomes[0].outcome.problem().unwrap().code, "ambiguous_key");
}

#[tokio::test(start_paused = true)]
async fn every_standard_field_is_written_in_its_form() {
    let rig = Rig::new().await;
    let full = named("1", "Acme")
        .property("Address", "Main St 1, Berlin")
        .property("Website", "https://acme.example")
        .property("linkedin", "https://linkedin.com/company/acme")
        .property("Industry", "Finance")
        .property("Annual revenue", "1000000")
        .property("employee_count", 12_i64)
        .property("Labels", vec!["Customer", "Hot lead"])
        .property("Visible to", "entire company");
    let done = export(&rig, vec![full]).await;
    assert_eq!(done.names(), ["created"]);
    let id = done.ids()[0];
    let organization = rig.sandbox.organization(id).unwrap();
    assert_eq!(organization["address"]["value"], "Main St 1, Berlin");
    assert_eq!(organization["website"], "https://acme.example");
    assert_eq!(organization["industry"], 4);
    assert_eq!(organization["annual_revenue"], 1_000_000);
    assert_eq!(organization["employee_count"], 12);
    assert_eq!(organization["label_ids"], json!([5, 6]));
    assert_eq!(organization["visible_to"], 3);

    let cleared = named("1", "Acme")
        .property("Address", Value::Null)
        .property("Website", Value::Null)
        .property("Industry", Value::Null)
        .property("Annual revenue", Value::Null)
        .property("Labels", Value::Null)
        .remote_id(id);
    assert_eq!(export(&rig, vec![cleared]).await.names(), ["updated"]);
    let shown = rig.fields_of(ORGANIZATIONS, id);
    assert_eq!(shown["address"], "");
    for gone in ["website", "industry", "annual_revenue", "label_ids"] {
        assert!(!shown.contains_key(gone), "{gone}: {shown:?}");
    }
    assert_eq!(shown["employee_count"], 12);
}

#[tokio::test(start_paused = true)]
async fn a_renamed_organization_is_renamed_by_id() {
    let rig = Rig::new().await;
    let id = add(&rig, "Acme");
    let renamed = named("1", "Acme Ltd").old_property("Name", "Acme");
    let done = export(&rig, vec![renamed]).await;
    assert_eq!(done.ids(), [id]);
    assert_eq!(rig.sandbox.organizations().len(), 1);
    assert_eq!(rig.sandbox.organization(id).unwrap()["name"], "Acme Ltd");
}

#[tokio::test(start_paused = true)]
async fn organizations_have_groups_and_filters_of_their_own() {
    let rig = Rig::new().await;
    let persons = crate::rig::new_person(1).group("VIP");
    rig.export(vec![persons]).await;
    let done = export(&rig, vec![named("1", "Acme").known_new().group("VIP")]).await;
    assert_eq!(done.names(), ["created"]);
    let records = outflow_sandbox::Sandbox::records(&*rig.sandbox, ORGANIZATIONS);
    assert!(records[0].groups.contains("VIP"));
    let filters = rig.sandbox.filters();
    let ours: Vec<_> = filters
        .iter()
        .filter(|filter| filter["name"] == "In Group: VIP")
        .map(|filter| filter["type"].as_str().unwrap())
        .collect();
    assert_eq!(ours, ["people", "org"]);
}

#[tokio::test(start_paused = true)]
async fn an_organization_without_a_name_is_rejected() {
    let rig = Rig::new().await;
    let id = add(&rig, "Acme");
    let unnamed = Export::new("1").property("Website", "https://acme.example");
    let cleared = Export::new("2")
        .property("Website", "https://acme.example")
        .old_property("Name", "Acme")
        .remote_id(id);
    let blank = named("3", "  ");
    let done = export(&rig, vec![unnamed, cleared, blank]).await;
    assert_eq!(done.names(), ["rejected"; 3]);
    assert_eq!(done.tokens(), 0);
}
