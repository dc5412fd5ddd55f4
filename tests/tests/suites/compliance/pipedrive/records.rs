//! Persons and organizations: created, updated, renamed and deleted.

use outflow_core::{Export, SyncMode, Value};
use serde_json::json;

use super::host::{ORGANIZATIONS, PERSONS, email, organization, person, pipedrive, profile};
use crate::compliance::host::{Minutes, ids, told};
use crate::compliance::scenario::scenarios;

scenarios![
    persons_come_change_and_go,
    organizations_come_change_and_go,
    keys_change_by_id_and_without,
    ids_that_are_gone_are_looked_for,
    nothing_is_deleted_that_is_not_there,
    names_that_begin_alike_are_others,
    other_modes_write_less,
];

async fn persons_come_change_and_go() -> Minutes {
    let host = pipedrive().await;
    let created = host.all(PERSONS, (1..=3).map(|n| person(n).known_new()).collect()).await;
    assert_eq!(told(&created), ["created"; 3]);
    let ids = ids(&created);
    let renamed = person(1)
        .property("Name", "Renamed")
        .old_property("Name", "Person 1")
        .old_property("Email", email(1))
        .remote_id(ids[0]);
    let exports = vec![renamed, person(2).remote_id(ids[1]).delete(), person(3).delete()];
    assert_eq!(host.persons(exports).await, ["updated", "deleted", "deleted"]);
    host.minutes()
}

async fn organizations_come_change_and_go() -> Minutes {
    let host = pipedrive().await;
    let created = host.all(ORGANIZATIONS, (1..=3).map(organization).collect()).await;
    assert_eq!(told(&created), ["created"; 3]);
    let ids = ids(&created);
    let renamed = Export::new("o1")
        .property("Name", "Renamed")
        .old_property("Name", "Organization 1")
        .remote_id(ids[0]);
    let nameless = Export::new("o3")
        .property("Name", Value::Null)
        .old_property("Name", "Organization 3")
        .remote_id(ids[2]);
    let exports = vec![renamed, organization(2).delete(), nameless];
    let told = host.organizations(exports).await;
    assert_eq!(told[..2], ["updated", "deleted"]);
    host.minutes()
}

async fn keys_change_by_id_and_without() -> Minutes {
    let host = pipedrive().await;
    let known = host.add_person("A", &["a@example.com", "home@example.com"]);
    host.add_person("B", &["b@example.com"]);
    let renamed = |name: &str, old: &str, new: &str| {
        profile(name, new).old_property("Name", name).old_property("Email", old)
    };
    let exports = vec![
        renamed("A", "a@example.com", "aa@example.com").remote_id(known),
        renamed("B", "b@example.com", "bb@example.com"),
        renamed("C", "c@example.com", "cc@example.com"),
    ];
    assert_eq!(host.persons(exports).await, ["updated", "updated", "created"]);
    host.tool.add_organization(&json!({ "name": "Old" })).unwrap();
    let export = Export::new("o").property("Name", "New").old_property("Name", "Old");
    assert_eq!(host.organizations(vec![export]).await, ["updated"]);
    host.minutes()
}

async fn ids_that_are_gone_are_looked_for() -> Minutes {
    let host = pipedrive().await;
    let gone = host.add_person("Gone", &["gone@example.com"]);
    let other = host.add_person("Gone too", &["too@example.com"]);
    host.tool.delete_person(gone);
    host.tool.delete_person(other);
    let known = |id: u64, email: &str| {
        profile("x", email)
            .property("Phone", "1")
            .old_property("Name", "y")
            .old_property("Email", email)
            .remote_id(id)
    };
    let exports = vec![
        known(gone, "gone@example.com"),
        known(other, "too@example.com").delete(),
        known(999_999, "never@example.com"),
    ];
    assert_eq!(host.persons(exports).await, ["created", "deleted", "created"]);
    host.minutes()
}

async fn nothing_is_deleted_that_is_not_there() -> Minutes {
    let host = pipedrive().await;
    assert_eq!(host.persons(vec![person(1).delete()]).await, ["skipped nothing_to_delete"]);
    assert_eq!(host.organizations(vec![organization(1).delete()]).await, ["skipped nothing_to_delete"]);
    host.minutes()
}

async fn names_that_begin_alike_are_others() -> Minutes {
    let host = pipedrive().await;
    for name in ["Acme", "Acme Holdings", "Twin", "Twin"] {
        host.tool.add_organization(&json!({ "name": name })).unwrap();
    }
    let named = |name: &str| Export::new(name).property("Name", name);
    let told = host.organizations(vec![named("Acme"), named("acme"), named("Twin")]).await;
    assert_eq!(told, ["updated", "created", "rejected ambiguous_key"]);
    host.minutes()
}

async fn other_modes_write_less() -> Minutes {
    let host = pipedrive().await;
    host.add_person("Person 1", &[&email(1)]);
    let destination = host.destination(PERSONS, &json!({}));
    for (mode, expected) in [
        (SyncMode::ENRICH, ["updated", "skipped create_not_allowed"]),
        (SyncMode::ADDITIVE, ["updated", "created"]),
    ] {
        let run = outflow_core::Run::of_mode(mode);
        let export = |number: u64| person(number).property("Name", format!("{mode:?}"));
        let (_, outcomes) = host.export(&destination, run, vec![export(1), export(2)]).await;
        assert_eq!(told(&outcomes), expected);
    }
    host.minutes()
}
