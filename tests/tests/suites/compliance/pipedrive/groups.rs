//! Groups: options of one field, and a saved filter for each.

use std::time::Duration;

use outflow_pipedrive::sandbox::{Entity, FieldType};
use outflow_sandbox::FaultAction;
use serde_json::json;

use super::host::{ORGANIZATIONS, PERSONS, email, organization, person, pipedrive};
use crate::compliance::host::{Minutes, ids, told};
use crate::compliance::scenario::scenarios;

scenarios![
    groups_are_made_joined_and_left,
    organizations_have_groups_too,
    the_options_choose_field_and_filters,
    an_option_that_was_deleted_is_made_again,
    a_field_that_was_deleted_is_made_again,
    a_field_of_another_type_is_a_wrong_option,
    a_plan_without_room_for_fields_is_told,
    filters_that_are_there_are_kept,
    creates_without_an_answer_are_looked_for,
];

async fn groups_are_made_joined_and_left() -> Minutes {
    let host = pipedrive().await;
    let exports = vec![person(1).group("A").group("B"), person(2)];
    let created = host.all(PERSONS, exports).await;
    assert_eq!(told(&created), ["created"; 2]);
    let known = || {
        person(1).old_property("Name", "Person 1").old_property("Email", email(1)).remote_id(ids(&created)[0])
    };
    let moved = known().old_group("A").old_group("B").group("B").group("C");
    assert_eq!(host.persons(vec![moved]).await, ["updated"]);
    let out = known().old_group("B").old_group("C");
    assert_eq!(host.persons(vec![out]).await, ["updated"]);
    host.minutes()
}

async fn organizations_have_groups_too() -> Minutes {
    let host = pipedrive().await;
    let exports = vec![organization(1).group("Partners"), organization(2).group("Others")];
    assert_eq!(host.organizations(exports).await, ["created"; 2]);
    let export = organization(3).group("Later");
    assert_eq!(host.organizations(vec![export]).await, ["created"]);
    host.minutes()
}

async fn the_options_choose_field_and_filters() -> Minutes {
    let host = pipedrive().await;
    let options = json!({ "group_field": "Segments", "group_filters": false });
    let outcomes = host.with_options(PERSONS, options.clone(), vec![person(1).group("VIP")]).await;
    assert_eq!(told(&outcomes), ["created"]);
    let outcomes = host.with_options(ORGANIZATIONS, options, vec![organization(1).group("VIP")]).await;
    assert_eq!(told(&outcomes), ["created"]);
    host.minutes()
}

async fn an_option_that_was_deleted_is_made_again() -> Minutes {
    let host = pipedrive().await;
    assert_eq!(host.persons(vec![person(1).group("A").group("B")]).await, ["created"]);
    let code = host.tool.field_code(Entity::Person, "Groups").unwrap();
    // The whole field was made anew by somebody, under its name and without B.
    host.tool.delete_field(Entity::Person, &code);
    host.tool.add_field(Entity::Person, "Groups", FieldType::Set, &["A"]);
    assert_eq!(host.persons(vec![person(2).group("B")]).await, ["created"]);
    host.minutes()
}

async fn a_field_that_was_deleted_is_made_again() -> Minutes {
    let host = pipedrive().await;
    assert_eq!(host.persons(vec![person(1).group("A")]).await, ["created"]);
    let code = host.tool.field_code(Entity::Person, "Groups").unwrap();
    host.tool.delete_field(Entity::Person, &code);
    host.controls().clock.sleep(Duration::from_secs(7_200)).await;
    assert_eq!(host.persons(vec![person(2).group("A")]).await, ["created"]);
    host.minutes()
}

async fn a_field_of_another_type_is_a_wrong_option() -> Minutes {
    let host = pipedrive().await;
    host.tool.add_field(Entity::Person, "Groups", FieldType::Varchar, &[]);
    assert_eq!(host.persons(vec![person(1).group("A")]).await, ["retry group_field"]);
    host.minutes()
}

async fn a_plan_without_room_for_fields_is_told() -> Minutes {
    let host = pipedrive().await;
    host.tool.cap_custom_fields(Some(1));
    let told = host.persons(vec![person(1).group("A")]).await;
    assert!(told[0].starts_with("retry feature_capping_"), "{told:?}");
    host.minutes()
}

async fn filters_that_are_there_are_kept() -> Minutes {
    let host = pipedrive().await;
    host.tool.add_filter("In Group: A", Entity::Person);
    assert_eq!(host.persons(vec![person(1).group("A").group("B")]).await, ["created"]);
    host.minutes()
}

async fn creates_without_an_answer_are_looked_for() -> Minutes {
    let host = pipedrive().await;
    host.fault("create person field", FaultAction::ResetAfter);
    assert_eq!(host.persons(vec![person(1).group("A")]).await, ["created"]);
    host.fault("add person field options", FaultAction::TimeoutAfter);
    assert_eq!(host.persons(vec![person(2).group("B")]).await, ["created"]);
    host.fault("create filter", FaultAction::ResetAfter);
    assert_eq!(host.persons(vec![person(3).group("C")]).await, ["created"]);
    // The filter that nobody knows of is found by the next who needs one.
    assert_eq!(host.persons(vec![person(4).group("C").group("D")]).await, ["created"]);
    host.minutes()
}
