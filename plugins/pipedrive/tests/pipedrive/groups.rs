//! Groups: options of one field, created together and once, with a filter each.

use std::time::Duration;

use outflow_core::{Export, Value};
use outflow_pipedrive::sandbox::{Entity, FieldType};
use outflow_sandbox::FaultAction;
use serde_json::{Value as Json, json};

use crate::rig::{Done, PERSONS, Rig, new_person, person};

fn labels_of(rig: &Rig, field: &str) -> Vec<String> {
    let fields = rig.sandbox.fields(Entity::Person);
    let field = fields.iter().find(|info| info["field_name"] == field).unwrap();
    field["options"]
        .as_array()
        .unwrap()
        .iter()
        .map(|option| option["label"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_new_group_that_fifty_exports_name_is_created_once() {
    let rig = Rig::new().await;
    let exports = (1..=50).map(|number| new_person(number).group("VIP"));
    let done = rig.export(exports.collect()).await;
    assert_eq!(done.report.outcomes.created, 50);
    assert_eq!(done.calls_to("create_person_field"), 1);
    assert_eq!(done.calls_to("create_person_field_options"), 0);
    assert_eq!(done.calls_to("create_filter"), 1);
    assert_eq!(labels_of(&rig, "Groups"), ["VIP"]);
    assert_eq!(rig.group_filters(), ["In Group: VIP"]);
    // The field with its options, the lists of filters and of v1 fields, a filter.
    assert_eq!(done.tokens(), 50 * 5 + 5 + 20 + 20 + 10);
    for id in done.ids() {
        assert_eq!(rig.groups_of(id), ["VIP"]);
    }
}

#[tokio::test(start_paused = true)]
async fn runs_side_by_side_create_a_group_once() {
    let rig = Rig::new().await;
    let (one, other) = tokio::join!(
        rig.export((1..=20).map(|number| new_person(number).group("VIP")).collect()),
        rig.export((21..=40).map(|number| new_person(number).group("VIP")).collect()),
    );
    assert_eq!(one.report.outcomes.created + other.report.outcomes.created, 40);
    assert_eq!(rig.calls_to("create person field"), 1);
    assert_eq!(labels_of(&rig, "Groups"), ["VIP"]);
    assert_eq!(rig.group_filters().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn new_groups_of_a_field_that_is_there_are_one_call() {
    let rig = Rig::new().await;
    rig.export(vec![new_person(1).group("First")]).await;
    let exports = (2..=30).map(|number| new_person(number).group(format!("Group {number}")));
    let done = rig.export(exports.collect()).await;
    assert_eq!(done.report.outcomes.created, 29);
    assert_eq!(done.calls_to("create_person_field_options"), 1);
    assert_eq!(done.calls_to("create_filter"), 29);
    assert_eq!(labels_of(&rig, "Groups").len(), 30);
    assert_eq!(rig.group_filters().len(), 30);
}

/// The filter finds who is in the group.
#[tokio::test(start_paused = true)]
async fn the_filter_asks_for_the_option_in_the_field() {
    let rig = Rig::new().await;
    rig.export(vec![new_person(1).group("VIP"), new_person(2).group("Other")]).await;
    let option = rig.sandbox.option_id(Entity::Person, "Groups", "VIP").unwrap();
    let filters = rig.sandbox.filters();
    let filter = filters.iter().find(|filter| filter["name"] == "In Group: VIP").unwrap();
    assert_eq!(filter["type"], "people");
    let condition = &filter["conditions"]["conditions"][0]["conditions"][0];
    assert_eq!(condition["object"], "person");
    assert_eq!(condition["value"], option.to_string());
}

#[tokio::test(start_paused = true)]
async fn groups_ride_in_the_write_and_leave_with_it() {
    let rig = Rig::new().await;
    let done = rig.export(vec![new_person(1).group("A").group("B")]).await;
    let id = done.ids()[0];
    let moved = person(1)
        .old_property("Name", "Person 1")
        .old_property("Email", crate::rig::email(1))
        .old_group("A")
        .old_group("B")
        .group("B")
        .group("C")
        .remote_id(id);
    assert_eq!(rig.export(vec![moved]).await.calls_to("update_person"), 1);
    assert_eq!(rig.groups_of(id), ["B", "C"]);

    let out = person(1)
        .old_property("Name", "Person 1")
        .old_property("Email", crate::rig::email(1))
        .old_group("B")
        .old_group("C")
        .remote_id(id);
    let done = rig.export(vec![out]).await;
    assert_eq!(done.tokens(), 5);
    assert!(rig.groups_of(id).is_empty());
    let bodies = rig.bodies("update person");
    let cleared = bodies.last().unwrap()["custom_fields"].as_object().unwrap();
    assert_eq!(cleared.values().collect::<Vec<_>>(), [&Json::Null]);
}

#[tokio::test(start_paused = true)]
async fn leaving_groups_that_never_were_writes_nothing_about_them() {
    let rig = Rig::new().await;
    let id = rig.add_person("Ada", &["person-1@example.com"]);
    let out = person(1).old_group("A").remote_id(id);
    let done = rig.export(vec![out]).await;
    assert_eq!(done.names(), ["updated"]);
    assert_eq!(rig.calls_to("create person field"), 0);
}

#[tokio::test(start_paused = true)]
async fn the_options_choose_field_and_filters() {
    let rig = Rig::new().await;
    let options = json!({ "group_field": "Segments", "group_filters": false });
    let persons = rig.account.destination(PERSONS, &options).unwrap();
    let done = Done::of(&persons, vec![new_person(1).group("VIP")]).await;
    assert_eq!(done.tokens(), 5 + 5);
    assert_eq!(labels_of(&rig, "Segments"), ["VIP"]);
    assert!(rig.group_filters().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_field_that_cannot_hold_groups_is_a_wrong_option() {
    let rig = Rig::new().await;
    rig.sandbox.add_field(Entity::Person, "Groups", FieldType::Varchar, &[]);
    let done = rig.export(vec![new_person(1).group("VIP"), new_person(2)]).await;
    assert_eq!(done.names()[0], "retry");
    assert_eq!(done.stopped().field(), Some("group_field"));
    assert!(done.stopped().message().contains("varchar"), "{}", done.stopped());
}

#[tokio::test(start_paused = true)]
async fn two_fields_of_the_name_are_told_apart_by_the_code() {
    let rig = Rig::new().await;
    rig.sandbox.add_field(Entity::Person, "Groups", FieldType::Set, &["A"]);
    let second = rig.sandbox.add_field(Entity::Person, "Groups", FieldType::Set, &["A"]);
    let done = rig.export(vec![new_person(1).group("A")]).await;
    assert_eq!(done.stopped().field(), Some("group_field"));
    let options = json!({ "group_field": second });
    let persons = rig.account.destination(PERSONS, &options).unwrap();
    assert_eq!(Done::of(&persons, vec![new_person(1).group("A")]).await.names(), ["created"]);
}

/// Another program made the option since the fields were listed.
#[tokio::test(start_paused = true)]
async fn an_option_that_appeared_meanwhile_is_not_made_twice() {
    let rig = Rig::new().await;
    rig.export(vec![new_person(1).group("A")]).await;
    let other = rig.another_process().await;
    other.export(vec![new_person(2).group("B")]).await;
    rig.clock.sleep(Duration::from_secs(300)).await;
    let done = rig.export(vec![new_person(3).group("B")]).await;
    assert_eq!(done.names(), ["created"]);
    assert_eq!(labels_of(&rig, "Groups"), ["A", "B"]);
}

#[tokio::test(start_paused = true)]
async fn an_option_that_was_deleted_is_made_again() {
    let rig = Rig::new().await;
    rig.export(vec![new_person(1).group("A").group("B")]).await;
    let code = rig.sandbox.field_code(Entity::Person, "Groups").unwrap();
    let option = rig.sandbox.option_id(Entity::Person, "Groups", "B").unwrap();
    let path = format!("/api/v2/personFields/{code}/options");
    rig.by_hand("DELETE", &path, &json!([{ "id": option }])).await;
    let done = rig.export(vec![new_person(2).group("B")]).await;
    assert_eq!(done.names(), ["created"], "{:?}", done.only());
    assert_eq!(rig.groups_of(done.ids()[0]), ["B"]);
    assert_eq!(rig.sandbox.persons().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_option_whose_create_got_no_answer_is_looked_for() {
    for action in [FaultAction::ResetAfter, FaultAction::Reset, FaultAction::TimeoutAfter] {
        let rig = Rig::new().await;
        rig.fault("create person field", action.clone());
        let done = rig.export(vec![new_person(1).group("A")]).await;
        assert_eq!(done.names(), ["created"], "{action:?}");
        rig.fault("add person field options", action.clone());
        let done = rig.export(vec![new_person(2).group("B")]).await;
        assert_eq!(done.names(), ["created"], "{action:?}");
        assert_eq!(labels_of(&rig, "Groups"), ["A", "B"]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_plans_limit_of_fields_is_told_with_a_way_out() {
    let rig = Rig::new().await;
    rig.fault(
        "create person field",
        FaultAction::ErrorCode {
            code: "feature_capping_custom_fields_limit".to_owned(),
            message: "Custom fields limit reached".to_owned(),
        },
    );
    let done = rig.export(vec![new_person(1).group("A")]).await;
    assert_eq!(done.names(), ["retry"]);
    let stopped = done.stopped();
    assert_eq!(stopped.code(), Some("feature_capping_custom_fields_limit"));
    assert_eq!(stopped.field(), Some("group_field"));
    assert!(stopped.message().contains("upgrade"), "{stopped}");
}

#[tokio::test(start_paused = true)]
async fn a_group_whose_name_is_too_long_is_rejected_alone() {
    let rig = Rig::new().await;
    let long = "g".repeat(256);
    let done = rig.export(vec![new_person(1).group(long), new_person(2).group("g".repeat(255))]).await;
    assert_eq!(done.names(), ["rejected", "created"]);
    assert_eq!(done.outcomes[0].outcome.problem().unwrap().code, "invalid_group");
}

/// A group is the profile's own business: nobody's options decide for others (lesson 1).
#[tokio::test(start_paused = true)]
async fn lesson_01_each_profile_leaves_its_own_groups() {
    let rig = Rig::new().await;
    let seeded = rig.export(vec![new_person(1).group("A"), new_person(2).group("A")]).await;
    let ids = seeded.ids();
    let exports: Vec<Export> = vec![
        person(1).remote_id(ids[0]).delete(),
        person(2).property("text_field", Value::from("x")).old_group("A").group("A").remote_id(ids[1]),
    ];
    let done = rig.export(exports).await;
    assert_eq!(done.names(), ["deleted", "updated"]);
    assert_eq!(rig.groups_of(ids[1]), ["A"]);
}
