//! Values: of every type, cleared, and refused.

use outflow_core::{Export, Value};
use outflow_pipedrive::sandbox::Entity;
use serde_json::json;

use super::host::{ORGANIZATIONS, PERSONS, Pipedrive, organization, person, pipedrive};
use crate::compliance::host::{Minutes, ids, told};
use crate::compliance::scenario::scenarios;

scenarios![
    custom_fields_of_every_type_are_written_and_cleared,
    standard_fields_of_a_person_are_written_and_cleared,
    standard_fields_of_an_organization_are_written_and_cleared,
    an_amount_without_a_currency_has_the_users,
    values_that_pipedrive_refuses_are_rejected,
];

fn list(values: &[&str]) -> Value {
    Value::from(values.to_vec())
}

fn id(id: u64) -> Value {
    Value::from(i64::try_from(id).unwrap())
}

/// A value for the custom field of each type, of either kind of record.
fn custom(host: &Pipedrive, entity: Entity) -> Vec<(&'static str, Value)> {
    let other = host.add_person("Other", &["other@example.com"]);
    let acme = host.tool.add_organization(&json!({ "name": "Acme" })).unwrap();
    let owner = host.tool.person(other).unwrap()["owner_id"].as_u64().unwrap();
    let (set, one, two) = match entity {
        Entity::Person => ("multiple_option_field", "Option 1", "Option 2"),
        Entity::Organization => ("multiple_options_fields", "First option", "Second option"),
    };
    let candidates = [
        ("text_field", Value::from("Tél.")),
        ("large_text_field", "x".repeat(1_000).into()),
        ("autocomplete_field", "auto".into()),
        ("numerical_field", "12.5".into()),
        ("monetary_field", "12.5 EUR".into()),
        ("single_option_field", two.into()),
        (set, list(&[one, two])),
        ("user_field", id(owner)),
        ("organization_field", id(acme)),
        ("person_field", id(other)),
        ("phone_field", "+49 30 1".into()),
        ("time_field", "09:30:15 Europe/Berlin".into()),
        ("time_range_field", list(&["09:30", "17:00"])),
        ("date_field", "2026-03-01".into()),
        ("date_range_field", list(&["2026-03-01", "2026-03-31"])),
        ("address_field", "Main St 1, Berlin".into()),
    ];
    let is_there = |name: &str| host.tool.field_code(entity, name).is_some();
    let there: Vec<_> = candidates.into_iter().filter(|(name, _)| is_there(name)).collect();
    assert!(there.len() > 12, "{there:?}");
    there
}

/// Writes the values into a new record, clears them, and writes them once more.
async fn written_and_cleared(
    host: &Pipedrive,
    connection: &str,
    record: impl Fn(u64) -> Export,
    values: &[(&str, Value)],
) {
    let filled = || {
        let fill = |export: Export, (name, value): &(&str, Value)| export.property(*name, value.clone());
        values.iter().fold(record(1), fill)
    };
    let created = host.all(connection, vec![filled().known_new()]).await;
    assert_eq!(told(&created), ["created"], "{created:?}");
    let id = ids(&created)[0];
    let null = |export: Export, (name, _): &(&str, Value)| export.property(*name, Value::Null);
    let cleared = values.iter().fold(record(1), null).remote_id(id);
    let again = filled().remote_id(id);
    for export in [cleared, again] {
        let updated = host.all(connection, vec![export]).await;
        assert_eq!(told(&updated), ["updated"], "{updated:?}");
    }
}

async fn custom_fields_of_every_type_are_written_and_cleared() -> Minutes {
    let host = pipedrive().await;
    let values = custom(&host, Entity::Person);
    written_and_cleared(&host, PERSONS, person, &values).await;
    let values = custom(&host, Entity::Organization);
    written_and_cleared(&host, ORGANIZATIONS, organization, &values).await;
    host.minutes()
}

async fn standard_fields_of_a_person_are_written_and_cleared() -> Minutes {
    let host = pipedrive().await;
    let acme = host.tool.add_organization(&json!({ "name": "Acme" })).unwrap();
    let values = [
        ("Phone", Value::from("+49 30 2")),
        ("Organization", id(acme)),
        ("Labels", list(&["Customer", "Hot lead"])),
    ];
    written_and_cleared(&host, PERSONS, person, &values).await;
    // These are never empty.
    let owner = host.tool.person(1).unwrap()["owner_id"].as_u64().unwrap();
    let export = person(2).property("Visible to", 3).property("Owner", id(owner));
    assert_eq!(host.persons(vec![export]).await, ["created"]);
    host.minutes()
}

async fn standard_fields_of_an_organization_are_written_and_cleared() -> Minutes {
    let host = pipedrive().await;
    let values = [
        ("Address", Value::from("Main St 1, Berlin")),
        ("Website", "https://acme.example".into()),
        ("LinkedIn profile", "https://linkedin.com/company/acme".into()),
        ("Industry", "Finance".into()),
        ("Annual revenue", 1_000.into()),
        ("Number of employees", 0.into()),
        ("Labels", list(&["Customer"])),
    ];
    written_and_cleared(&host, ORGANIZATIONS, organization, &values).await;
    host.minutes()
}

async fn an_amount_without_a_currency_has_the_users() -> Minutes {
    let host = pipedrive().await;
    let export = person(1).property("monetary_field", 12.5);
    assert_eq!(host.persons(vec![export]).await, ["created"]);
    host.minutes()
}

async fn values_that_pipedrive_refuses_are_rejected() -> Minutes {
    let host = pipedrive().await;
    let exports = vec![
        person(1).property("person_field", 999_999),
        person(2).property("org_id", 999_999),
        person(3).property("numerical_field", "many"),
        person(4).property("single_option_field", "No such option"),
        person(5).property("no such field", 1),
        person(6),
    ];
    let told = host.persons(exports).await;
    assert!(told[2].starts_with("rejected") && told[3].starts_with("rejected"), "{told:?}");
    assert_eq!(told[5], "created");
    host.minutes()
}
