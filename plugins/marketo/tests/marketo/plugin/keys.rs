//! Keys: changed ones, other fields as keys, keys that need care.

use outflow_core::{Export, SyncMode};
use outflow_marketo::sandbox::DataType;
use serde_json::json;

use super::world::{World, counts, email, person, told};

fn renamed(old: usize, new: usize) -> Export {
    person(new).old_property("email", email(old)).old_property("firstName", format!("Name {old}"))
}

#[tokio::test(start_paused = true)]
async fn lesson_11_a_changed_key_goes_by_id() {
    let world = World::new();
    let ids = world.seed((0..300).map(|n| json!({ "email": email(n) })));
    let exports = ids.iter().enumerate().map(|(n, id)| renamed(n, 1_000 + n).remote_id(*id));
    let (report, _) = world.export(exports.collect()).await;

    assert_eq!(report.outcomes.updated, 300);
    assert_eq!(world.calls(), counts([("sync leads", 1), ("describe leads 2", 1)]));
    for (n, lead) in world.leads().iter().enumerate() {
        assert_eq!(
            (lead.id.clone(), lead.fields["email"].clone()),
            (ids[n].to_string(), json!(email(1_000 + n)))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn of_a_changed_key_whose_id_is_not_known_both_keys_are_looked_up() {
    let world = World::new();
    let ids = world.seed([1, 2, 12].map(|n| json!({ "email": email(n) })));
    let exports = vec![renamed(1, 11), renamed(2, 12), renamed(3, 13)];
    let (_, outcomes) = world.export(exports).await;

    // 1: only the old is there. 2: both are; the new one wins. 3: neither is.
    assert_eq!(told(&outcomes), ["updated", "updated", "created"]);
    assert_eq!(outcomes[0].remote_id.as_ref().unwrap().as_str(), ids[0].to_string());
    assert_eq!(outcomes[1].remote_id.as_ref().unwrap().as_str(), ids[2].to_string());
    assert_eq!(world.leads().len(), 4);
    assert_eq!(world.lead(&email(11)).id, ids[0].to_string());
    assert_eq!(world.lead(&email(12)).fields["firstName"], "Name 12");
    assert_eq!(world.lead(&email(2)).id, ids[1].to_string());
}

#[tokio::test(start_paused = true)]
async fn changed_keys_by_the_300_take_a_look_up_for_300_keys() {
    let world = World::new();
    world.seed((0..300).map(|n| json!({ "email": email(n) })));
    let (report, _) = world.export((0..300).map(|n| renamed(n, 1_000 + n)).collect()).await;
    assert_eq!(report.outcomes.updated, 300);
    // 600 keys, and one look-up takes 300.
    assert_eq!(world.calls()["find leads"], 2);
    assert_eq!(world.leads().len(), 300);
}

#[tokio::test(start_paused = true)]
async fn keys_that_change_hands_in_one_run_end_as_asked() {
    let world = World::new();
    let ids = world.seed((0..2).map(|n| json!({ "email": email(n), "firstName": format!("Name {n}") })));
    // Two people swap their addresses.
    let swap = |old: usize, new: usize| {
        Export::new(old.to_string())
            .old_property("email", email(old))
            .property("email", email(new))
            .remote_id(ids[old])
    };
    let (_, outcomes) = world.export(vec![swap(0, 1), swap(1, 0)]).await;
    assert_eq!(told(&outcomes), ["updated", "updated"]);
    let leads = world.leads();
    assert_eq!(leads.len(), 2);
    assert_eq!(leads[0].fields["email"], email(1));
    assert_eq!(leads[1].fields["email"], email(0));
}

#[tokio::test(start_paused = true)]
async fn an_id_that_is_gone_is_looked_for_by_key_once() {
    let world = World::new();
    let ids = world.seed((0..2).map(|n| json!({ "email": email(n) })));
    world.marketo.delete_lead(ids[0]);
    world.marketo.delete_lead(ids[1]);
    // The second was merged: another lead has its email now.
    let winner = world.seed([json!({ "email": email(1) })])[0];
    let exports = (0..2).map(|n| person(n).old_property("email", email(n)).remote_id(ids[n])).collect();
    let (_, outcomes) = world.export(exports).await;
    assert_eq!(told(&outcomes), ["created", "updated"]);
    assert_eq!(outcomes[1].remote_id.as_ref().unwrap().as_str(), winner.to_string());
    assert_eq!(world.leads().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn keys_are_found_in_any_case() {
    let world = World::new();
    world.seed([json!({ "email": "Ada@Example.com" })]);
    let ada = Export::new("ada").property("email", "ADA@example.COM").property("lastName", "L");
    let gone = Export::new("ada").old_property("email", "ada@EXAMPLE.com").delete();
    let (_, outcomes) = world.export(vec![ada]).await;
    assert_eq!(told(&outcomes), ["updated"]);
    let (_, outcomes) = world.export(vec![gone]).await;
    assert_eq!(told(&outcomes), ["deleted"]);
    assert_eq!(world.leads(), []);
}

#[tokio::test(start_paused = true)]
async fn another_searchable_field_can_be_the_key() {
    let world = World::new();
    world.marketo.add_field("customerId", "Customer Id", DataType::String);
    let customer = |id: &str| Export::new(id).property("customerId", id);
    let options = json!({ "lookup_field": "customerId" });
    let exports = vec![customer("Ü-1, a"), customer("x").property("email", "x@example.com")];
    let (_, outcomes) = world.export_with(options.clone(), SyncMode::SYNC, exports).await;
    assert_eq!(told(&outcomes), ["created", "created"]);

    // A comma is no matter where nothing is looked up.
    let again = vec![customer("Ü-1, a").property("lastName", "L")];
    let (_, outcomes) = world.export_with(options.clone(), SyncMode::SYNC, again).await;
    assert_eq!(told(&outcomes), ["updated"]);

    let deletes = ["x", "X", "Ü-1, a"].map(|id| Export::new(id).old_property("customerId", id).delete());
    let (_, outcomes) = world.export_with(options, SyncMode::SYNC, deletes.to_vec()).await;
    let told = told(&outcomes);
    assert_eq!(told[2], "rejected comma_in_key");
    assert_eq!(told[0], "deleted");
    assert_eq!(world.leads().len(), 1);
}

/// Sent in one call, two spellings of one key would become two leads.
#[tokio::test(start_paused = true)]
async fn spellings_of_one_key_are_one_lead() {
    let world = World::new();
    world.marketo.add_field("customerId", "Customer Id", DataType::String);
    let customer = |id: &str| Export::new(id).property("customerId", id);
    let options = json!({ "lookup_field": "customerId" });
    let exports = vec![
        customer("Key@x.com").property("lastName", "A"),
        customer("key@x.com").property("lastName", "B"),
        customer("ÜBER"),
        customer("über"),
    ];
    let (_, outcomes) = world.export_with(options.clone(), SyncMode::SYNC, exports).await;
    assert_eq!(told(&outcomes), ["created", "updated", "created", "updated"]);
    let leads = world.leads();
    assert_eq!(leads.len(), 2);
    assert_eq!(leads[0].fields["lastName"], "B");

    // What is written keeps its spelling.
    let exports = vec![customer("KEY@x.com").old_property("customerId", "Key@x.com")];
    let (_, outcomes) = world.export_with(options.clone(), SyncMode::SYNC, exports).await;
    assert_eq!(told(&outcomes), ["updated"]);
    assert_eq!(world.leads()[0].fields["customerId"], "KEY@x.com");

    let exports = vec![Export::new("1").old_property("customerId", "kEy@X.com").delete()];
    let (_, outcomes) = world.export_with(options, SyncMode::SYNC, exports).await;
    assert_eq!(told(&outcomes), ["deleted"]);
    assert_eq!(world.leads().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_number_can_be_the_key() {
    let world = World::new();
    world.marketo.add_field("crmId", "CRM Id", DataType::Integer);
    let options = json!({ "lookup_field": "crmId" });
    let exports = vec![
        Export::new("1").property("crmId", 41).property("lastName", "A"),
        Export::new("2").property("crmId", "42"),
    ];
    let (_, outcomes) = world.export_with(options.clone(), SyncMode::SYNC, exports).await;
    assert_eq!(told(&outcomes), ["created", "created"]);
    let exports = vec![
        Export::new("1").old_property("crmId", 41).delete(),
        Export::new("2").old_property("crmId", 42).property("crmId", 43),
    ];
    let (_, outcomes) = world.export_with(options, SyncMode::SYNC, exports).await;
    assert_eq!(told(&outcomes), ["deleted", "updated"]);
    assert_eq!(world.leads()[0].fields["crmId"], 43);
}

#[tokio::test(start_paused = true)]
async fn lesson_18_quotes_and_other_marks_in_a_key_are_harmless() {
    let world = World::new();
    let emails = ["o'hara+x@example.com", "a\"b&c=d%2C@example.com", "#%@example.com"];
    let exports: Vec<Export> = emails.map(|email| Export::new(email).property("email", email)).into();
    let (_, outcomes) = world.export(exports).await;
    assert_eq!(told(&outcomes), ["created"; 3]);
    let deletes: Vec<Export> =
        emails.map(|email| Export::new(email).old_property("email", email).delete()).into();
    let (_, outcomes) = world.export(deletes).await;
    assert_eq!(told(&outcomes), ["deleted"; 3]);
}
