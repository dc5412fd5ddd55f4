//! Bad input: one clear outcome or error, the rest of the batch unaffected.

use outflow_core::{ErrorKind, Export, Value};
use rstest::rstest;
use serde_json::{Value as Json, json};

use super::world::{CONNECTION, URL, World, counts, email, people, person, told};

#[rstest]
#[case::missing_key(Export::new("bad").property("firstName", "F"), "missing_key", "email")]
#[case::empty_key(Export::new("bad").property("email", "  "), "missing_key", "email")]
#[case::null_key(Export::new("bad").property("email", Value::Null), "missing_key", "email")]
#[case::no_email(Export::new("bad").property("email", "nobody"), "invalid_value", "Email Address")]
#[case::unicode_email(Export::new("bad").property("email", "jürgen@example.com"), "invalid_value", "email")]
#[case::unknown_field(person(9).property("shoeSize", 43), "unknown_field", "shoeSize")]
#[case::read_only_field(person(9).property("createdAt", "2026-01-01T00:00:00Z"), "read_only_field", "createdAt")]
#[case::not_a_number(person(9).property("leadScore", "100%"), "invalid_value", "Lead Score")]
#[case::a_fraction(person(9).property("leadScore", 14.1), "invalid_value", "Lead Score")]
#[case::no_scheme(person(9).property("dateOfBirth", "soon"), "invalid_value", "Date of Birth")]
#[case::too_long(person(9).property("firstName", "x".repeat(256)), "invalid_value", "First Name")]
#[case::too_many_bytes(person(9).property("address", "ü".repeat(15_001)), "invalid_value", "Address")]
#[case::field_twice(person(9).property("First Name", "F"), "duplicate_field", "firstName")]
#[case::group_name(person(9).group("g".repeat(256)), "invalid_group", "")]
#[case::group_with_a_line_break(person(9).group("a\nb"), "invalid_group", "a\nb")]
#[case::empty_group(person(9).group(" "), "invalid_group", " ")]
#[case::foreign_id(person(9).remote_id("abc"), "invalid_remote_id", "")]
#[case::foreign_id_to_delete(Export::new("bad").remote_id("abc").delete(), "invalid_remote_id", "")]
#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_one_profile_is_said_of_that_profile(
    #[case] bad: Export,
    #[case] code: &str,
    #[case] field: &str,
) {
    let world = World::new();
    let mut exports = people(5);
    exports.insert(2, bad);
    let (report, outcomes) = world.export(exports).await;

    assert_eq!(report.outcomes.created, 5);
    assert_eq!(report.outcomes.rejected, 1);
    let problem = outcomes[2].outcome.problem().unwrap();
    assert_eq!(problem.code, code, "{problem:?}");
    if !field.is_empty() && field != " " {
        let named = problem.field.as_deref().unwrap_or_default();
        assert!(named.eq_ignore_ascii_case(field) || field.contains(named), "{problem:?}");
    }
    assert!(report.stopped.is_none());
    assert_eq!(world.leads().len(), 5);
    assert_eq!(world.calls(), counts([("sync leads", 1), ("describe leads 2", 1)]));
}

#[tokio::test(start_paused = true)]
async fn foreign_ids_among_good_ones_reach_no_call() {
    let world = World::new();
    let ids = world.seed((0..3).map(|n| json!({ "email": email(n) })));
    let exports = vec![
        person(0).remote_id(ids[0]),
        person(9).remote_id("00Q5e00000abc"),
        person(1).remote_id(ids[1]).delete(),
        person(8).remote_id("-3").delete(),
    ];
    let (_, outcomes) = world.export(exports).await;
    assert_eq!(
        told(&outcomes),
        ["updated", "rejected invalid_remote_id", "deleted", "rejected invalid_remote_id"]
    );
    assert_eq!(world.leads().len(), 2);
}

#[rstest]
#[case(json!({ "lookup_field": "lastName" }), "lookup_field", "email")]
#[case(json!({ "lookup_field": "id" }), "lookup_field", "email")]
#[case(json!({ "lookup_field": "nope" }), "lookup_field", "email")]
#[tokio::test(start_paused = true)]
async fn a_key_that_marketo_cannot_look_up_stops_before_anything_is_sent(
    #[case] options: Json,
    #[case] option: &str,
    #[case] advice: &str,
) {
    let world = World::new();
    let (report, outcomes) = world.export_with(options, Default::default(), people(3)).await;
    let stopped = report.stopped.unwrap();
    assert_eq!(stopped.kind(), &ErrorKind::Configuration);
    assert_eq!(stopped.field(), Some(option));
    assert!(stopped.message().contains(advice), "{stopped}");
    assert_eq!(told(&outcomes), ["retry invalid_option"; 3]);
    assert_eq!(world.calls(), counts([("describe leads 2", 1)]));
}

#[rstest]
#[case(json!({ "lookupField": "email" }), "lookupField", "lookup_field")]
#[case(json!({ "on_invalid_field": "ignore" }), "on_invalid_field", "drop")]
#[tokio::test]
async fn a_wrong_option_of_the_destination_is_named(
    #[case] options: Json,
    #[case] option: &str,
    #[case] advice: &str,
) {
    let world = World::new();
    let error = world.account().await.destination(CONNECTION, &options).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Configuration);
    assert_eq!(error.field(), Some(option));
    assert!(error.message().contains(advice), "{error}");
}

#[rstest]
#[case(json!({ "endpoint": "123-abc-456.mktorest.com" }), "endpoint")]
#[case(json!({ "endpoint": "http://123-abc-456.mktorest.com" }), "endpoint")]
#[case(json!({ "endpoint": "http://localhost.evil.example" }), "endpoint")]
#[case(json!({ "identity": "http://123-abc-456.mktorest.com/identity" }), "identity")]
#[case(json!({ "client_id": "" }), "client_id")]
#[case(json!({ "client_secret": "" }), "client_secret")]
#[case(json!({ "client_secrets": "x" }), "client_secrets")]
#[tokio::test]
async fn a_wrong_option_of_the_account_is_named(#[case] wrong: Json, #[case] option: &str) {
    let world = World::new();
    let mut options = outflow_sandbox::Sandbox::account(&*world.marketo, URL);
    for (name, value) in wrong.as_object().unwrap() {
        options[name] = value.clone();
    }
    let error = world.outflow.account("marketo", &options).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Configuration);
    assert_eq!(error.field(), Some(option));
    assert!(!format!("{error:?}").contains("sandbox-client-secret"));
}
