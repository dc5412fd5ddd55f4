//! Exports that are wrong: one clear outcome each, with the others unaffected.

use pretty_assertions::assert_eq;
use rstest::rstest;
use serde_json::{Value as Json, json};

use crate::program::run_with_input;
use crate::served::{LEADS, PERSONS, Served};

fn good(connection: &str) -> Json {
    let properties = if connection == LEADS {
        json!({ "email": "good@example.com" })
    } else {
        json!({ "Email": "good@example.com", "Name": "Good" })
    };
    json!({ "profile_id": "good", "new_properties": properties })
}

/// Exports the bytes together with a good line, which must be created, and gives the one
/// problem there is.
#[track_caller]
fn problem_of(connection: &str, bytes: &[u8]) -> Json {
    let served = Served::start();
    let input = [bytes, b"\n", good(connection).to_string().as_bytes()].concat();
    let report = run_with_input(&served.export_args(connection, &[]), &input).exits(1).json();
    assert_eq!((&report["exports"], &report["created"]), (&json!(2), &json!(1)), "{report}");
    assert_eq!(report["rejected"], 1, "{report}");
    report["problems"][0].clone()
}

#[rstest]
#[case::invalid_json(b"{\"profile_id\":", "invalid_json")]
#[case::no_object(b"[]", "invalid_json")]
#[case::invalid_utf8(b"{\"profile_id\":\"\xFF\",\"new_properties\":{}}", "invalid_utf8")]
#[case::unknown_key(b"{\"profile_id\":\"x\",\"new_properties\":{},\"properties\":{}}", "unknown_key")]
#[case::no_profile_id(b"{\"new_properties\":{}}", "missing_key")]
#[case::empty_profile_id(b"{\"profile_id\":\"\",\"new_properties\":{}}", "empty_profile_id")]
#[case::no_value(b"{\"profile_id\":\"x\",\"new_properties\":{\"a\":{}}}", "invalid_value")]
fn a_line_that_cannot_be_read_names_the_line(#[case] line: &[u8], #[case] code: &str) {
    let problem = problem_of(LEADS, &[b"\n", line].concat());
    assert_eq!(problem["code"], code);
    assert!(problem["message"].as_str().unwrap().starts_with("line 2: "), "{problem}");
}

#[test]
fn a_line_that_is_too_long_names_the_line() {
    let long = format!("{{\"profile_id\":\"{}\"}}", "x".repeat(17 * 1024 * 1024));
    let problem = problem_of(LEADS, long.as_bytes());
    assert_eq!(problem["code"], "line_too_long");
}

fn export(connection: &str, properties: Json) -> Json {
    let line = json!({ "profile_id": "bad", "new_properties": properties });
    problem_of(connection, line.to_string().as_bytes())
}

#[rstest]
#[case::missing_key(LEADS, json!({ "firstName": "Ada" }), "missing_key", "email")]
#[case::empty_key(LEADS, json!({ "email": "" }), "missing_key", "email")]
#[case::blank_key(LEADS, json!({ "email": "  " }), "missing_key", "email")]
#[case::null_key(LEADS, json!({ "email": null }), "missing_key", "email")]
#[case::bad_email(LEADS, json!({ "email": "ada" }), "invalid_value", "Email Address")]
#[case::not_a_number(LEADS, json!({ "email": "a@example.com", "leadScore": "high" }), "invalid_value", "Lead Score")]
#[case::unknown_field(LEADS, json!({ "email": "a@example.com", "shoeSize": 44 }), "unknown_field", "shoeSize")]
#[case::missing_key_of_a_person(PERSONS, json!({ "Name": "Ada" }), "missing_key", "email")]
#[case::unknown_field_of_a_person(PERSONS, json!({ "Name": "Ada", "Email": "a@example.com", "shoe": 44 }), "unknown_field", "shoe")]
fn a_profile_that_is_wrong_names_profile_and_field(
    #[case] connection: &str,
    #[case] properties: Json,
    #[case] code: &str,
    #[case] field: &str,
) {
    let problem = export(connection, properties);
    assert_eq!(problem["profile_id"], "bad");
    assert_eq!((&problem["code"], &problem["field"]), (&json!(code), &json!(field)), "{problem}");
}

#[test]
fn a_list_name_that_is_too_long_names_the_list() {
    let name = "x".repeat(300);
    let line = json!({
        "profile_id": "bad", "new_properties": { "email": "a@example.com" }, "new_groups": [name]
    });
    let problem = problem_of(LEADS, line.to_string().as_bytes());
    assert_eq!(problem["profile_id"], "bad");
    assert_eq!(problem["field"], name, "{problem}");
}

#[test]
fn a_key_that_several_records_hold_is_an_outcome_that_says_so() {
    // Two persons are created under one email by the word of a host that knows no better.
    let served = Served::start();
    let twin = |id: &str, is_new: bool| {
        let properties = json!({ "Email": "twin@example.com", "Name": "Twin" });
        json!({ "profile_id": id, "new_properties": properties, "is_new": is_new })
    };
    served.export(PERSONS, &[], &[twin("a", true)]).exits(0);
    served.export(PERSONS, &[], &[twin("b", true)]).exits(0);
    let lines = [twin("c", false), good(PERSONS)];
    let report = served.export(PERSONS, &[], &lines).exits(1).json();
    assert_eq!((&report["created"], &report["rejected"]), (&json!(1), &json!(1)), "{report}");
    let problem = &report["problems"][0];
    assert_eq!(
        (&problem["profile_id"], &problem["code"]),
        (&json!("c"), &json!("ambiguous_key")),
        "{problem}"
    );
}
