//! Leads: created, updated, renamed and deleted.

use outflow_core::{Export, SyncMode, Value};
use outflow_marketo::sandbox::DataType;
use serde_json::json;

use super::host::{email, gone, marketo, person};
use crate::compliance::host::{Minutes, ids};
use crate::compliance::scenario::scenarios;

scenarios![
    a_batch_and_one_are_created_then_updated,
    leads_are_updated_by_id,
    keys_change,
    leads_are_deleted_by_id_and_by_key,
    look_ups_go_over_pages,
    other_modes_send_other_actions,
    leads_are_found_by_another_field,
    leads_go_to_a_partition,
    a_lead_that_is_gone_is_looked_for,
];

async fn a_batch_and_one_are_created_then_updated() -> Minutes {
    let host = marketo().await;
    let people = |surname: &str| {
        let person = |n| person(n).property("lastName", surname);
        (0..301).map(person).collect::<Vec<_>>()
    };
    assert_eq!(host.sync(people("A")).await, ["created"; 301]);
    assert_eq!(host.sync(people("B")).await, ["updated"; 301]);
    host.minutes()
}

async fn leads_are_updated_by_id() -> Minutes {
    let host = marketo().await;
    let outcomes = host.sync_all((0..3).map(person).collect()).await;
    let ids = ids(&outcomes);
    let cleared = person(0).old_property("email", email(0)).old_property("title", "T").remote_id(ids[0]);
    let exports = vec![
        cleared,
        person(1).property("lastName", Value::Null).remote_id(ids[1]),
        person(2).remote_id("not a lead's"),
    ];
    let told = host.sync(exports).await;
    assert_eq!(told[..2], ["updated", "updated"]);
    host.minutes()
}

async fn keys_change() -> Minutes {
    let host = marketo().await;
    let ids = host.seed_people([1, 2, 12, 3]);
    let renamed = |old: usize, new: usize| person(new).old_property("email", email(old));
    // By id; by either key; to a key that is there; from one that is not.
    let exports = vec![renamed(1, 11).remote_id(ids[0]), renamed(2, 12), renamed(3, 13), renamed(4, 14)];
    assert_eq!(host.sync(exports).await, ["updated", "updated", "updated", "created"]);
    host.minutes()
}

async fn leads_are_deleted_by_id_and_by_key() -> Minutes {
    let host = marketo().await;
    let ids = host.seed_people(0..3);
    host.tool.delete_lead(ids[1]);
    let exports = vec![gone(0).remote_id(ids[0]), gone(1).remote_id(ids[1]), gone(2), gone(3)];
    assert_eq!(host.sync(exports).await, ["deleted", "deleted", "deleted", "skipped nothing_to_delete"]);
    host.minutes()
}

async fn look_ups_go_over_pages() -> Minutes {
    let host = marketo().await;
    host.seed_people((0..602).map(|n| n % 301));
    let told = host.sync((0..301).map(gone).collect()).await;
    assert_eq!(told, ["rejected ambiguous_key"; 301]);
    host.minutes()
}

async fn other_modes_send_other_actions() -> Minutes {
    let host = marketo().await;
    host.seed_people([0]);
    let both = || vec![person(0), person(1)];
    let create: SyncMode = "create".parse().unwrap();
    assert_eq!(host.in_mode(create, both()).await, ["skipped update_not_allowed", "created"]);
    let two = || vec![person(0), person(2)];
    assert_eq!(host.in_mode(SyncMode::ENRICH, two()).await, ["updated", "skipped create_not_allowed"]);
    assert_eq!(host.in_mode(SyncMode::ADDITIVE, two()).await, ["updated", "created"]);
    host.minutes()
}

async fn leads_are_found_by_another_field() -> Minutes {
    let host = marketo().await;
    for (name, data_type) in [("crmId", DataType::Integer), ("customer", DataType::String)] {
        host.tool.add_field(name, name, data_type);
        let options = json!({ "lookup_field": name });
        let one = || Export::new("1").property(name, 41).property("lastName", "A");
        let deleted = Export::new("1").old_property(name, 41).delete();
        let renamed = Export::new("2").old_property(name, 42).property(name, 43);
        let two = Export::new("2").property(name, 42);
        assert_eq!(host.with_options(options.clone(), vec![one(), two]).await, ["created"; 2]);
        assert_eq!(host.with_options(options, vec![deleted, renamed]).await, ["deleted", "updated"]);
    }
    host.minutes()
}

async fn leads_go_to_a_partition() -> Minutes {
    let host = marketo().await;
    host.tool.add_partition("Europe");
    host.seed_people([1]);
    let options = json!({ "partition": "Europe" });
    let told = host.with_options(options, vec![person(0), person(1)]).await;
    assert_eq!(told, ["created", "rejected 1010"]);
    let told = host.with_options(json!({ "partition": "Nowhere" }), vec![person(2)]).await;
    assert_eq!(told, ["retry 1008"], "an option is wrong, and not the profile");
    host.minutes()
}

async fn a_lead_that_is_gone_is_looked_for() -> Minutes {
    let host = marketo().await;
    let ids = host.seed_people(0..2);
    host.tool.delete_lead(ids[0]);
    host.tool.delete_lead(ids[1]);
    host.seed_people([1]);
    let known = |n: usize| person(n).old_property("email", email(n)).remote_id(ids[n]);
    assert_eq!(host.sync(vec![known(0), known(1)]).await, ["created", "updated"]);
    host.minutes()
}
