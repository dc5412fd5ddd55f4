//! Every type of field, in the form API v2 takes, and what is refused before it is sent.

use outflow_core::{Export, Value};
use rstest::rstest;
use serde_json::{Value as Json, json};

use crate::rig::{Done, PERSONS, Rig, new_person, person};

fn list(values: &[&str]) -> Value {
    Value::from(values.to_vec())
}

fn mixed(amount: impl Into<Value>, currency: &str) -> Value {
    Value::Array(vec![amount.into(), currency.into()])
}

#[rstest]
#[case::varchar("text_field", "Tél.".into(), json!("Tél."))]
#[case::varchar_of_number("text_field", 12_i64.into(), json!("12"))]
#[case::text("large_text_field", "x".repeat(1_000).into(), json!("x".repeat(1_000)))]
#[case::varchar_auto("autocomplete_field", "auto".into(), json!("auto"))]
#[case::double("numerical_field", "12.5".into(), json!(12.5))]
#[case::lesson_07_zero("numerical_field", 0_i64.into(), json!(0.0))]
#[case::monetary("monetary_field", "12.5 EUR".into(), json!({ "value": 12.5, "currency": "EUR" }))]
#[case::monetary_pair("monetary_field", mixed(12_i64, "usd"), json!({ "value": 12, "currency": "USD" }))]
#[case::monetary_zero("monetary_field", "0 EUR".into(), json!({ "value": 0, "currency": "EUR" }))]
#[case::enum_label("single_option_field", "Option 2".into(), json!("Option 2"))]
#[case::set_labels("multiple_option_field", list(&["Option 3", "Option 1"]), json!(["Option 3", "Option 1"]))]
#[case::set_text("multiple_option_field", "Option 1, Option 2".into(), json!(["Option 1", "Option 2"]))]
#[case::set_one("multiple_option_field", "Option 1".into(), json!(["Option 1"]))]
#[case::phone("phone_field", "+49 30 1".into(), json!("+49 30 1"))]
#[case::time("time_field", "09:30".into(), json!({ "value": "09:30:00", "timezone_name": null }))]
#[case::time_with_zone("time_field", "09:30:15 Europe/Berlin".into(), json!({ "value": "09:30:15", "timezone_name": "Europe/Berlin" }))]
#[case::timerange("time_range_field", list(&["09:30", "17:00:00"]), json!({ "value": "09:30:00", "until": "17:00:00", "timezone_name": null }))]
#[case::timerange_text("time_range_field", "09:30/17:00 America/New_York".into(), json!({ "value": "09:30:00", "until": "17:00:00", "timezone_name": "America/New_York" }))]
#[case::timerange_zone("time_range_field", list(&["09:30", "17:00 Europe/Berlin"]), json!({ "value": "09:30:00", "until": "17:00:00", "timezone_name": "Europe/Berlin" }))]
#[case::date("date_field", "2026-03-01T12:00:00Z".into(), json!("2026-03-01"))]
#[case::daterange("date_range_field", list(&["2026-03-01", "2026-03-31"]), json!({ "value": "2026-03-01", "until": "2026-03-31" }))]
#[case::daterange_text("date_range_field", "2026-03-01/2026-03-31".into(), json!({ "value": "2026-03-01", "until": "2026-03-31" }))]
#[tokio::test(start_paused = true)]
async fn a_value_arrives_and_is_cleared(#[case] field: &str, #[case] value: Value, #[case] expected: Json) {
    let rig = Rig::new().await;
    let done = rig.export(vec![new_person(1).property(field, value.clone())]).await;
    assert_eq!(done.names(), ["created"], "{:?}", done.only());
    let id = done.ids()[0];
    assert_eq!(rig.fields_of(PERSONS, id)[field], expected);

    // Null clears, and so does a property that was there and is gone.
    let nulled = person(1).property(field, Value::Null).remote_id(id);
    assert_eq!(rig.export(vec![nulled]).await.names(), ["updated"]);
    assert!(!rig.fields_of(PERSONS, id).contains_key(field));

    let back = person(1).property(field, value.clone()).remote_id(id);
    assert_eq!(rig.export(vec![back]).await.names(), ["updated"]);
    assert_eq!(rig.fields_of(PERSONS, id)[field], expected);
    let dropped = person(1).old_property(field, value).remote_id(id);
    assert_eq!(rig.export(vec![dropped]).await.names(), ["updated"]);
    assert!(!rig.fields_of(PERSONS, id).contains_key(field));
}

#[tokio::test(start_paused = true)]
async fn ids_of_options_users_and_records_are_taken() {
    let rig = Rig::new().await;
    let other = rig.add_person("Other", &["other@example.com"]);
    let organization = rig.sandbox.add_organization(&json!({ "name": "Acme" })).unwrap();
    let owner = rig.person(other)["owner_id"].as_u64().unwrap();
    let schema = rig.persons().mapping_schema().await.unwrap();
    let (_, options) = schema.find("multiple_option_field").unwrap();
    let second: i64 = options.choices[1].id.parse().unwrap();
    let id = |id: u64| Value::from(i64::try_from(id).unwrap());
    let export = new_person(1)
        .property("multiple_option_field", vec![second])
        .property("single_option_field", schema_option(&schema, 2))
        .property("user_field", id(owner))
        .property("person_field", other.to_string())
        .property("organization_field", id(organization))
        .property("org_id", id(organization))
        .property("Owner", id(owner));
    let done = rig.export(vec![export]).await;
    assert_eq!(done.names(), ["created"], "{:?}", done.only());
    let fields = rig.fields_of(PERSONS, done.ids()[0]);
    assert_eq!(fields["multiple_option_field"], json!(["Option 2"]));
    assert_eq!(fields["single_option_field"], json!("Option 3"));
    assert_eq!(fields["user_field"], json!(owner));
    assert_eq!(fields["person_field"], json!(other));
    assert_eq!(fields["organization_field"], json!(organization));
    assert_eq!(fields["org_id"], json!(organization));
}

fn schema_option(schema: &outflow_core::MappingSchema, index: usize) -> Value {
    let (_, field) = schema.find("single_option_field").unwrap();
    Value::from(field.choices[index].id.as_str())
}

#[tokio::test(start_paused = true)]
async fn an_address_is_one_line() {
    let rig = Rig::new().await;
    let done = rig.export(vec![new_person(1).property("address_field", "Main St 1, Berlin")]).await;
    let fields = rig.fields_of(PERSONS, done.ids()[0]);
    assert_eq!(fields["address_field"]["value"], "Main St 1, Berlin");
}

/// An amount alone is in the user's own currency, which is asked for once.
#[tokio::test(start_paused = true)]
async fn an_amount_alone_is_in_the_default_currency() {
    let rig = Rig::new().await;
    let exports = (1..=3).map(|number| new_person(number).property("monetary_field", 9.5));
    let done = rig.export(exports.collect()).await;
    assert_eq!(done.tokens(), 2 + 3 * 5, "{:?}", done.calls());
    for id in done.ids() {
        let amount = &rig.fields_of(PERSONS, id)["monetary_field"];
        assert_eq!(amount["value"], 9.5);
        assert_eq!(amount["currency"].as_str().unwrap().len(), 3);
    }
}

#[rstest]
#[case("numerical_field", "many".into())]
#[case("monetary_field", "12,5 EUR".into())]
#[case("monetary_field", "12.5 Euro".into())]
#[case("monetary_field", "NaN".into())]
#[case("monetary_field", true.into())]
#[case("single_option_field", "Option 4".into())]
#[case("single_option_field", list(&["Option 1"]))]
#[case("multiple_option_field", list(&["Option 1", "Option 4"]))]
#[case("user_field", "Ada".into())]
#[case("person_field", 0_i64.into())]
#[case("organization_field", (-1_i64).into())]
#[case("time_field", "25:00".into())]
#[case("time_field", "9 o'clock".into())]
#[case("time_field", "09:30 Mars/Olympus".into())]
#[case("time_range_field", "09:30".into())]
#[case("time_range_field", list(&["09:30", "10:30", "11:30"]))]
#[case("date_field", "31.12.2026".into())]
#[case("date_range_field", "2026-03-01".into())]
#[case("date_range_field", list(&["2026-03-01", "2026-13-01"]))]
#[case("address_field", Value::Array(vec![]))]
#[case("text_field", "x".repeat(256).into())]
#[case("Email", "no email".into())]
#[case("Phone", "none".into())]
#[case("Visible to", 4_i64.into())]
#[tokio::test(start_paused = true)]
async fn a_bad_value_is_rejected_before_anything_is_written(#[case] field: &str, #[case] value: Value) {
    let rig = Rig::new().await;
    let bad = new_person(1).property(field, value);
    let done = rig.export(vec![bad, new_person(2).group("VIP")]).await;
    assert_eq!(done.names(), ["rejected", "created"]);
    let problem = done.outcomes[0].outcome.problem().unwrap();
    assert_eq!(problem.code, "invalid_value");
    assert_eq!(problem.field.as_deref(), Some(field));
    assert!(problem.message.contains(field), "{problem:?}");
    assert_eq!(rig.calls_to("create person"), 1);
}

#[rstest]
#[case("Shoe size", "unknown_field")]
#[case("Groups", "read_only_field")]
#[case("update_time", "read_only_field")]
#[case("Person created", "read_only_field")]
#[case("First name", "read_only_field")]
#[tokio::test(start_paused = true)]
async fn fields_that_cannot_be_written_are_named(#[case] field: &str, #[case] code: &str) {
    let rig = Rig::new().await;
    rig.export(vec![new_person(1).group("VIP")]).await;
    let later = rig.another_process().await;
    let done = later.export(vec![new_person(2).property(field, "x")]).await;
    assert_eq!(done.code(), code);
    assert_eq!(done.only().problem().unwrap().field.as_deref(), Some(field));
}

#[tokio::test(start_paused = true)]
async fn what_every_record_has_cannot_be_cleared() {
    let rig = Rig::new().await;
    let id = rig.sandbox.add_many_persons(1);
    for field in ["Name", "Owner", "Visible to"] {
        let export =
            Export::new("1").property("Email", crate::rig::email(1)).old_property(field, 1_i64).remote_id(id);
        let done = rig.export(vec![export]).await;
        assert_eq!(done.code(), "missing_field");
        assert_eq!(done.only().problem().unwrap().field.as_deref(), Some(field));
    }
    let unlinked = person(1).property("Organization", Value::Null).remote_id(id);
    assert_eq!(rig.export(vec![unlinked]).await.names(), ["updated"]);
    assert_eq!(rig.calls_to("update person"), 1);
}

/// A refusal by the tool names the field as people know it.
#[tokio::test(start_paused = true)]
async fn what_the_tool_refuses_names_the_field() {
    let rig = Rig::new().await;
    let exports: Vec<Export> = vec![
        new_person(1).property("person_field", 4_711_i64),
        new_person(2).property("org_id", 4_711_i64),
        new_person(3),
    ];
    let done = rig.export(exports).await;
    assert_eq!(done.names(), ["rejected", "rejected", "created"]);
    let field = |index: usize| done.outcomes[index].outcome.problem().unwrap().field.clone();
    assert_eq!(field(0).as_deref(), Some("person_field"));
    assert_eq!(field(1).as_deref(), Some("Organization"));
}

#[tokio::test(start_paused = true)]
async fn the_schema_says_what_can_be_written() {
    let rig = Rig::new().await;
    let schema = rig.persons().mapping_schema().await.unwrap();
    for (label, name) in [("Name", "name"), ("Email", "email")] {
        let (_, field) = schema.find(label).unwrap();
        assert_eq!(field.name, name);
        assert!(field.required && field.important);
    }
    let (_, phone) = schema.find("Phone").unwrap();
    assert!(!phone.required && phone.important);
    let (_, set) = schema.find("multiple_option_field").unwrap();
    assert_eq!(set.field_type.name(), "set");
    assert_eq!(set.choices.len(), 3);
    assert_eq!(set.name.len(), 40);
    let organizations = rig.organizations().mapping_schema().await.unwrap();
    assert!(organizations.find("Name").unwrap().1.required);
}

#[tokio::test(start_paused = true)]
async fn more_fields_than_a_page_are_all_listed() {
    let rig = Rig::new().await;
    for number in 0..600 {
        rig.sandbox.add_field(
            outflow_pipedrive::sandbox::Entity::Person,
            &format!("Field {number}"),
            outflow_pipedrive::sandbox::FieldType::Varchar,
            &[],
        );
    }
    let exports = vec![new_person(1).property("Field 599", "x")];
    let done = rig.export(exports).await;
    assert_eq!(done.names(), ["created"]);
    assert_eq!(done.calls_to("list_person_fields"), 2);
}

/// A property may be named by the field's code, too.
#[tokio::test(start_paused = true)]
async fn lesson_08_what_is_missing_is_left_alone() {
    let rig = Rig::new().await;
    let schema = rig.persons().mapping_schema().await.unwrap();
    let code = schema.find("text_field").unwrap().1.name.clone();
    let done = rig.export(vec![new_person(1).property(code, "kept").property("phone", "1")]).await;
    let id = done.ids()[0];
    let sparse = person(1).property("numerical_field", 1_i64).remote_id(id);
    let done: Done = rig.export(vec![sparse]).await;
    assert_eq!(done.names(), ["updated"]);
    let fields = rig.fields_of(PERSONS, id);
    assert_eq!(fields["text_field"], "kept");
    assert_eq!(fields["phones"], json!(["1"]));
}

/// A blank name is none, and Pipedrive need not be asked.
#[rstest]
#[case("")]
#[case("  ")]
#[case("\u{a0}\t\n")]
#[tokio::test(start_paused = true)]
async fn a_blank_name_is_rejected_before_any_call(#[case] blank: &str) {
    let rig = Rig::new().await;
    let id = rig.add_person("Ada", &[&crate::rig::email(9)]);
    let exports = vec![
        new_person(1).property("Name", blank),
        person(2).property("Name", blank),
        person(9).property("Name", blank).remote_id(id),
        person(3).property("Name", Value::Null),
    ];
    let done = rig.export(exports).await;
    assert_eq!(done.names(), ["rejected"; 4]);
    for outcomed in &done.outcomes {
        let problem = outcomed.outcome.problem().unwrap();
        assert_eq!((&*problem.code, problem.field.as_deref()), ("missing_field", Some("name")));
    }
    assert_eq!(done.tokens(), 0);
    assert_eq!(rig.person(id)["name"], "Ada");

    let organizations = vec![Export::new("1").property("Name", blank)];
    let done = Done::of(&rig.organizations(), organizations).await;
    assert_eq!(done.code(), "missing_key");
    assert_eq!(done.tokens(), 0);
}
